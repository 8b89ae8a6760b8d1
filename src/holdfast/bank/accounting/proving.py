"""The books prove themselves all the time: what is new each minute, in steps that leave the customers' work alone."""

import threading

from holdfast.bank.books import reader
from holdfast.ledger.api import LedgerError
from holdfast.telemetry import get_log

EVERY_S = 60.0
BEHIND_S = 5.0
"""Between two steps while there is more to prove than one step takes."""
FIRST_AFTER_S = 20.0
TOLD_MAX = 20


def prove_step() -> bool:
    """One step; whether more waits. Findings go to the log, and their number into the bank's health."""
    findings, more = reader().prove_next()
    for one in findings[:TOLD_MAX]:
        get_log().error("the books do not prove", **one)
    return more and not findings


def prove_for_ever(stop: threading.Event) -> None:
    """The worker's thread for it: a slow proof holds up no other job."""
    wait_s = FIRST_AFTER_S
    while not stop.wait(wait_s):
        try:
            wait_s = BEHIND_S if prove_step() else EVERY_S
        except LedgerError as error:
            get_log().warning("the books could not be proved now", words=str(error)[:300])
            wait_s = EVERY_S
        except Exception:
            get_log().exception("proving the books broke")
            wait_s = EVERY_S
