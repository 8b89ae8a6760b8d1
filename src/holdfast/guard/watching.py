"""Judge under watch: rules that fail or dawdle mean "not judged" and a tenth of the limits, never a failed payment."""

from collections.abc import Callable

from holdfast.contracts.answers import Reason
from holdfast.guard.errors import RulesTooSlow
from holdfast.guard.payments import Facts, Limits, judge

JUDGE_S_MAX = 0.005
TIGHT_SHARE = 10
"""What was not judged may be at most a tenth of the limit for one payment."""

Guard = Callable[[Facts, Limits], Reason]


def tight(facts: Facts, limits: Limits, otherwise: Reason) -> Reason:
    """What stands in for a judgement that failed: small amounts pass, blocked payees do not; otherwise `otherwise`."""
    small = facts.amount_minor * TIGHT_SHARE <= limits.per_payment_minor
    return Reason.OK if small and not facts.payee_blocked and not facts.same_account else otherwise


class Watched:
    """The rules, with what they failed at. timer: seconds of this thread's own work (`time.thread_time`), so that
    being pushed aside by other threads does not count as being slow.
    """

    def __init__(self, timer: Callable[[], float], rules: Guard = judge) -> None:
        self._timer = timer
        self._rules = rules
        self.not_judged = 0
        self.trouble = ""

    def __call__(self, facts: Facts, limits: Limits) -> Reason:
        """The judgement; whatever the rules raise, or RulesTooSlow, counted and kept in words."""
        try:
            return self._timed(facts, limits)
        except Exception as error:
            self.not_judged += 1
            self.trouble = f"a payment was not judged: {type(error).__name__}: {error}"[:200]
            raise

    def _timed(self, facts: Facts, limits: Limits) -> Reason:
        began = self._timer()
        reason = self._rules(facts, limits)
        if self._timer() - began > JUDGE_S_MAX:
            raise RulesTooSlow(f"the rules took longer than {JUDGE_S_MAX * 1000:g} ms")
        return reason

    def judge(self, facts: Facts, limits: Limits, otherwise: Reason) -> Reason:
        """The judgement, or the tighter limits in its place; raises nothing."""
        try:
            return self(facts, limits)
        except Exception:
            return tight(facts, limits, otherwise)
