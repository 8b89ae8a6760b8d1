"""Errors of a foreign core's feeder.

ForeignError
├── CoreBroken      the feeder's own store is not as it was written; move it away, it is made anew from the files
└── JournalBroken   the spare bank's journal has a hole or a wrong hash; nothing beyond it is handed back
"""


class ForeignError(Exception):
    """The feeder could not go on; the text says what to do."""


class CoreBroken(ForeignError):
    """The feeder's store cannot be used. Move it away: it is made anew, and the spare bank's copy with it."""


class JournalBroken(ForeignError):
    """The spare bank's journal is not whole. Nothing beyond the last good entry was handed back."""
