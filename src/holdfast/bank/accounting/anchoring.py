"""Anchors: the end of the books, signed, given to the spare bank, which keeps it apart from its copy of the books."""

import time
from collections.abc import Callable

from holdfast.bank.books import keyring, reader
from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed
from holdfast.contracts.anchors import PURPOSE, Anchor

KEEP_S_MAX = 3.0
EVERY_S = 3600.0


def make_anchor() -> Anchor:
    """The books' end now, signed in the bank's name."""
    head = reader().head()
    made = Anchor(head.block, head.hash, head.at_us, "")
    return Anchor(head.block, head.hash, head.at_us, keyring().sign(PURPOSE, made.said()))


def anchor_outside() -> tuple[Anchor, str]:
    """Make one and give it to the spare bank; it, and in words what the spare bank said to it."""
    made = make_anchor()
    try:
        answer = call("standin", "POST", "/-/anchors", {"token": made.token}, timeout_s=KEEP_S_MAX)
    except CallFailed as error:
        return made, f"the spare bank did not keep it: {error}"
    copy = {"same": "and its copy has the same hash", "behind": "its copy has not come to that block yet"}
    return made, f"the spare bank keeps it, {copy.get(str(answer.get('copy')), 'BUT ITS COPY HAS ANOTHER HASH')}"


class KeptAnchors:
    """The worker's: an anchor at the spare bank each hour, tried again each minute while it is away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept_at = float("-inf")

    def keep(self) -> str:
        """What the spare bank's copy says to it, "" when none is due; raises CallFailed."""
        if self._clock() - self._kept_at < EVERY_S:
            return ""
        made = make_anchor()
        copy = str(call("standin", "POST", "/-/anchors", {"token": made.token}, timeout_s=KEEP_S_MAX).get("copy"))
        if copy == "other":
            raise CallFailed(f"the spare bank's copy has another hash of block {made.block} than the books")
        self._kept_at = self._clock()
        return copy


keep_anchor = KeptAnchors().keep
