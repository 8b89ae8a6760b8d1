"""`make bench-tell`: messages a second to a mail server on this machine, through kills, and a hundred thousand told.

The control room's own programs (`watch`, `tell`) and PostgreSQL are real processes; mail servers
(benchmarks/mail_sink.py) are processes of their own that note each mail in a file; bank, spare bank and doors answer from tests/control/fakes.py.
What the door took is public: its instant is compared with the incident's.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), *(str(ROOT / one) for one in ("src", "tests/control", "tests/plugins"))]

from table import Figure, keep, say, share

PLAIN, KILLED = 12_000, 6_000
AFFECTED, NEEDS_ONE_IN, UNTOUCHED_ONE_IN = 100_000, 50, 5
COHORTS, TOUCHED = 256, 200
DEADLINE_S = 420.0
ROOMS = ("tell", "care", "incidents", "watch", "alerts", "response", "approvals", "journeys")
RATE, FIRST_S, NEEDS_S, MOST_S = 400, 10, 120, 300


class Sink:
    """A mail server in a process of its own; `mails` reads what it took."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        self._note, self._port = folder / f"{name}.mails", port
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Listen; what it noted before stays."""
        argv = [sys.executable, str(ROOT / "benchmarks" / "mail_sink.py"), str(self._port), str(self._note)]
        self._child = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert self._child.stdout is not None
        self._child.stdout.readline()

    def kill(self) -> None:
        """As a power cut."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            assert self._child.stdout is not None
            self._child.stdout.close()
            self._child = None

    def mails(self) -> list[tuple[float, str, str, bool]]:
        """(unix instant, recipient, Message-ID, marked as perhaps sent before) of each."""
        if not self._note.exists():
            return []
        rows = (line.split("\t") for line in self._note.read_text().splitlines())
        return [(float(at), to, number, marked == "1") for at, to, number, marked in rows]

    def forget(self) -> None:
        """Begin a new list."""
        self._note.write_text("")


class Teller:
    """`python -m holdfast.control tell` (or watch) as a process."""

    def __init__(self, command: str = "tell") -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin."""
        environment = {**os.environ, "PYTHONPATH": "src"}
        argv = [sys.executable, "-m", "holdfast.control", self._command]
        self._child = subprocess.Popen(argv, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it; SIGKILL as a crash."""
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(15)
            self._child = None


