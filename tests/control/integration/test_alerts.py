"""Alerts written down, the incidents that follow, silences, and what others tell."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from staffing import client

from holdfast.control.alerts import opening, store
from holdfast.control.alerts.burning import BURNS
from holdfast.control.alerts.counting import count, known_series
from holdfast.control.alerts.grouping import Firing, Group, group
from holdfast.control.alerts.judging import Judge
from holdfast.control.alerts.models import Alert, Silence, Source
from holdfast.control.alerts.opening import OPENED_AN_HOUR_MAX, QUIET, Alarms
from holdfast.control.alerts.openslo import Level, Query
from holdfast.control.alerts.outside import digest_of
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.metrics.collecting import Round
from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.metrics.models import Trouble
from holdfast.control.metrics.store import Store
from holdfast.control.staff.models import StaffAction

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC).replace(microsecond=0)
CALLS = {
    Name("door-1", "calls", "bank-web", Kind.RATE, "1/s"): 9.0,
    Name("bank-web", "calls", "bank-db", Kind.RATE, "1/s"): 9.0,
}


def failing(component: str, share: float) -> dict[Name, float]:
    return {
        **CALLS,
        Name(component, "requests failing", "pay", Kind.ERRORS, "share"): share,
        Name(component, "requests", "pay", Kind.RATE, "1/s"): 5.0,
    }


class Rounds:
    """A judge whose groups go to the desk's part at once, round by round."""

    def __init__(self, folder: Path) -> None:
        self.judge = Judge(lambda seen: opening.settle(seen) and None, folder, "Europe/Oslo")
        self.at = NOW - timedelta(minutes=20)

    def play(self, times: int, *values: dict[Name, float]) -> None:
        for _ in range(times):
            joined = {name: value for some in values for name, value in some.items()}
            self.judge.round(Round(self.at, joined, (), {}))
            self.at += timedelta(seconds=10)


