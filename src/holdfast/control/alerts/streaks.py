"""Which rules fire, round by round: bad for long enough begins, quiet for long enough ends. Pure.

Invariant: a rule that fires for a series began with `rounds` bad rounds in a row and goes on until `quiet_rounds`
rounds in a row were not bad. A round that says nothing of the series is quiet where its component tells others (nothing
was asked, so nothing failed); where it tells nothing it counts as neither, up to SILENT_ROUNDS_MAX, then as quiet.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from holdfast.control.alerts.rules import Rule, Seen
from holdfast.control.metrics.deriving import Name

Key = tuple[str, str, str, str]
"""Rule, component, metric, about."""
STREAKS_MAX = 5_000
SILENT_ROUNDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Streak:
    """One rule for one series: bad or quiet rounds in a row, since when it is bad, whether it fires."""

    rule: Rule
    name: Name
    bad: int = 0
    quiet: int = 0
    silent: int = 0
    since: datetime | None = None
    firing: bool = False
    words: str = ""


def key_of(rule: Rule, name: Name) -> Key:
    """What one streak is told from others by."""
    return rule.name, name.component, name.metric, name.about


def after(
    streaks: Mapping[Key, Streak], seen: Iterable[Seen], at: datetime, telling: Set[str] = frozenset()
) -> dict[Key, Streak]:
    """The streaks after one more round. telling: the components that told anything. Those that are quiet and do not
    fire are forgotten."""
    told: dict[Key, Streak] = {}
    for one in seen:
        key = key_of(one.rule, one.name)
        before = streaks.get(key) or Streak(one.rule, one.name)
        if one.bad:
            bad = before.bad + 1
            told[key] = replace(
                before,
                rule=one.rule,
                bad=bad,
                quiet=0,
                silent=0,
                since=before.since or at,
                firing=before.firing or bad >= one.rule.rounds,
                words=one.words,
            )
        else:
            told[key] = _quieter(before)
    for key, before in streaks.items():
        if key not in told:
            silent = before.silent + 1
            known = before.name.component in telling or silent > SILENT_ROUNDS_MAX
            told[key] = _quieter(before) if known else replace(before, silent=silent)
    kept = {key: one for key, one in told.items() if one.firing or one.bad}
    if len(kept) > STREAKS_MAX:
        first = sorted(kept, key=lambda key: (not kept[key].firing, -kept[key].bad, key))[:STREAKS_MAX]
        kept = {key: kept[key] for key in first}
    return kept


def _quieter(before: Streak) -> Streak:
    quiet = before.quiet + 1
    firing = before.firing and quiet < before.rule.quiet_rounds
    return replace(before, bad=0, quiet=quiet, since=before.since if firing else None, firing=firing)
