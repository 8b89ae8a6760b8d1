"""Errors of what crosses a border.

ContractError
├── BadMessage      what came over the wire has not the agreed form
├── BadToken        a signed token is not whole, not known or of another purpose
└── BadFile         a file from outside is not what it says it is
"""


class ContractError(Exception):
    """Something that crossed a border between buildings is not as agreed."""


class BadMessage(ContractError):
    """The message has not the agreed form; nothing was changed. The text names the field."""


class BadToken(ContractError):
    """The signature, purpose or age of a signed token does not hold; treat it as absent."""


class BadFile(ContractError):
    """The file is not valid; nothing of it was taken. The text, in English, names the place in it.

    kind and places: the same for whoever says it in another language; kind is "" where no customer reads it.
    """

    def __init__(self, words: str, kind: str = "", **places: object) -> None:
        super().__init__(words)
        self.kind = kind
        self.places = places