@pytest.mark.demand("W3", "R1")
def test_a_part_that_fails_becomes_one_incident_of_its_root_and_ends_by_itself(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    rounds.play(3, failing("door-1", 0.0), failing("bank-web", 0.0))
    assert not Alert.objects.exists()
    rounds.play(2, failing("door-1", 0.1), failing("bank-web", 0.1))
    incident = Incident.objects.get()
    assert (incident.cause, incident.severity, incident.phase) == ("part bank-web", 2, "open")
    assert incident.alerts.count() == 2
    assert "10.0 % of the requests to pay fail at bank-web" in incident.opened_by
    assert TimelineEntry.objects.filter(incident=incident, kind="alert").count() == 2
    rounds.play(3, failing("door-1", 0.2), failing("bank-web", 0.2))
    assert Incident.objects.count() == 1
    assert TimelineEntry.objects.filter(kind="alert").count() == 2
    rounds.play(6, failing("door-1", 0.0), failing("bank-web", 0.0))
    incident.refresh_from_db()
    assert incident.phase == "repaired"
    rounds.play(int(QUIET.total_seconds() // 10) + 1, failing("door-1", 0.0), failing("bank-web", 0.0))
    incident.refresh_from_db()
    assert incident.phase == "closed"
    assert incident.closed_at is not None
    assert "Review of incident" in incident.review


def test_an_alert_that_wakes_nobody_holds_no_incident_open(tmp_path: Path) -> None:
    rounds, slow = Rounds(tmp_path), {Name("bank-web", "calls that are slow", "bank-db", Kind.LEVEL, "share"): 0.9}
    rounds.play(3, failing("bank-web", 0.2), slow)
    incident = Incident.objects.get()
    assert sorted(incident.alerts.values_list("page", flat=True)) == [False, True]
    rounds.play(7 + int(QUIET.total_seconds() // 10), failing("bank-web", 0.0), slow)
    incident.refresh_from_db()
    assert incident.phase == "closed"
    assert incident.alerts.get(page=False).ended_at is None


def test_a_burnt_budget_holds_no_incident_open_and_opens_none_behind_it(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    rounds.play(3, failing("bank-web", 0.2))
    incident = Incident.objects.get()
    burns = Alert.objects.create(
        source="rules", rule=BURNS, component="doors", metric="pay", about="pay", severity=2, page=True,
        words="12 % were not good", began_at=rounds.at, fired_at=rounds.at, seen_at=rounds.at, incident=incident,
    )  # fmt: skip
    firing = Firing(burns.pk, BURNS, "doors", 2, True, rounds.at, burns.words)
    rounds.play(7 + int(QUIET.total_seconds() // 10), failing("bank-web", 0.0))
    Alert.objects.filter(pk=burns.pk).update(ended_at=None)
    incident.refresh_from_db()
    assert incident.phase == "closed"
    opening.settle(Alarms(rounds.at, (Group("doors", (firing,)),)))
    assert Incident.objects.count() == 1


def test_alerts_of_the_bank_join_the_banks_own_incident(tmp_path: Path) -> None:
    own = Incident.objects.create(
        number=1, cause="bank", severity=1, phase="open", cause_words="", opened_by="", began_at=NOW, detected_at=NOW,
        opened_at=NOW,
    )  # fmt: skip
    Rounds(tmp_path).play(3, failing("bank-web", 0.5))
    assert Incident.objects.get() == own
    assert own.alerts.count() == 1


@pytest.mark.demand("W3")
@pytest.mark.parametrize("ended_s_before", [5, 400])
def test_what_still_fires_behind_an_outages_end_is_its_echo_for_some_minutes(
    tmp_path: Path, ended_s_before: int
) -> None:
    rounds = Rounds(tmp_path)
    ended = rounds.at + timedelta(seconds=15)
    Incident.objects.create(
        number=1, cause="bank", severity=3, phase="closed", cause_words="", opened_by="", began_at=NOW, detected_at=NOW,
        opened_at=NOW, closed_at=ended,
    )  # fmt: skip
    rounds.play(1, failing("bank-web", 0.0))
    rounds.at += timedelta(seconds=ended_s_before)
    rounds.play(2, failing("bank-web", 0.5))
    began_new = Incident.objects.count() == 2
    assert began_new == (ended_s_before > 60)
    if not began_new:
        own = Incident.objects.get()
        assert (own.severity, own.alerts.count()) == (3, 1)
        assert TimelineEntry.objects.filter(incident=own, kind="alert").count() == 1
        rounds.play(35, failing("bank-web", 0.5))
        new = Incident.objects.exclude(number=1).get()
        assert (new.cause, new.alerts.count(), new.closed_at) == ("part bank-web", 1, None)
        rounds.play(20, failing("bank-web", 0.0))
        assert not Incident.objects.filter(closed_at__isnull=True).exists()


def test_what_an_earlier_incident_left_behind_dates_no_new_one_and_is_not_its_root(tmp_path: Path) -> None:
    rounds, slow = Rounds(tmp_path), {Name("bank-web", "calls that are slow", "bank-db", Kind.LEVEL, "share"): 0.9}
    rounds.play(3, failing("bank-web", 0.2), slow)
    rounds.play(7 + int(QUIET.total_seconds() // 10), failing("bank-web", 0.0), slow)
    assert Incident.objects.get().phase == "closed"
    began = rounds.at
    rounds.play(3, failing("door-1", 0.2), slow)
    new = Incident.objects.get(closed_at__isnull=True)
    assert (new.cause, new.began_at, new.alerts.count()) == ("part door-1", began, 1)


def test_an_echo_does_not_date_the_next_fault_of_the_same_part(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    echo = {Name("door-2", "requests failing", "programs", Kind.ERRORS, "share"): 0.2,
            Name("door-2", "requests", "programs", Kind.RATE, "1/s"): 5.0}  # fmt: skip
    began = rounds.at
    rounds.play(1, echo)
    ended = rounds.at + timedelta(seconds=5)
    Incident.objects.create(
        number=1, cause="bank", severity=3, phase="closed", cause_words="", opened_by="", began_at=began,
        detected_at=began, opened_at=began, closed_at=ended,
    )  # fmt: skip
    rounds.play(4, echo)
    assert Incident.objects.count() == 1
    fault = rounds.at
    rounds.play(3, echo, failing("door-2", 0.4))
    new = Incident.objects.exclude(number=1).get()
    assert (new.cause, new.began_at, new.alerts.count()) == ("part door-2", fault, 1)
    assert Incident.objects.get(number=1).alerts.count() == 1


def test_a_budget_that_burns_since_earlier_dates_no_new_incident_and_is_not_its_root(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    rounds.play(3, failing("bank-web", 0.2))
    began = rounds.at
    Alert.objects.create(
        source="outside", rule=BURNS, component="doors", metric="pay", about="pay", severity=1, page=True,
        words="12 % were not good", began_at=began, fired_at=began, seen_at=began, incident=Incident.objects.get(),
    )  # fmt: skip
    rounds.play(7 + int(QUIET.total_seconds() // 10), failing("bank-web", 0.0))
    assert Incident.objects.get().phase == "closed"
    fault = rounds.at
    rounds.play(3, failing("standin", 0.4))
    new = Incident.objects.get(closed_at__isnull=True)
    assert (new.cause, new.began_at) == ("part standin", fault)


def test_a_silenced_alert_is_recorded_and_opens_nothing(tmp_path: Path) -> None:
    Silence.objects.create(
        component="bank-web", why="we are mending it", by="x", begins_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    rounds = Rounds(tmp_path)
    rounds.play(4, failing("bank-web", 0.5))
    assert Alert.objects.get().silenced
    assert not Incident.objects.exists()
    Silence.objects.all().delete()
    rounds.play(1, failing("bank-web", 0.5))
    assert Incident.objects.count() == 1


def test_many_causes_make_a_few_incidents_and_every_alert_belongs_to_one() -> None:
    rows = [
        Alert.objects.create(
            rule="r", component=f"odd-{number}", severity=2, page=True, words="bad", began_at=NOW, fired_at=NOW,
            seen_at=NOW,
        )
        for number in range(40)
    ]  # fmt: skip
    opening.settle(Alarms(NOW, tuple(group(store.firing(), ()))))
    assert Incident.objects.count() == OPENED_AN_HOUR_MAX
    assert Alert.objects.filter(incident__isnull=False).count() == len(rows)


def test_a_file_of_rules_that_is_wrong_is_said_and_the_others_stand(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text("- {name: x}")
    rounds = Rounds(tmp_path)
    rounds.play(3, failing("bank-web", 0.5))
    assert "kind is missing" in Trouble.objects.get(source="rules").words
    assert Alert.objects.count() == 1
    (tmp_path / "rules" / "own.yaml").write_text(
        "- {name: a part fails, kind: above, component: 'bank-*', metric: requests failing, words: ours, value: 0.9}"
    )
    rounds.play(1, failing("bank-web", 0.5))
    assert not Trouble.objects.filter(source="rules").exists()
    assert {rule.words for rule in rounds.judge.files.rules if rule.name == "a part fails"} == {"ours"}


@pytest.mark.parametrize(("part", "wakes"), [("control-tell", False), ("bank-worker", True)])
def test_a_part_that_tells_nothing_any_more_is_noticed(tmp_path: Path, part: str, wakes: bool) -> None:
    memory = {Name(part, "memory", "", Kind.SATURATION, "bytes"): 1e8}
    rounds = Rounds(tmp_path)
    rounds.play(3, memory)
    rounds.play(6)
    assert Alert.objects.get(rule="tells nothing").words == f"{part} does not tell its numbers any more"
    assert Alert.objects.filter(page=True).exists() is wakes
    rounds.play(3, memory)
    assert not Alert.objects.filter(ended_at=None).exists()


def test_a_service_level_counts_its_events_over_each_span() -> None:
    kept = Store()
    total = Name("door-1", "requests", "pay", Kind.RATE, "1/s")
    failed = Name("door-2", "requests failed", "pay", Kind.ERRORS, "1/s")
    for number in range(6):
        kept.put(NOW - timedelta(minutes=number * 10), {total: 2.0, failed: 1.0})
    level = Level("pay", "Paying", "pay", 0.9, Query("door-*", "requests failed"), Query("door-*", "requests"))
    spans = [timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=3)]
    found = count(level, known_series(), NOW, spans)
    assert (found[spans[0]].total, found[spans[0]].bad) == (20.0, 10.0)
    assert (found[spans[1]].total, found[spans[1]].bad) == (120.0, 60.0)
    assert found[spans[3]].total == 0


def alertmanager(number: int, status: str = "firing", name: str = "Odd") -> str:
    alerts = [
        {"status": status, "labels": {"alertname": name, "instance": f"host-{one}", "severity": "critical"}}
        for one in range(number)
    ]
    return json.dumps({"version": "4", "alerts": alerts})


def told(body: str, token: str = "right") -> tuple[int, dict]:  # made up
    Source.objects.get_or_create(name="prom", digest=digest_of("right"), made_by="x", defaults={"made_at": NOW})
    answer = Client(HTTP_HOST="localhost").post(
        "/hooks/alertmanager", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
    )
    return answer.status_code, answer.json()


@pytest.mark.demand("W3")
def test_ten_thousand_alerts_make_a_few_incidents_and_none_is_lost() -> None:
    for _ in range(5):
        status, said = told(alertmanager(2000, name="Flood"))
        assert status == 200
        assert said["taken"] == 2000
    rows = list(Alert.objects.all())
    assert len(rows) == 21
    assert sum(row.times for row in rows) == 20 + 5 * (2000 - 20)
    opening.settle(Alarms(NOW, tuple(group(store.firing(), ()))))
    assert 1 <= Incident.objects.count() <= OPENED_AN_HOUR_MAX
    assert not Alert.objects.filter(incident__isnull=True).exists()


def test_a_resolved_alert_ends_and_a_repeated_one_goes_on() -> None:
    assert told(alertmanager(2))[1]["began"] == 2
    assert told(alertmanager(2))[1]["went on"] == 2
    assert told(alertmanager(1, "resolved"))[1]["ended"] == 1
    assert Alert.objects.filter(ended_at__isnull=True).count() == 1


def test_who_has_no_token_and_who_sends_nonsense_changes_nothing() -> None:
    assert told(alertmanager(1), token="wrong")[0] == 401
    status, said = told('{"version": "4", "alerts": [{"labels": {}}]}')
    assert status == 422
    assert said["error"].startswith("Nothing of it was taken")
    assert not Alert.objects.exists()
    assert "no label alertname" in Source.objects.get().trouble


def test_a_responder_silences_with_a_reason_and_never_everything(people: dict[str, str]) -> None:
    desk = client(people, "responder")
    assert desk.post("/alerts/silences", {"hours": "4", "why": "because of it"}).status_code == 422
    assert desk.post("/alerts/silences", {"component": "bank-web", "hours": "4", "why": ""}).status_code == 422
    assert not Silence.objects.exists()
    assert desk.post("/alerts/silences", {"component": "bank-web", "hours": "4", "why": "a release"}).status_code == 302
    held = Silence.objects.get()
    assert StaffAction.objects.filter(what="silenced").count() == 1
    assert desk.post(f"/alerts/silences/{held.pk}/end").status_code == 302
    assert not Silence.objects.filter(ends_at__gt=datetime.now(UTC)).exists()
    assert (
        client(people, "auditor")
        .post("/alerts/silences", {"component": "a", "hours": "4", "why": "a release"})
        .status_code
        == 403
    )


def test_a_manager_makes_a_token_that_is_shown_once(people: dict[str, str]) -> None:
    desk = client(people, "manager")
    made = desk.post("/alerts/sources", {"name": "prometheus"})
    token = made.content.decode().split("<p><code>")[1].split("</code>")[0]
    assert Source.objects.get().digest == digest_of(token)
    assert token not in desk.get("/alerts").content.decode()
    assert desk.post("/alerts/sources", {"name": "prometheus"}).status_code == 422
    assert client(people, "responder").post("/alerts/sources", {"name": "other"}).status_code == 403
    assert desk.post("/alerts/sources/remove", {"name": "prometheus"}).status_code == 302
    assert not Source.objects.exists()


def test_the_pages_of_alerts_and_measurements_open(people: dict[str, str], tmp_path: Path) -> None:
    Rounds(tmp_path).play(3, failing("bank-web", 0.5))
    Store().put(NOW, failing("bank-web", 0.5))
    desk = client(people, "auditor")
    assert "fail at bank-web" in desk.get("/alerts").content.decode()
    assert "Paying works" in desk.get("/service-levels").content.decode()
    listing = desk.get("/measurements?part=bank-web").content.decode()
    assert "Requests failing" in listing
    number = listing.split("/measurements/")[1].split('"')[0]
    assert desk.get(f"/measurements/{number}?span=fortnight").status_code == 200
    assert desk.get("/measurements/999999").status_code == 404
