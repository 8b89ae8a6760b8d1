"""The one place where observations become records: decides, then writes each decision whole in one transaction.

Only the desk's thread writes incidents. Its state moves on after the commit; so when the database is away
nothing is half done, and the next observation leads to the same decision again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.control.alerts import opening
from holdfast.control.alerts.opening import Alarms
from holdfast.control.approvals import flow
from holdfast.control.calls import Kind
from holdfast.control.care import directory
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.incidents.record import open_incident
from holdfast.control.place import installation
from holdfast.control.tell import announcing, mailing, spoken
from holdfast.control.tell.models import Bundle, Message, Promise
from holdfast.control.watch import findings
from holdfast.control.watch.detection import asks_to_resume, decide
from holdfast.control.watch.models import Building, Cursor, DoorEvent, Service
from holdfast.control.watch.observations import (
    Action,
    Advance,
    Affected,
    Ask,
    Case,
    Decision,
    Diagnosed,
    ErrandFailed,
    Observation,
    Open,
    Phase,
    Proved,
    Publish,
    Raise,
    Refunded,
    Rows,
    Sight,
    State,
    Told,
)
from holdfast.control.watch.sights import Sights
from holdfast.telemetry import get_log

EVENTS_KEPT = 20_000
CODES_EVERY = timedelta(seconds=2)
"""Each bundle carries all codes: while a hundred thousand are written down, not one a moment."""
EVENTS_CURSOR = "door events"
RELOOK = timedelta(hours=1)
SIGHTS_EVERY_S = 1.0
PARTS = ("bank web", "bank database")


def load_state() -> State:
    """The state of the last run, from the open incidents; healths are seen anew."""
    cases = {}
    for incident in record.told_incidents():
        cases[incident.cause] = Case(
            incident.cause,
            Phase(incident.phase),
            incident.spare_proof is not None,
            _proved(incident),
            incident.refunds_at is not None,
            incident.severity,
        )
    return State(cases=cases)


class Desk:
    """Holds the state; `ask` is called with each errand that another thread shall run."""

    def __init__(self, ask: Callable[[Ask], None]) -> None:
        self.state = load_state()
        self._ask = ask
        self._answers: dict[str, Kind] = {}
        self._sights = Sights()
        self._beside_core = bool(installation().core)
        self._trimmed_at: datetime | None = None
        for errand in asks_to_resume(self.state):
            ask(errand)

    def handle(self, seen: Observation) -> None:
        """Record one observation, decide, and carry the decision out."""
        decision = decide(self.state, seen) if self._concerns(seen) else Decision(self.state)
        answers = dict(self._answers)
        if isinstance(seen, Sight) and not decision.actions and not self.state.cases and not self._sights.is_news(seen):
            self._sights.note(seen)  # as it was: written with the next others
            answers[seen.building] = seen.answer
            self.state, self._answers = decision.state, answers
            self._sights.write(SIGHTS_EVERY_S)
            return
        with transaction.atomic():
            self._record(seen, answers)
            for action in decision.actions:
                self._act(action)
            if isinstance(seen, Told):
                self._enter_event(seen)
            if isinstance(seen, Sight):
                findings.from_answers(open_incident("bank") or open_incident(seen.building), seen, answers)
        self.state, self._answers = decision.state, answers
        for action in decision.actions:
            if isinstance(action, Ask):
                self._ask(action)
        if decision.sentence:
            get_log().info("decided", sentence=decision.sentence, actions=len(decision.actions))

    def _concerns(self, seen: Observation) -> bool:
        """Beside a foreign core everybody is at the spare bank and the feeder serves nobody: no incident follows from
        either, and above all no message to customers about a core that this room cannot see."""
        about_bank = isinstance(seen, Rows | Told) or (isinstance(seen, Sight) and seen.building.startswith("bank"))
        return not (self._beside_core and about_bank)

    def tick(self) -> None:
        """Work that falls due with time: codes to tell, promises to keep, updates, trimming."""
        now = timezone.now()
        with transaction.atomic():
            self._codes(now)
            self._promises(now)
            if self._trimmed_at is None or now - self._trimmed_at > timedelta(minutes=1):
                self._trim()
                flow.end_unfinished(now)
                self._trimmed_at = now

    def begin(self) -> None:
        """At the start: say how things are, so that the doors hold a bundle of this run."""
        now = timezone.now()
        with transaction.atomic():
            announcing.announce(announcing.current(now), "start", now, updates=False)

    # what was seen

    def _record(self, seen: Observation, answers: dict[str, Kind]) -> None:
        match seen:
            case Sight():
                answers[seen.building] = seen.answer
                self._sights.note(seen)
                self._sights.write(0.0)
                if seen.building == "bank" and seen.answer is Kind.ANSWERS:
                    self._sights.forget(PARTS)
                    for part in PARTS:
                        answers.pop(part, None)
            case Told():
                DoorEvent.objects.get_or_create(
                    number=seen.number,
                    defaults={
                        "at": seen.at,
                        "door": seen.door,
                        "kind": seen.kind,
                        "words": seen.words,
                        "data": seen.data,
                    },
                )
                Cursor.objects.update_or_create(name=EVENTS_CURSOR, defaults={"value": seen.number})
            case Rows():
                letters = ["p"] * COHORTS_COUNT
                for cohort in seen.away:
                    letters[cohort] = "h" if cohort in seen.handing_back else "s"
                Service.objects.update_or_create(
                    id=1, defaults={"modes": "".join(letters), "generation": seen.generation, "at": seen.at}
                )
            case Proved():
                self._record_proof(seen)
            case Refunded():
                self._record_refunds(seen)
            case Alarms():
                opening.settle(seen)
            case Diagnosed():
                findings.record_diagnosis(seen)
            case ErrandFailed():
                if (incident := open_incident("bank")) is not None:
                    record.add(incident, seen.at, "watch", "failed", f"{seen.errand} did not succeed: {seen.words}")

    def _record_proof(self, seen: Proved) -> None:
        incident = open_incident("bank")
        if incident is None:
            return
        proof = {"at": seen.at.isoformat(), "block": seen.block, "findings": list(seen.findings)[:20]}
        name = "spare bank's copy of the books proved" if seen.who == "standin" else "books proved"
        words = f"to block {seen.block}, {len(seen.findings)} findings" + "".join(
            f"; {one}" for one in seen.findings[:3]
        )
        if seen.who == "standin":
            incident.spare_proof = proof
        else:
            incident.books_proof = proof
        incident.save(update_fields=["spare_proof", "books_proof"])
        record.check(incident, name, seen.at, not seen.findings, words)
        record.add(incident, seen.at, seen.who, "proof", f"{name[:1].upper()}{name[1:]}: {words}")

    def _record_refunds(self, seen: Refunded) -> None:
        incident = open_incident("bank")
        if incident is None:
            return
        count = directory.record_refunds(incident, seen.refunds)
        incident.refunds_at = seen.at
        incident.save(update_fields=["refunds_at"])
        words = f"charges recomputed until {incident.refund_until}: {count} refunds booked"
        record.check(incident, "refunds booked", seen.at, True, words)
        record.add(incident, seen.at, "bank", "refunds", words[:1].upper() + words[1:])

    def _enter_event(self, seen: Told) -> None:
        incident = (
            open_incident("bank")
            or Incident.objects.filter(cause="bank", closed_at__gt=seen.at - timedelta(seconds=5))
            .order_by("-number")
            .first()
        )
        if seen.kind == "order":
            flow.note_terminal(seen.number, seen.at, seen.data, incident)
        if incident is None or seen.kind == "door" or seen.at < incident.began_at - timedelta(seconds=5):
            return
        record.add(incident, seen.at, seen.door, seen.kind, seen.words, {"event": seen.number}, seen.number)
        if seen.kind == "trip" and seen.at < incident.began_at:
            incident.began_at = seen.at
            incident.save(update_fields=["began_at"])
        if seen.kind == "handback" and "accounts" in seen.data:
            incident.reconciled_at = seen.at
            incident.save(update_fields=["reconciled_at"])
            record.check(
                incident,
                "accounts reconciled",
                seen.at,
                True,
                f"{seen.data['accounts']} accounts agree at block {seen.data.get('block')}",
            )

    # what follows

    def _act(self, action: Action) -> None:
        now = timezone.now()
        match action:
            case Open():
                incident = record.open_one(
                    action.cause,
                    action.severity,
                    self._began(action),
                    action.detected_at,
                    action.because,
                    directory.business_date(action.began_at),
                )
                _remember_bank_block(incident)
            case Advance():
                self._advance(action, now)
            case Raise():
                _raise(action)
            case Affected():
                _affect(action.cohorts)
            case Publish():
                incident_or_none = open_incident(action.cause) or announcing.current(now)
                announcing.announce(incident_or_none, action.reason, now)
            case Ask():
                pass

    def _began(self, action: Open) -> datetime:
        """The fault began no later than the first failed probe that is still unbroken."""
        since = self.state.of(action.cause).failing_since
        return min(action.began_at, since) if since else action.began_at

    def _advance(self, action: Advance, now: datetime) -> None:
        incident = open_incident(action.cause)
        if incident is None:
            return
        record.advance(incident, action.phase.value, action.at, action.because)
        if action.phase is Phase.RETURNED and incident.reconciled_at is None and incident.affected_cohorts:
            incident.reconciled_at = action.at
            incident.save(update_fields=["reconciled_at"])
        if action.phase is Phase.RETURNED:
            record.check(
                incident,
                "all customers returned",
                action.at,
                True,
                f"{len(incident.affected_cohorts)} groups were away",
            )
        if action.phase is Phase.CLOSED:
            mailing.cancel_opened(incident)
            incident.closed_at = now
            incident.review = record.draft_review(incident)
            incident.save(update_fields=["closed_at", "review"])

    # what falls due

    def _codes(self, now: datetime) -> None:
        """What a person said, and the codes of what was written down since the last bundle, go to the doors."""
        newest = Bundle.objects.order_by("-number").only("codes_to", "made_at", "reason").first()
        if newest is None or (newest.reason == "codes" and now - newest.made_at < CODES_EVERY):
            return
        if spoken.since(newest.made_at):
            announcing.announce(announcing.current(now), "notice", now, updates=False)
            return
        if Message.objects.filter(id__gt=newest.codes_to).exists():
            announcing.announce(announcing.current(now), "codes", now, updates=False)

    def _promises(self, now: datetime) -> None:
        late = Promise.objects.filter(state="open", kept_at__isnull=True, due_at__lt=now)
        broken = late.update(state="broken")
        newest = Bundle.objects.order_by("-number").first()
        if newest is None:
            return
        settled = broken or Promise.objects.filter(kept_at__gt=newest.made_at).exists()
        ended = newest.has_banner and now.isoformat() > str(newest.payload.get("ends_at", "9"))
        due = [
            one
            for one in record.told_incidents()
            if not one.promises.filter(name="next_update", due_at__gt=now + announcing.UPDATE_EARLY).exists()
        ]
        if due:
            announcing.announce(due[0], "update", now)
        elif settled or ended or now - newest.made_at > RELOOK:
            announcing.announce(announcing.current(now), "relook", now, updates=False)

    def _trim(self) -> None:
        newest = DoorEvent.objects.order_by("-number").first()
        if newest is not None:
            DoorEvent.objects.filter(number__lt=newest.number - EVENTS_KEPT).delete()


def _proved(incident: Incident) -> bool:
    """The books' proof counts if it found nothing and, once everyone is back, was made after that."""
    proof = incident.books_proof
    if proof is None or proof["findings"]:
        return False
    return incident.returned_at is None or datetime.fromisoformat(proof["at"]) >= incident.returned_at


def _remember_bank_block(incident: Incident) -> None:
    """How far the bank was seen to have confirmed: the yardstick for the spare bank's proof."""
    if incident.cause != "bank":
        return
    bank = Building.objects.filter(name="bank").first()
    if bank is None or bank.last_well_at is None:
        return
    incident.bank_block_seen = int(bank.detail.get("block") or 0)
    incident.bank_block_seen_at = bank.last_well_at
    incident.save(update_fields=["bank_block_seen", "bank_block_seen_at"])


def _raise(action: Raise) -> None:
    incident = open_incident(action.cause)
    if incident is not None:
        incident.severity = action.severity
        incident.save(update_fields=["severity"])
        record.add(incident, action.at, "watch", "severity", f"Severity {action.severity} now: {action.because}")


def _affect(cohorts: frozenset[int]) -> None:
    incident = open_incident("bank")
    if incident is None or cohorts <= set(incident.affected_cohorts):
        return
    incident.affected_cohorts = sorted(cohorts | set(incident.affected_cohorts))
    incident.save(update_fields=["affected_cohorts"])


def events_cursor() -> int:
    """How far the doors' events were read."""
    row = Cursor.objects.filter(name=EVENTS_CURSOR).first()
    return row.value if row else 0
