"""`HOLDFAST_DATA=… python -m holdfast.recover`: puts away what is written; takes and drills backups when due.

Started by the supervisor once a place for backups is named.
"""

import signal
import sys
import threading
import time

from holdfast.recover.errors import RecoverFault
from holdfast.recover.plan import read_plan
from holdfast.recover.schedule import Schedule
from holdfast.recover.shipping import Shipper
from holdfast.settings import load
from holdfast.telemetry import configure_logs, get_log

LOOK_S = 1.0


def main() -> int:
    """Until SIGTERM or SIGINT."""
    configure_logs("backups")
    home, ended = load(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    shipper = Shipper(home)
    schedule = Schedule(home, lambda: shipper.trouble)
    shipped, said = float("-inf"), ""
    try:
        while not ended.wait(LOOK_S):
            try:
                shipper.look()
                if time.monotonic() - shipped >= read_plan(home).ship_s:
                    shipped = time.monotonic()
                    shipper.ship()
                schedule.look()
                words = "; ".join(shipper.trouble.values())
            except (RecoverFault, OSError) as fault:
                words = str(fault)
            if words != said:
                get_log().warning("backups", why=words or "all is put away again")
                said = words
    finally:
        shipper.stop()
        schedule.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
