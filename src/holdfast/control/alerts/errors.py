"""What can be wrong with a rule or a service level, in words for whoever wrote it.

ControlError
└── BadRule: a file of rules or service levels cannot be used
"""

from holdfast.control.errors import ControlError


class BadRule(ControlError):
    """The file cannot be used; the text names it, the place in it, and what is expected there."""