def prepare(folder: Path, ports: tuple[int, int, int]) -> Any:
    """An installation with two mail servers, Django set up and its tables made; what keeps the database is not held."""
    from inside import make_keys

    from holdfast.settings import Installation, write

    base, first, second = ports
    home = replace(
        Installation(data=folder, port_base=base),
        mail_server=f"127.0.0.1:{first}",
        second_mail_server=f"127.0.0.1:{second}",
    )
    write(home)
    make_keys(home.keys, "door", "primary", "standin", "control", "runtime", "clearing", "network")
    os.environ["HOLDFAST_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "holdfast.control.django_settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    return home


def customers(count: int, needs: int, first_cohorts: int, start: int = 1) -> None:
    """Made-up customers in the directory; the last `needs` of them have needs, so that order is seen."""
    from holdfast.control.care.models import Customer

    rows = [
        Customer(
            id=n,
            name=f"Customer {n}",
            email=f"c{n}@mail.example",
            language="nb" if n % 2 else "en",
            cohort=n % first_cohorts,
            needs=["hearing"] if n >= start + count - needs else [],
            needs_first=n >= start + count - needs,
        )
        for n in range(start, start + count)
    ]
    Customer.objects.bulk_create(rows, batch_size=2000)


def notice_to(count: int) -> Any:
    """A composed notice to so many made-up customers, all written down and none sent."""
    from django.utils import timezone

    from holdfast.control.tell import mailing, notices
    from holdfast.control.tell.models import Notice

    text = notices.template("opened", "en", "body").replace("{refund}", "")
    for name in ("began", "can", "cannot", "money", "next", "bank", "incident", "zone"):
        text = text.replace("{" + name + "}", "x" * 40)
    words = {one: {"subject": f"Test of speed ({one})", "body": text, "mail": text} for one in ("en", "nb")}
    customers(count, 0, COHORTS)
    notice = Notice.objects.create(
        name="bench", made_at=timezone.now(), words=words, state="writing", audience={"all": True}, made_by="bench"
    )
    while mailing.write_composed(notice.pk, timezone.now()):
        pass
    return notice


def wipe() -> None:
    """Empty tables for the next part."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names() if name.partition("_")[0] in ROOMS]
        cursor.execute("TRUNCATE " + ", ".join(tables) + " RESTART IDENTITY")


def wait_for(done: Any, words: str, every_s: float = 0.2) -> None:
    """Until it is so; ends the benchmark in words when it is not."""
    deadline = time.monotonic() + DEADLINE_S
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {DEADLINE_S:.0f} s: {words}")
        time.sleep(every_s)


def delivered() -> int:
    """How many messages have the state."""
    from holdfast.control.tell.models import Message

    return Message.objects.filter(state="delivered").count()


def speed(sinks: list[Sink]) -> list[Figure]:
    """Messages a second, from the first accepted to the last."""
    notice_to(PLAIN)
    teller = Teller()
    teller.start()
    wait_for(lambda: delivered() == PLAIN, "all sent", 0.5)
    teller.end()
    mails = sinks[0].mails()
    at = sorted(one[0] for one in mails)
    rate = (len(at) - 1) / (at[-1] - at[0])
    assert len(mails) == PLAIN and not sinks[1].mails()
    return [Figure(f"messages a second, {PLAIN} to a mail server here", rate, "1/s", f">= {RATE}")]


def through_faults(sinks: list[Sink]) -> list[Figure]:
    """The sender is killed twice and the first provider once, in the middle; who got what."""
    from holdfast.control.tell.channels import CONNECTIONS
    from holdfast.control.tell.models import Message

    notice_to(KILLED)
    teller = Teller()
    teller.start()
    for share_sent in (0.2, 0.4):
        wait_for(lambda share_sent=share_sent: delivered() >= KILLED * share_sent, "some sent", 0.02)
        teller.end(signal.SIGKILL)
        teller.start()
    wait_for(lambda: delivered() >= KILLED * 0.6, "more sent", 0.02)
    sinks[0].kill()
    wait_for(lambda: delivered() == KILLED, "all sent in spite of it", 0.5)
    teller.end()
    mails = [one for sink in sinks for one in sink.mails()]
    sinks[0].start()
    times = Counter(number for _, _, number, _ in mails)
    again = {number for number, count in times.items() if count > 1}
    marked = {number for _, _, number, mark in mails if mark}
    known = dict(Message.objects.values_list("email", "message_id"))
    lost = len(known) - len({to for _, to, _, _ in mails})
    other = sum(known.get(to) != number for _, to, number, _ in mails)
    return [
        Figure("sender killed twice, first provider once: lost", lost, "messages", "<= 0"),
        Figure("  sent twice", len(again), "messages", f"<= {3 * CONNECTIONS}"),
        Figure("  sent twice and the second not marked so", len(again - marked), "messages", "<= 0"),
        Figure("  sent under another Message-ID", other, "messages", "<= 0"),
        Figure("  by the second provider", len(sinks[1].mails()), "messages"),
    ]


def outage(home: Any, sinks: list[Sink], affected: int) -> list[Figure]:
    """A bank away, 100,000 affected of 120,000: when the first word was public, and when each message was taken."""
    from fakes import Town

    from holdfast.control.care.models import Customer
    from holdfast.control.incidents.models import Incident
    from holdfast.control.tell.models import Message

    with_needs = affected // NEEDS_ONE_IN
    customers(affected, with_needs, TOUCHED)
    customers(affected // UNTOUCHED_ONE_IN, 0, 1, affected + 1)
    Customer.objects.filter(id__gt=affected).update(cohort=COHORTS - 1)
    watch, teller = Teller("watch"), Teller()
    with Town(home) as town:
        watch.start()
        teller.start()
        wait_for(lambda: len(town.bundles) > 0, "the doors hold a bundle")
        time.sleep(3)
        fault = time.time()
        town.bank.stop()
        town.modes = ["standin"] * TOUCHED + ["primary"] * (COHORTS - TOUCHED)
        town.tell("trip", f"{TOUCHED} groups to the spare bank", cohorts=list(range(TOUCHED)))
        wait_for(lambda: delivered() >= affected, "all told", 1.0)
        watch.end()
        teller.end()
        codes = sum(len(one["codes"]) // 10 for one in town.bundles[-1]["codes"])
    incident = Incident.objects.get(cause="bank")
    opened = incident.opened_at.timestamp()
    mails = sinks[0].mails() + sinks[1].mails()
    vulnerable = {f"c{n}@mail.example" for n in range(affected - with_needs + 1, affected + 1)}
    touched = {f"c{n}@mail.example" for n in range(1, affected + 1)}
    after = [at - opened for at, _, _, _ in mails]
    assert incident.banner_at is not None
    say(f"{Message.objects.count()} messages, {len(mails)} mails, the fault {opened - fault:.1f} s before the incident")
    return [
        Figure("first notice public after the incident opened", incident.banner_at.timestamp() - opened, "s",
               f"<= {FIRST_S}"),
        Figure("first message handed over", min(after), "s"),
        Figure(f"last of {with_needs} with needs handed over", max(at - opened for at, to, *_ in mails if to in vulnerable),
               "s", f"<= {NEEDS_S}"),
        Figure(f"95 % of {affected} handed over", share(after, 95), "s", f"<= {MOST_S}"),
        Figure("last handed over", max(after), "s"),
        Figure("messages a second meanwhile", len(mails) / (max(after) - min(after)), "1/s"),
        Figure("affected who got none", len(touched - {to for _, to, _, _ in mails}), "customers", "<= 0"),
        Figure("unaffected who got one", len({to for _, to, _, _ in mails} - touched), "customers", "<= 0"),
        Figure("sent twice", len(mails) - len({number for _, _, number, _ in mails}), "messages", "<= 0"),
        Figure("codes that the doors answer for at the end", codes, "codes"),
    ]  # fmt: skip


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A PostgreSQL for the control room, removed afterwards."""
    from holdfast.runtime import postgres

    with postgres.temporary("control") as url:
        os.environ["HOLDFAST_CONTROL_DATABASE_URL"] = url
        yield


def main() -> int:
    """Measure one part after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18700)
    parser.add_argument("--only", choices=("speed", "faults", "outage"))
    parser.add_argument("--affected", type=int, default=AFFECTED, help="fewer for a look at a busy machine")
    asked = parser.parse_args()
    os.chdir(ROOT)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-tell-") as name, database():
        folder = Path(name)
        home = prepare(folder, (asked.port, asked.port + 20, asked.port + 21))
        sinks = [Sink(folder, f"mail-{n}", asked.port + 20 + n) for n in (0, 1)]
        try:
            for part, words, measure in (
                ("speed", "speed", lambda: speed(sinks)),
                ("faults", "kills and a provider that dies", lambda: through_faults(sinks)),
                ("outage", f"an outage with {asked.affected} affected", lambda: outage(home, sinks, asked.affected)),
            ):
                if asked.only in (None, part):
                    say(words)
                    wipe()
                    for sink in sinks:
                        sink.forget()
                    figures += measure()
        finally:
            for sink in sinks:
                sink.kill()
    return keep("tell", figures)


if __name__ == "__main__":
    sys.exit(main())
