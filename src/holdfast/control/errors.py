"""Errors of the control room.

ControlError
├── CallFailed      another building refused, stalled or did not answer an order; nothing more was done
└── ChainBroken     the staff log is not as it was written; keep the database and look at the number named
"""


class ControlError(Exception):
    """The control room could not do what was asked; the text says what to do."""


class CallFailed(ControlError):
    """Another building did not take an order; nothing more was done. Try again when its card is well."""


class ChainBroken(ControlError):
    """The staff log is not as it was written. The text names the first number that does not hold."""
