"""The only door to the books. See README.md of this package and docs/explanation/books.md."""

from holdfast.ledger.accounting import BankDay, ChartLine, Closing, Total, TrialBalance
from holdfast.ledger.attempts import AccountEntry, RefusedPayment, Standing
from holdfast.ledger.describing import Carrier, Description, Place
from holdfast.ledger.errors import BadTransfer, BooksBusy, LedgerError, NotClosed, OutcomeUnknown, WordsClosed
from holdfast.ledger.histories import DayMovements, Histories
from holdfast.ledger.history import Line, Mark, Period, Sums
from holdfast.ledger.holding import Hold
from holdfast.ledger.limits import Limits, limits_from
from holdfast.ledger.notes import Notes
from holdfast.ledger.posting import Books
from holdfast.ledger.posts import Action, Post, Posted, Result
from holdfast.ledger.reading import AccountState, Booked, Head, Reader, Recorded, RefusalLine
from holdfast.ledger.resealing import seal_notes_anew
from holdfast.ledger.schema import finish, install

__all__ = [
    "AccountEntry",
    "AccountState",
    "Action",
    "BadTransfer",
    "BankDay",
    "Booked",
    "Books",
    "BooksBusy",
    "Carrier",
    "ChartLine",
    "Closing",
    "DayMovements",
    "Description",
    "Head",
    "Histories",
    "Hold",
    "LedgerError",
    "Limits",
    "Line",
    "Mark",
    "NotClosed",
    "Notes",
    "OutcomeUnknown",
    "Period",
    "Place",
    "Post",
    "Posted",
    "Reader",
    "Recorded",
    "RefusalLine",
    "RefusedPayment",
    "Result",
    "Standing",
    "Sums",
    "Total",
    "TrialBalance",
    "WordsClosed",
    "finish",
    "install",
    "limits_from",
    "seal_notes_anew",
]
