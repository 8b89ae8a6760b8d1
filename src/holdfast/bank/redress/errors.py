"""What goes wrong in reviews, rules and claims.

RedressError
├── BadRules
└── BadProof
"""

from holdfast.bank.errors import BankError


class RedressError(BankError):
    """The root of what goes wrong here."""


class BadRules(RedressError):
    """A file of rules of compensation cannot be meant; the text names the file and the place."""


class BadProof(RedressError):
    """A file that is to prove a claim is not taken; kind is the end of a key of the texts claims.bad_…"""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
