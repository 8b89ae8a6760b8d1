"""The worker: first the register's rows, then jobs in small batches, again and again.

After a start, and after every pause of this process, the rows are read before anything is booked (protocol.md,
rule 8). Each job is bounded, safe to run twice, and failing leaves the others alone.
"""

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import DatabaseError, close_old_connections

from holdfast.bank.accounting.anchoring import keep_anchor
from holdfast.bank.accounts.asking import open_what_was_left
from holdfast.bank.books import rows
from holdfast.bank.calls import call
from holdfast.bank.cards.holding import free_expired
from holdfast.bank.cards.telling import settle_card_uses
from holdfast.bank.charges.running import collect
from holdfast.bank.charges.running import go_on as end_of_day
from holdfast.bank.errors import BankError, CallFailed
from holdfast.bank.exchange.facts import number_facts
from holdfast.bank.exchange.replay import replay_ahead
from holdfast.bank.files.carrying import carry_out
from holdfast.bank.hardship.keeping import keep_help
from holdfast.bank.hardship.paying_back import settle_open, take_back_due
from holdfast.bank.joining.resetting import mail_codes
from holdfast.bank.journeys.opening import forget_sessions, open_test_customers
from holdfast.bank.leaving.by_staff import carry_on_all
from holdfast.bank.leaving.closing import close_what_was_left
from holdfast.bank.orders.cancelling import settle_plans
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import retry_orders, run_orders
from holdfast.bank.orders.planning import plan_runs
from holdfast.bank.orders.plans import unfold_plans
from holdfast.bank.payments.pay import turn_day
from holdfast.bank.payments.undo import carry_out_held, settle_held
from holdfast.bank.privacy.retention import keep_to_the_table
from holdfast.bank.redress.computing import go_on as go_on_with_review
from holdfast.bank.worker.measuring import JOB_FAILURES, JOB_SECONDS
from holdfast.bank.worker.refusals import sweep_intents, tell_refusals
from holdfast.contracts.epochs import row_from_list
from holdfast.ledger.api import LedgerError
from holdfast.telemetry import get_log, traces

STEP_S = 0.25
REST_SHARE = 0.25
"""A round that had much to do is followed by a rest of this share of its time, so that pages have the machine too."""
ROWS_S = 1.0
PAUSE_S = 2.0


def learn_rows() -> int:
    """Read the register's rows at a door and store what is news; how many were. Raises CallFailed."""
    answer = call("door", "GET", "/-/rows")
    return rows.learn([row_from_list(raw) for raw in answer.get("rows", [])])


JOBS: tuple[tuple[str, Callable[[], object], float], ...] = (
    ("run orders", run_orders, STEP_S),
    ("turn the day", turn_day, 5.0),
    ("plan the coming days' orders", plan_runs, 30.0),
    ("make orders of customers' plans", unfold_plans, 30.0),
    ("go on with cancelling", settle_plans, 1.0),
    ("carry out files", carry_out, STEP_S),
    ("pay what was held back", carry_out_held, STEP_S),
    ("go on with undoing", settle_held, 1.0),
    ("number facts", number_facts, 1.0),
    ("tell refusals", tell_refusals, 1.0),
    ("charge late orders", charge_late_orders, 1.0),
    ("end the day", end_of_day, 1.0),
    ("collect instalments", collect, 10.0),
    ("go on with a review of charges", go_on_with_review, STEP_S),
    ("second attempts", retry_orders, 1.0),
    ("sweep intents", sweep_intents, 2.0),
    ("enter the journal ahead", replay_ahead, 1.0),
    ("settle card uses", settle_card_uses, 2.0),
    ("keep the file of help", keep_help, 5.0),
    ("settle emergency money", settle_open, 5.0),
    ("take emergency money back", take_back_due, 30.0),
    ("free what was held too long", free_expired, 1.0),
    ("mail codes for new passwords", mail_codes, 1.0),
    ("open agreed accounts", open_what_was_left, 5.0),
    ("go on with closing accounts", close_what_was_left, 5.0),
    ("go on with what staff close", carry_on_all, 5.0),
    ("open the test customers", open_test_customers, 5.0),
    ("forget the test customers' sessions", forget_sessions, 3600.0),
    ("anchor the books", keep_anchor, 60.0),
    ("keep to the table of retention", keep_to_the_table, 3600.0),
)
"""Name, job, and the least seconds between two starts of it."""


def rest_s(took_s: float) -> float:
    """How long to rest behind a round that took so long: STEP_S, and less behind one that had much to do, since there
    is more. Pure."""
    return STEP_S if took_s < STEP_S else min(STEP_S, took_s * REST_SHARE)


class Worker:
    """Runs the jobs; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stop = threading.Event()
        self._rows_at = float("-inf")
        self._seen_at = clock()
        self._told: dict[str, str] = {}
        self._ran_at: dict[str, float] = {}
        self._failing: set[str] = set()

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """End after the running job."""
        self._stop.set()

    def run(self) -> None:
        """Until stopped."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self._stop.is_set():
            began = self._clock()
            self.step()
            self._stop.wait(rest_s(self._clock() - began))

    def step(self) -> bool:
        """One round; False when the rows could not be read after a start or a pause, so that nothing was booked."""
        self._look_for_pause()
        unread = self._rows_at == float("-inf")
        if self._clock() - self._rows_at > ROWS_S and not self._attempt("learn rows", self._learn) and unread:
            close_old_connections()
            return False
        for name, job, gap_s in JOBS:
            if self._stop.is_set() or self._look_for_pause():
                break
            if self._clock() - self._ran_at.get(name, float("-inf")) >= gap_s:
                self._ran_at[name] = self._clock()
                self._attempt(name, job)
        close_old_connections()
        return True

    def _look_for_pause(self) -> bool:
        """Whether so long passed since the last look that the rows must be read anew before more is booked."""
        now = self._clock()
        paused = now - self._seen_at > PAUSE_S
        self._seen_at = now
        if paused:
            self._rows_at = float("-inf")
        return paused

    def _learn(self) -> None:
        started = self._clock()
        learn_rows()
        rows.refresh(at_once=True)
        self._rows_at = started

    def _attempt(self, name: str, job: Callable[[], object]) -> bool:
        began = time.monotonic()
        with traces.Part("worker: a job", traces.new_trace(), drawn=False) as span:
            span.about["job"] = name
            done = self._tried(name, job)
            span.failed = not done and name not in self._failing  # the first of several failures tells what they are
        (self._failing.discard if done else self._failing.add)(name)
        JOB_SECONDS.labels(name).inc(time.monotonic() - began)
        if not done:
            JOB_FAILURES.labels(name).inc()
        return done

    def _tried(self, name: str, job: Callable[[], object]) -> bool:
        try:
            job()
        except (BankError, LedgerError, DatabaseError, CallFailed) as error:
            if self._told.get(name) != str(error):
                get_log().warning("a job failed and will be tried again", job=name, words=str(error)[:300])
            self._told[name] = str(error)
            return False
        except Exception:
            get_log().exception("a job broke", job=name)
            return False
        if self._told.pop(name, None) is not None:
            get_log().info("a job works again", job=name)
        return True
