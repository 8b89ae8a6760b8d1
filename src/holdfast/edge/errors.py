"""Errors of the front doors.

DoorError
├── RegisterMissing    the register is not there; nobody may guess who serves whom (rule 17)
└── StepFailed         a step of the hand-back did not hold; it is undone
"""


class DoorError(Exception):
    """A front door cannot do what was asked."""


class RegisterMissing(DoorError):
    """The register of who serves whom is absent or broken; restore it, or make it anew by its runbook."""


class StepFailed(DoorError):
    """A step of the hand-back did not hold; the text says which and why."""
