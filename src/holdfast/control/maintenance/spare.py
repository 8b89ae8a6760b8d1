"""The spare bank serves during maintenance: the doors are ordered to switch once it has begun."""

from datetime import datetime

from holdfast.control.approvals.deeds import ORDER_TIMEOUT_S
from holdfast.control.maintenance.models import Maintenance
from holdfast.control.place import switchboard
from holdfast.control.staff import log

ORDERS = ("standin_on", "reads_follow")


def switch(one: Maintenance, now: datetime) -> None:
    """Order the doors to serve everybody from the spare bank; how they answered is written down. Tried again by its
    caller while no door took it and the maintenance lasts."""
    why = f"maintenance {one.number}, approved by {one.approved_by}"
    about = {"maintenance": one.number, "what": list(ORDERS)}
    log.write("control room", "machine", "maintenance switch", about)
    words, taken = "", False
    for what in ORDERS:
        said = {"what": what, "cohorts": None, "why": why, "by": one.made_by, "approved_by": one.approved_by}
        reply = switchboard().order("doors", "/-/orders", said, ORDER_TIMEOUT_S)
        taken = reply.well
        words = f"the doors took order {reply.body.get('order', '–')}" if taken else f"no door took it: {reply.words}"
        if not taken:
            break
    log.write("control room", "machine", "maintenance switch ended", {**about, "words": words})
    one.spare_words, one.spare_at = words[:300], now if taken else None
    one.save(update_fields=["spare_words", "spare_at"])
