"""Errors of backups; each text is one sentence with what to do.

RecoverFault (a RuntimeFault, so the command says it)
├── PlaceFault      a place for backups cannot be read or written, or has no room
├── KeyFault        the keys of the backups are gone, wrong, or cannot be read
├── Damaged         what a place keeps is not what was put there, or a part of it is missing
├── LogEnds         the log that was put away ends before the moment that is wanted
└── Refused         it would destroy something, or two would work at once; nothing was changed
"""

from holdfast.runtime.errors import RuntimeFault


class RecoverFault(RuntimeFault):
    """A backup, a proof of it or a restore cannot go on; the text says why and what to do."""


class PlaceFault(RecoverFault):
    """A place for backups cannot be used."""


class KeyFault(RecoverFault):
    """The keys of the backups cannot be used."""


class Damaged(RecoverFault):
    """What a place keeps is not what was put there."""


class LogEnds(RecoverFault):
    """The log that was put away ends before the moment that is wanted."""


class Refused(RecoverFault):
    """It is not done, and nothing was changed."""
