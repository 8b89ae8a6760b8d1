"""`make bench-charges`: a review of charges for many customers after an outage, beside a second, slower recomputation.

On a real PostgreSQL: a made-up town (tests/bank/tried_town.py) with what its customers tried to pay in an outage, late
charges, interest and fees of a month that is closed. The review is computed and given by the worker's own steps, in
processes of which one is killed with -9 midway. Then everything is run again, which must give nothing, and once more to a
later day behind another closed month, which must give the difference alone. What each customer got is compared with
tests/bank/slow_charges.py, which shares no code with the product.
"""

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "src"), str(HERE.parents[1] / "tests" / "bank")]

from table import Figure, keep, say

from bank import analyze, bench_bank

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
JUNE_LAST, JULY_LAST = date(2025, 6, 30), date(2025, 7, 31)
SINCE = datetime(2025, 6, 10, 9, tzinfo=UTC)
WITHOUT = (SINCE, SINCE + timedelta(hours=5))
HOURS = {"hours": 5, "first": date(2025, 6, 10), "last": date(2025, 6, 10)}
BYTES_A_CUSTOMER = 60_000
REVIEW_S_MAX = 90
TRIES_MAX = 100
ASK_S = 0.05
WAIT_S = 600


def work() -> int:
    """What the worker does with a review, step after step with its rests, until nothing is left."""
    import django

    django.setup()
    from django.db import DatabaseError, close_old_connections

    from holdfast.bank.books import rows
    from holdfast.bank.redress.computing import go_on
    from holdfast.bank.worker.loop import rest_s

    rows.refresh(at_once=True)
    worked_s, tries = 0.0, 0
    while tries < TRIES_MAX:
        began, used, steps = time.monotonic(), time.process_time(), 1
        try:
            steps = go_on()
        except DatabaseError:  # as the worker has it: a step that the database did not end in time is tried again
            tries += 1
            close_old_connections()
        worked_s += time.process_time() - used
        if not steps:
            say(f"this process worked for {worked_s:.1f} s, {tries} steps were tried again")
            return 0
        time.sleep(rest_s(time.monotonic() - began))
    return 1


def close(last: date) -> None:
    """The bank ends a month."""
    from django.utils import timezone

    from holdfast.bank.charges.models import DayEnd
    from holdfast.bank.charges.running import end_of_day

    if not DayEnd.objects.exists():
        DayEnd.objects.create(day=last - timedelta(days=1), state="done", began=timezone.now())
    if end_of_day(last, say):
        raise RuntimeError(f"{last} did not end")


def review(until: date, *, kill: bool) -> tuple[dict[tuple[int, str], int], float, int, float]:
    """A review computed, decided and given: what each customer got by kind, in how many seconds, how many kills, and the
    processor time of the worker's processes."""
    from holdfast.bank.redress.deciding import Wanted, begin, decide
    from holdfast.bank.redress.models import Given, Review

    made = begin(Wanted("bench", SINCE, None, until, WITHOUT, None, "the bench", "one"))
    if not isinstance(made, Review):
        raise RuntimeError(made)
    began, kills, used_s = time.monotonic(), 0, _children_s()
    for state, after in (("ready", "computing"), ("given", "giving")):
        if kill:
            kills += _killed(made.number, after)
        subprocess.run([sys.executable, str(HERE), "--work"], check=True, timeout=WAIT_S)
        made.refresh_from_db()
        if made.state != state:
            raise RuntimeError(f"the review is {made.state}, not {state}")
        say(f"{state} after {time.monotonic() - began:.1f} s: {made.figures}")
        if state == "ready":
            words = decide(made.number, made.figures, "one", "two")
            if words:
                raise RuntimeError(words)
    took, used_s = time.monotonic() - began, _children_s() - used_s
    out: dict[tuple[int, str], int] = {}
    for customer, kind, minor, ended in Given.objects.filter(review=made).values_list(
        "customer", "kind", "amount_minor", "ended"
    ):
        if ended != "booked":
            raise RuntimeError(f"something for customer {customer} ended as {ended!r}")
        out[customer, kind] = out.get((customer, kind), 0) + minor
    return out, took, kills, used_s


