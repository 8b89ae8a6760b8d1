"""Why something at the support desk is not done.

NotTaken
"""

from holdfast.contracts.support import Refused


class NotTaken(Exception):
    """It was not taken, and nothing was changed; `why` says the reason by its name."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why.value)
        self.why = why
