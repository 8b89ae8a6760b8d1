"""One customer's request: to the bank that serves, and on to the other when that one fails. Pure (see procedures).

A read goes on at the other bank at once; what changes something only after the row was written anew (rule 1), so
that no two banks take writes under one epoch. Nothing final is told that rules 4 to 6 and 18 do not allow: a
refusal of a bank's own only after a claim on its id, an older id to the spare bank (and, while a journal is
missing, to the primary) only after a claim that it was taken.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from holdfast.contracts.answers import (
    AWAY_STATUS,
    COHORT_HEADER,
    OUTCOME_HEADER,
    SAYS_HEADER,
    STALE_STATUS,
    WRONG_BANK_STATUS,
    Outcome,
)
from holdfast.contracts.epochs import COHORTS_COUNT, Bank, Mode, Row
from holdfast.contracts.routes import Route
from holdfast.edge.known import Known
from holdfast.edge.procedures import (
    Answer,
    Change,
    Claim,
    Clock,
    Failed,
    Pause,
    Procedure,
    Refresh,
    Send,
    Trip,
)

ATTEMPTS_MAX = 8
TURNS_MAX = 200
REQUEST_S_MAX = 4.5
HELD_S_MAX = 3.0
LONG_WORK_S_MAX = 60.0
COMEBACK_S_MAX = 4.0
COMEBACK_GAP_S = 0.25
STRIKES_MAX = 1
"""What may have broken a bank is tried at most once more: then no bank is asked again."""


@dataclass
class Asked:
    """One request on its way. ident: the payment id of its form, hex without dashes; birth: the signed epoch in
    which the id was made, 0 for none, of the cohort birth_cohort."""

    route: Route
    cohort: int | None
    began: float
    ident: str = ""
    birth: int = 0
    birth_cohort: int = -1
    attempts: int = 0
    given_up: set[Bank] = field(default_factory=set)
    was_held: bool = False
    retried: int = 0
    struck: int = 0
    struck_by: set[Bank] = field(default_factory=set)
    deaths: int = 0

    def left_s(self, now: float) -> float:
        """Seconds until this request must have its answer."""
        limit = LONG_WORK_S_MAX if self.route.deadline_s is None else REQUEST_S_MAX
        return limit - (now - self.began)

    def birth_in(self, row: Row) -> int:
        """The id's birth as far as it concerns this row's cohort; 0: older than every epoch."""
        return self.birth if self.birth_cohort == row.cohort else 0


class Without(StrEnum):
    """What the door says itself, without a bank's answer."""

    NOBODY = "nobody answers"
    REFUSED_BEFORE = "refused before"
    STRUCK = "it broke both banks"


def carry(known: Known, asked: Asked, clock: Clock) -> Procedure[Answer | Without]:
    """Ask until there is an answer that may go out, within the request's time and ATTEMPTS_MAX."""
    for _ in range(TURNS_MAX):
        if asked.attempts >= ATTEMPTS_MAX or asked.left_s(clock()) <= 0:
            break
        row = None if asked.cohort is None else known.rows[asked.cohort]
        mode = row.mode if row else known.majority()
        if mode is Mode.HANDING_BACK and asked.route.changes:
            asked.was_held = True
            yield Change(min(HELD_S_MAX, max(asked.left_s(clock()), 0.01)))
            continue
        bank = choose(known, asked, row, mode)
        if not may_ask(asked.route, bank, asked.given_up):
            break
        if row is not None:
            may = yield from _may_send(known, asked, row, bank)
            if may is None:
                return Without.REFUSED_BEFORE
            if not may:
                continue
        asked.attempts += 1
        answer: Answer | Failed = yield Send(bank, row)
        ready = yield from _received(known, asked, bank, answer, clock)
        if ready and isinstance(answer, Answer):
            return answer
        if isinstance(answer, Failed) and is_to_blame(asked, answer):
            return Without.STRUCK
        alone = isinstance(answer, Failed) and asked.route.changes and mode is not Mode.PRIMARY and bank is Bank.STANDIN
        if alone or {Bank.PRIMARY, Bank.STANDIN} <= asked.given_up:
            again = yield from _comes_back(known, asked, clock)
            if not again:
                break
    return Without.NOBODY


def is_to_blame(asked: Asked, failed: Failed) -> bool:
    """Whether the request itself is what breaks banks: both broke while they had it, or the only one there died of it
    twice, the last time without another suspect. One that answers 5xx to everybody accuses nobody."""
    again = asked.struck > STRIKES_MAX and failed.struck and failed.alone
    return again and (len(asked.struck_by) > 1 or asked.deaths > STRIKES_MAX)


def _received(known: Known, asked: Asked, bank: Bank, answer: Answer | Failed, clock: Clock) -> Procedure[bool]:
    """What came of one attempt; whether it may go out."""
    if isinstance(answer, Answer) and answer.status == AWAY_STATUS:
        # The bank says in its own words that nothing was done: told only if no other bank may have done it.
        if asked.retried == 0:
            return True
        answer = Failed()
    if isinstance(answer, Failed):
        asked.struck += answer.struck
        asked.deaths += answer.struck and answer.died
        asked.struck_by |= {bank} if answer.struck else set()
        yield from _failed(known, asked, bank, answer.stalled, clock)
        return False
    return (yield from _judge(known, asked, answer))


