"""What can be wrong with rules and limits.

GuardError
├── BadLimits
└── RulesTooSlow
"""


class GuardError(Exception):
    """Something of the rules is wrong; the root of this package's errors."""


class BadLimits(GuardError):
    """These limits cannot be meant; the last good ones stay. Give whole, plausible ones, or confirm a large change."""


class RulesTooSlow(GuardError):
    """The rules took longer than they may; the payment counts as not judged."""
