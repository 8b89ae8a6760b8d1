"""Errors of the control room.

ControlError
├── Declined        what a customer asked for by the doors is not done, for a reason that has a name
├── CallFailed      another building refused, stalled or did not answer an order; nothing more was done
└── ChainBroken     the staff log is not as it was written; keep the database and look at the number named
"""

from enum import StrEnum


class ControlError(Exception):
    """The control room could not do what was asked; the text says what to do."""


class Declined(ControlError):
    """It was not done, and nothing was changed; `why` says the reason by its name."""

    def __init__(self, why: StrEnum) -> None:
        super().__init__(why.value)
        self.why = why


class CallFailed(ControlError):
    """Another building did not take an order; nothing more was done. Try again when its card is well."""


class ChainBroken(ControlError):
    """The staff log is not as it was written. The text names the first number that does not hold."""
