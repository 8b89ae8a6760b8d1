"""What can go wrong on a journey.

JourneyFault
├── StepFailed
└── NoLogins
"""


class JourneyFault(Exception):
    """A journey did not go as it should. The text says why, in words."""


class StepFailed(JourneyFault):
    """A customer would not have got what they asked for. The text is what they would have said."""


class NoLogins(JourneyFault):
    """There are no test customers that could log in now; the text says why. Nothing is wrong with the bank by that."""
