"""The main bank's web is started again by plan while people read pages through real doors: nobody is refused, and nobody
is moved to the spare bank.
"""

import http.client
import threading
import time
from collections import Counter

import pytest

pytestmark = [pytest.mark.demand("K1", "S3"), pytest.mark.long]
READERS = 4
GAP_S = 0.03


class Readers:
    """People who read a page again and again, on connections of their own."""

    def __init__(self, port):
        self.port, self.seen, self.stopping = port, Counter(), False
        self._threads = [threading.Thread(target=self._read) for _ in range(READERS)]

    def _read(self):
        while not self.stopping:
            line = http.client.HTTPConnection("localhost", self.port, timeout=10)
            try:
                line.request("GET", "/help")
                answer = line.getresponse()
                answer.read()
                self.seen[answer.status, answer.headers["Holdfast-Served-By"]] += 1
            except (OSError, http.client.HTTPException) as error:
                self.seen[type(error).__name__, ""] += 1
            finally:
                line.close()
            time.sleep(GAP_S)

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        for one in self._threads:
            one.join()


def test_a_planned_restart_refuses_nobody_and_moves_nobody(bank):
    bank.to_main()
    with Readers(bank.installation.door_port) as readers:
        bank.wait_for("pages of the main bank", lambda: readers.seen[200, "primary"] >= READERS)
        said = bank.holdfast("break", "bank-web", "--how", "restart")
        behind = sum(readers.seen.values())
        bank.wait_for("pages behind the restart", lambda: sum(readers.seen.values()) >= behind + 20 * READERS)
    assert "SIGTERM" in said
    assert {status for status, _ in readers.seen} == {200}
    assert bank.away() == 0
    spare, main = readers.seen[200, "standin"], readers.seen[200, "primary"]
    assert spare <= main / 10, f"{spare} of {main + spare} pages came from the spare bank"
