"""Errors of the books.

LedgerError
├── BadTransfer       asked for something that can never be booked
├── BooksBusy         the queue is full; nothing was posted, try again
├── NotClosed         a day cannot be closed, or was closed already; nothing was changed
├── OutcomeUnknown    the deadline passed; look the id up, or send the same again
└── WordsClosed       the words of a transfer do not open; restore the key file that the text names
"""

import uuid


class LedgerError(Exception):
    """The books did not do what was asked."""


class BadTransfer(LedgerError):
    """The request can never be booked (type, size, currency); the text names the field. Nothing changed."""


class BooksBusy(LedgerError):
    """The queue before the books is full; nothing was posted. Send the same id again in a moment."""


class NotClosed(LedgerError):
    """The day was not closed; the text says why. Nothing was changed."""


class OutcomeUnknown(LedgerError):
    """The deadline passed before the books answered. It may yet be booked: look it up by its id."""

    def __init__(self, ident: uuid.UUID) -> None:
        super().__init__(f"the books did not answer in time about {ident}; look it up by this id")
        self.id = ident


class WordsClosed(LedgerError):
    """The words of a transfer cannot be sealed or opened. Restore the key file that the text names."""
