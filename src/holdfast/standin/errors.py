"""Errors of the spare bank.

StandinError
├── StoreBroken      the journal cannot be opened or does not hold; the process does not start
├── MoneyStopped     a write to the journal failed; nothing more is taken until a restart
├── Drifted          the copy differs from the books; no money is taken until it is made anew
├── Busy             a bounded queue is full; nothing was done, try again
├── NotFilled        the copy was never level with the bank; nothing can be judged or shown
├── CopyUnread       the copy could not be read at this moment; nothing was done
├── DoorsAway        no front door answered in time; nothing was done
└── FeedBroken       a block or fact from the bank does not hold; the copy stays where it was
"""


class StandinError(Exception):
    """The spare bank could not do what was asked."""


class StoreBroken(StandinError):
    """The journal cannot be used. Restore it, or start with the data folder it belongs to."""


class MoneyStopped(StandinError):
    """The journal could not be written, so no payment is taken. Free the disk or replace it, then restart."""


class Drifted(StandinError):
    """The copy differs from the books, so no payment is taken. Make it anew: ./holdfast standin rebuild."""


class Busy(StandinError):
    """Too many requests wait already; nothing was done. Send the same again in a moment."""


class NotFilled(StandinError):
    """The copy was never level with the bank yet, so nothing is judged or shown. Wait until it is fed."""


class CopyUnread(StandinError):
    """The copy could not be read; nothing was done. Look at the disk; if it stays, start the spare bank again."""


class DoorsAway(StandinError):
    """No front door answered in time; nothing was done. Try again later."""


class FeedBroken(StandinError):
    """What the bank sent does not hold; nothing of it was applied. The text says what."""
