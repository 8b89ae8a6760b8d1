"""Why something of a customer is not done.

Declined (control/errors.py)
└── NotTaken
"""

from holdfast.contracts.community import Refused
from holdfast.control.errors import Declined


class NotTaken(Declined):
    """It was not taken, and nothing was changed; `why` says the reason by its name."""

    why: Refused