def _comes_back(known: Known, asked: Asked, clock: Clock) -> Procedure[bool]:
    """Nobody who may answer this did. A bank that answered until a moment ago is slow, or being started again by its
    supervisor: a moment later it is asked anew. False when none answered lately, or the request's time is out, or it
    struck two banks down (reset or 5xx, not refused or slow): what kills a process is tried at most once more."""
    silent_s = clock() - max(known.answered_at.values())
    if asked.struck > STRIKES_MAX or asked.left_s(clock()) <= COMEBACK_GAP_S or silent_s > COMEBACK_S_MAX:
        return False
    yield Change(COMEBACK_GAP_S)
    asked.given_up.clear()
    asked.attempts = 0  # the request's time bounds how often this can be
    return True


def choose(known: Known, asked: Asked, row: Row | None, mode: Mode) -> Bank:
    """The bank to ask: the one that serves; for a page the one chosen for pages; the other after a failure."""
    bank = Bank.PRIMARY if mode is Mode.PRIMARY else Bank.STANDIN
    if row is not None and asked.route.only_shows:
        bank = known.reads.get(row.cohort, bank)
    if bank in asked.given_up and (not asked.route.changes or whose_is_not_known(asked)):
        bank = bank.other()
    return bank


def whose_is_not_known(asked: Asked) -> bool:
    """A card use whose cohort no bank has named yet: the other bank is asked, which only names it (421)."""
    return asked.route.name == "card-use" and asked.cohort is None


def may_ask(route: Route, bank: Bank, given_up: Collection[Bank]) -> bool:
    """Whether this bank is asked for the route. The spare bank is also asked for what only the main bank offers: it
    says in words that nothing was done, so never after the main bank may have done it."""
    return bank in route.offered or (bank is Bank.STANDIN and not (route.changes and given_up))


def _may_send(known: Known, asked: Asked, row: Row, bank: Bank) -> Procedure[bool | None]:
    """Rules 3, 6 and 18, and no login elsewhere than the row says. False: look again; None: claimed as refused."""
    if row.epoch < asked.birth_in(row):
        yield Refresh()
        if known.rows[row.cohort] == row:
            yield Change(0.1)
        return False
    if asked.route.name == "login" and bank is Bank.STANDIN and row.mode is Mode.PRIMARY:
        yield Trip(row.cohort)  # a session made at the spare bank must be of an epoch that it held
        return known.rows[row.cohort] == row
    if not must_claim(asked, row, bank):
        return True
    denied = yield Claim("taken", [(asked.ident, row.cohort, row.epoch)])
    return None if denied else known.rows[row.cohort] == row


def must_claim(asked: Asked, row: Row, bank: Bank) -> bool:
    """Rules 6 and 18: an older id goes to the spare bank, and to a primary without the journal, after a claim."""
    if not asked.route.pays or not asked.ident or bank not in asked.route.offered:
        return False
    if bank is Bank.STANDIN:
        return asked.birth_in(row) != row.epoch
    return row.forced > 0 and asked.birth_in(row) <= row.forced


def _failed(known: Known, asked: Asked, bank: Bank, stalled: bool, clock: Clock) -> Procedure[None]:
    """The bank did not answer: note it, and write the row anew where that is due."""
    asked.retried += 1
    asked.given_up.add(bank)
    if bank is not Bank.PRIMARY:
        if asked.route.changes:
            yield Refresh()
        return
    if not (stalled and asked.route.name == "login"):
        # A slow login says that many log in at once, not that the bank is gone; other requests tell that.
        known.sight.failed(clock(), asked.cohort, stalled)
    yield Trip(asked.cohort if asked.route.changes or asked.route.name == "login" else None)
    if asked.route.name == "clearing-file":
        while known.majority() is Mode.PRIMARY and clock() - asked.began < HELD_S_MAX:
            yield Change(0.1)


def _judge(known: Known, asked: Asked, answer: Answer) -> Procedure[bool]:
    """May this answer go out? False: ask again."""
    if answer.status == WRONG_BANK_STATUS:
        named = cohort_named(answer.headers)
        if named is not None and named != asked.cohort:
            asked.cohort = named
            if asked.route.name == "card-use" and Bank.PRIMARY in asked.given_up:
                yield Trip(named)  # it failed there before anybody knew whose request it was
            return False
        yield Pause(0.02)
        return False
    if answer.status == STALE_STATUS and SAYS_HEADER not in answer.headers:
        of_all_cohorts = asked.route.name == "clearing-file"
        yield Refresh()
        if of_all_cohorts or not serves(known, answer):
            asked.given_up.add(answer.bank)  # it does not serve this group: asking it again tells nothing new
        if not of_all_cohorts:
            yield Pause(0.01 * asked.attempts)
        return False
    outcome, _, ident = answer.headers.get(OUTCOME_HEADER, "").partition(" ")
    if outcome == Outcome.REFUSED_OWN and answer.row is not None:
        told = ident.replace("-", "").lower()
        denied = yield Claim("refused", [(told, answer.row.cohort, answer.row.epoch)])
        if denied:
            yield Refresh()
            if not serves(known, answer):
                asked.given_up.add(answer.bank)  # the bank that serves knows how it ended
            return False
    return True


def serves(known: Known, answer: Answer) -> bool:
    """Whether the bank that gave this answer serves its group, as far as is known now."""
    return answer.row is None or known.rows[answer.row.cohort].serving() is answer.bank


def cohort_named(headers: Mapping[str, str]) -> int | None:
    """The cohort that an answer names, None without one."""
    named = headers.get(COHORT_HEADER, "")
    return int(named) if named.isdigit() and int(named) < COHORTS_COUNT else None
