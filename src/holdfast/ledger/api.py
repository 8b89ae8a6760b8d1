"""The only door to the books. See README.md of this package and docs/explanation/books.md."""

from holdfast.ledger.errors import BadTransfer, BooksBusy, LedgerError, OutcomeUnknown
from holdfast.ledger.posting import Books, Post, Posted, Result
from holdfast.ledger.reading import AccountState, Booked, Head, Line, Reader, Recorded, RefusalLine
from holdfast.ledger.schema import install

__all__ = [
    "AccountState",
    "BadTransfer",
    "Booked",
    "Books",
    "BooksBusy",
    "Head",
    "LedgerError",
    "Line",
    "OutcomeUnknown",
    "Post",
    "Posted",
    "Reader",
    "Recorded",
    "RefusalLine",
    "Result",
    "install",
]