def _children_s() -> float:
    """Processor time of child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _killed(number: int, state: str) -> int:
    """A process that works on it is killed once it has got somewhere; 1 when it was."""
    from holdfast.bank.redress.models import Given, Review

    child = subprocess.Popen([sys.executable, str(HERE), "--work"])
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and child.poll() is None:
        some = Given.objects.filter(review=number)
        midway = some.exclude(ended="").exists() if state == "giving" else some.exists()
        if midway and Review.objects.filter(number=number, state=state).exists():
            break
        time.sleep(ASK_S)
    alive = child.poll() is None
    if alive:
        os.kill(child.pid, signal.SIGKILL)
    child.wait(WAIT_S)
    return int(alive)


def money(customers: list[int]) -> int:
    """What all refunds in the books come to, in minor units."""
    from holdfast.bank.books import reader
    from holdfast.bank.exchange.facts import bank_facts

    account = bank_facts.own("compensation")
    return -reader().accounts([account])[account].balance_minor if customers else 0


def measure(customers: int, seed: int) -> list[Figure]:
    """All of it for one town."""
    import slow_charges
    import tried_town

    from holdfast.bank import commands
    from holdfast.bank.books import reader, rows
    from holdfast.bank.filling.fill import open_bank

    commands.migrate()
    open_bank("Bench", "NOK", date.today())
    rows.refresh(at_once=True)
    town = tried_town.make(random.Random(seed), customers, 10_000_000)
    say(f"{len(town.owner)} accounts, {len(town.entries)} entries, {len(town.tries)} tries, seed {seed}")
    tried_town.put_into_books(town, lambda customer: (customer or 0) % 256)
    analyze()
    everybody = sorted(set(town.owner.values()))
    close(JUNE_LAST)
    first, took, kills, used_s = review(JUNE_LAST, kill=True)
    paid = money(everybody)
    again, again_s, *_ = review(JUNE_LAST, kill=False)
    twice = len(again)
    say("the second computing of all of it, day by day")
    began = time.monotonic()
    expected = slow_charges.all_of(town, JUNE_LAST, [JUNE], **HOURS)
    slow_s = time.monotonic() - began
    equal = _equal(everybody, first, expected)
    close(JULY_LAST)
    more, later_s, *_ = review(JULY_LAST, kill=False)
    later = slow_charges.all_of(town, JULY_LAST, [JUNE, JULY], closed=[JUNE], **HOURS)
    wanted = {key: max(expected.get(key, 0), later.get(key, 0)) for key in expected | later}
    both = {key: first.get(key, 0) + more.get(key, 0) for key in first | more}
    if paid != sum(first.values()) or money(everybody) != sum(both.values()) or reader().prove():
        raise RuntimeError("the books do not hold what was given")
    return [
        Figure("customers", customers, ""),
        Figure("payments that were tried and refused", len(town.tries), ""),
        Figure("of them given something", len({customer for customer, _ in first}), ""),
        Figure("of them for interest and fees", sum(kind == "charges" for _, kind in first), ""),
        Figure("of them for a late charge", sum(kind == "late_order" for _, kind in first), ""),
        Figure("equal to the minor unit", equal, "customers", f">= {customers}"),
        Figure("refunded when run twice", twice, "customers", "<= 0"),
        Figure("equal after a review to a later day", _equal(everybody, both, wanted), "customers", f">= {customers}"),
        Figure("computed, decided and given, with kills", took, "s", f"<= {REVIEW_S_MAX}"),
        Figure("processor time of the worker's processes", used_s, "s"),
        Figure("processes killed midway", kills, ""),
        Figure("run again", again_s, "s"),
        Figure("to a later day", later_s, "s"),
        Figure("the slower recomputation", slow_s, "s"),
    ]


def _equal(customers: list[int], found: dict[tuple[int, str], int], expected: dict[tuple[int, str], int]) -> int:
    """How many customers got what was expected, kind by kind."""
    wrong = {key[0] for key in found.keys() | expected.keys() if found.get(key, 0) != expected.get(key, 0)}
    for customer in sorted(wrong)[:5]:
        say(f"customer {customer}: {[(k, v) for k, v in found.items() if k[0] == customer]} "
            f"expected {[(k, v) for k, v in expected.items() if k[0] == customer]}")  # fmt: skip
    return len(set(customers) - wrong)


def main() -> int:
    """Measure at one size and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_261_123)
    parser.add_argument("--port", type=int, default=23_920)
    parser.add_argument("--work", action="store_true", help="be a worker in a bank that stands")
    chosen = parser.parse_args()
    if chosen.work:
        return work()
    with bench_bank(chosen.customers * BYTES_A_CUSTOMER, chosen.port):
        figures = measure(chosen.customers, chosen.seed)
    return keep("charges", figures)


if __name__ == "__main__":
    sys.exit(main())
