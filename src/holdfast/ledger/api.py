"""The only door to the books. See README.md of this package and docs/explanation/books.md."""

from holdfast.ledger.accounting import BankDay, ChartLine, Closing, Total, TrialBalance
from holdfast.ledger.errors import BadTransfer, BooksBusy, LedgerError, NotClosed, OutcomeUnknown, WordsClosed
from holdfast.ledger.history import Line, Mark, Period
from holdfast.ledger.notes import Notes
from holdfast.ledger.posting import Books, Post, Posted, Result
from holdfast.ledger.reading import AccountState, Booked, Head, Reader, Recorded, RefusalLine
from holdfast.ledger.resealing import seal_notes_anew
from holdfast.ledger.schema import install

__all__ = [
    "AccountState",
    "BadTransfer",
    "BankDay",
    "Booked",
    "Books",
    "BooksBusy",
    "ChartLine",
    "Closing",
    "Head",
    "LedgerError",
    "Line",
    "Mark",
    "NotClosed",
    "Notes",
    "OutcomeUnknown",
    "Period",
    "Post",
    "Posted",
    "Reader",
    "Recorded",
    "RefusalLine",
    "Result",
    "Total",
    "TrialBalance",
    "WordsClosed",
    "install",
    "seal_notes_anew",
]
