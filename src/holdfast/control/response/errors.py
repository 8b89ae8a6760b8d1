"""What can be wrong in this room.

ControlError
└── BadRunbook      a runbook's file cannot be used; mend it, ours of that name stands meanwhile
"""

from holdfast.control.errors import ControlError


class BadRunbook(ControlError):
    """A runbook's file cannot be used; the words say which line and why."""
