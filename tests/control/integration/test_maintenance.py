"""Planned maintenance: windows from use, a second person, the clock, the spare bank, and what customers see of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from fakes import customer_fact
from icalendar import Calendar
from staffing import client

from holdfast.control.approvals.models import Proposal
from holdfast.control.calls import Kind, Reply
from holdfast.control.care import directory
from holdfast.control.incidents import record
from holdfast.control.maintenance import loop, planning, spare
from holdfast.control.maintenance.days import BadDays, Days, read_days
from holdfast.control.maintenance.known import planned_by
from holdfast.control.maintenance.models import Maintenance
from holdfast.control.maintenance.planning import REMIND_BEFORE
from holdfast.control.maintenance.windows import propose, use_of
from holdfast.control.tell import announcing, mailing
from holdfast.control.tell.models import Message, Notice

pytestmark = pytest.mark.demand("T4")
OSLO = ZoneInfo("Europe/Oslo")
QUIET_DAY = datetime(2026, 12, 1, 2, 0, tzinfo=OSLO)


def filled(**other: str) -> dict[str, str]:
    """A plan filled in rightly, some days ahead, but for what is named."""
    begins = _quiet_begin()
    form = {
        "begins": begins.strftime("%Y-%m-%dT%H:%M"),
        "ends": (begins + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "service-en": "the main bank", "service-nb": "hovedbanken",
        "instead-en": "log in as usual", "instead-nb": "logg inn som vanlig",
        "on_spare": "yes", "why": "", "act": "propose",
    }  # fmt: skip
    return {**form, **other}


def _quiet_begin() -> datetime:
    """Two in the morning of the next day that is no pay or tax day, some days ahead."""
    day = (timezone.now().astimezone(OSLO) + timedelta(days=4)).replace(hour=2, minute=0, second=0, microsecond=0)
    days = read_days(Path("/nowhere"))
    while days.why_not(day.date()):
        day += timedelta(days=1)
    return day


@pytest.fixture
def announced(people: dict[str, str]) -> Maintenance:
    """Planned by the communicator, confirmed by the manager, told to ten customers."""
    directory.take(
        [customer_fact(n, n % 2, "nb" if n < 5 else "en", ("sight",) if n == 8 else ()) for n in range(1, 11)]
    )
    assert client(people, "communicator").post("/maintenance", filled()).status_code == 302
    proposal = Proposal.objects.get(what="maintenance")
    assert client(people, "manager").post(f"/approvals/{proposal.number}/approve").status_code == 302
    return Maintenance.objects.get()


def kinds() -> list[str]:
    return list(Notice.objects.filter(name__startswith="maintenance-").order_by("pk").values_list("name", flat=True))


def test_windows_are_the_quietest_half_hours_and_touch_no_pay_or_tax_day() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    points = []
    for minutes in range(0, 14 * 24 * 60, 5):
        at = begin + timedelta(minutes=minutes)
        local = at.astimezone(OSLO)
        busy = 1.0 if 2 <= local.hour < 5 else 20.0
        points.append((at, busy * (0.5 if local.weekday() == 6 else 1.0)))
    use = use_of(points, OSLO)
    assert use.days >= 14
    days = Days(frozenset({20}), frozenset({(12, 10)}), {date(2026, 11, 29): "a sale"})
    found = propose(use, datetime(2026, 11, 17, tzinfo=UTC), timedelta(hours=2), days, OSLO)
    first = found[0].begins_at.astimezone(OSLO)
    assert (first.weekday(), first.hour) == (6, 2) and first.date() == date(2026, 11, 22)
    assert found[0].per_s == pytest.approx(0.5) and found[0].share < 0.1
    dates = {one.begins_at.astimezone(OSLO).date() for one in found}
    assert len(dates) == len(found) == 5
    assert not dates & {date(2026, 11, 20), date(2026, 11, 29), date(2026, 12, 10)}
    assert propose(use_of((), OSLO), begin, timedelta(hours=2), days, OSLO) == []


def test_a_pay_day_on_a_weekend_is_also_the_friday_before() -> None:
    days = read_days(Path("/nowhere"))
    assert days.why_not(date(2026, 12, 25)) == days.why_not(date(2026, 11, 20)) == "a pay day"
    assert days.why_not(date(2026, 12, 18)) == days.why_not(date(2026, 12, 20)) == "a pay day"  # the 20th is a Sunday
    assert days.why_not(date(2027, 4, 30)) == "a tax day"
    assert days.why_not(date(2026, 12, 1)) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [("pay_days = [0]", "1 to 31"), ("tax_days = ['13-01']", "04-30"), ("rest = 1", "nothing is known of rest"),
     ("other = [{date = '2026-01-01'}]", "has a date and words"), ("pay_days = 3", "lists"), ("x = [", "cannot be read")],
)  # fmt: skip
def test_a_file_of_days_that_is_wrong_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    place = tmp_path / "maintenance" / "days.toml"
    place.parent.mkdir()
    place.write_text(text)
    with pytest.raises(BadDays, match=said):
        read_days(tmp_path)


@pytest.mark.demand("G6")
def test_everybody_hears_of_it_only_after_a_second_person_confirmed_it(people: dict[str, str]) -> None:
    writer = client(people, "communicator")
    look = writer.post("/maintenance", filled(act="look"))
    assert look.status_code == 200 and "hovedbanken" in look.content.decode()
    assert not Maintenance.objects.exists()
    assert writer.post("/maintenance", filled()).status_code == 302
    proposal = Proposal.objects.get()
    assert kinds() == [] and Maintenance.objects.get().state == "planned"
    writer.post(f"/approvals/{proposal.number}/approve")
    assert kinds() == []
    client(people, "manager").post(f"/approvals/{proposal.number}/approve")
    one = Maintenance.objects.get()
    assert (one.state, one.made_by != one.approved_by, kinds()) == ("announced", True, ["maintenance-announced"])
    assert client(people, "auditor").post("/maintenance", filled()).status_code == 403


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"begins": "tomorrow"}, "Write when it begins"),
        ({"ends": "2020-01-01T02:00"}, "a quarter of an hour to a day"),
        ({"service-nb": ""}, "It lacks"),
        ({"instead-en": "log in at https://bank.example"}, "a link"),
        ({"begins": "SOON", "ends": "SOON+1"}, "hours before"),
        ({"begins": "PAY", "ends": "PAY+1"}, "a pay day"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_in_words_and_nothing_is_kept(
    people: dict[str, str], other: dict[str, str], said: str
) -> None:
    now = timezone.now().astimezone(OSLO)
    pay = (now + timedelta(days=40)).replace(day=25, hour=2, minute=0)
    named = {"SOON": now + timedelta(hours=5), "SOON+1": now + timedelta(hours=6), "PAY": pay,
             "PAY+1": pay + timedelta(hours=1)}  # fmt: skip
    given = {key: named[text].strftime("%Y-%m-%dT%H:%M") if text in named else text for key, text in other.items()}
    answer = client(people, "communicator").post("/maintenance", filled(**given))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Maintenance.objects.exists() and not Proposal.objects.exists()
    if said in ("hours before", "a pay day"):  # with a reason the second person decides, and reads why it is asked
        reason = {**given, "why": "a leak in our supplier's software"}
        assert client(people, "communicator").post("/maintenance", filled(**reason)).status_code == 302
        assert said in Proposal.objects.get().words


def test_a_plan_of_which_only_the_reminder_is_too_long_is_not_announced_either(people: dict[str, str]) -> None:
    def plan(length: int) -> planning.Plan:
        words = {"service": "b" * length, "instead": "log in as usual"}
        return planning.Plan({"en": words, "nb": words}, QUIET_DAY, QUIET_DAY + timedelta(hours=1), True, "")

    now = timezone.now()
    made = (planning.refused(planning.written("maintenance-announced", plan(length), now)) for length in range(1, 301))
    longest = sum(not refused for refused in made)
    assert 0 < longest < 300
    assert any("The subject has" in why for why in planning.unsendable(plan(longest), now))


def test_the_clock_reminds_begins_and_switches_once_and_a_person_ends_it(
    people: dict[str, str], announced: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[dict[str, Any]] = []
    answers = iter([Reply(Kind.REFUSES, 0, 1.0, "no"), *[Reply(Kind.ANSWERS, 200, 1.0, "", {"order": 7})] * 9])

    class Board:
        def order(self, to: str, path: str, body: dict[str, Any], timeout_s: float) -> Reply:
            orders.append(body)
            return next(answers)

    monkeypatch.setattr(spare, "switchboard", Board)
    loop.due(announced.begins_at - REMIND_BEFORE - timedelta(seconds=1))
    assert kinds() == ["maintenance-announced"]
    for _ in range(2):
        loop.due(announced.begins_at - REMIND_BEFORE)
    assert kinds() == ["maintenance-announced", "maintenance-reminder"]
    for seconds in (0, 2, 4):
        loop.due(announced.begins_at + timedelta(seconds=seconds))
    assert kinds()[2:] == ["maintenance-begun"]
    assert [one["what"] for one in orders] == ["standin_on", "standin_on", "reads_follow"]
    assert {one["approved_by"] for one in orders} == {announced.approved_by}
    announced.refresh_from_db()
    assert (announced.state, announced.spare_words) == ("begun", "the doors took order 7")
    answer = client(people, "communicator").post(f"/maintenance/{announced.number}/step", {"act": "over"})
    assert answer.status_code == 302 and kinds()[3:] == ["maintenance-over"]
    again = client(people, "communicator").post(f"/maintenance/{announced.number}/step", {"act": "over"})
    assert again.status_code == 422 and len(kinds()) == 4


def test_moving_and_calling_off_need_a_second_person_and_tell_everybody(
    people: dict[str, str], announced: Maintenance
) -> None:
    writer, manager = client(people, "communicator"), client(people, "manager")
    here = f"/maintenance/{announced.number}/step"
    later = announced.begins_at.astimezone(OSLO) + timedelta(hours=1)
    moved = {"act": "move", "begins": later.strftime("%Y-%m-%dT%H:%M"),
             "ends": (later + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
             "changed-en": "The supplier comes later.", "changed-nb": "Leverandøren kommer senere."}  # fmt: skip
    assert writer.post(here, {**moved, "changed-nb": ""}).status_code == 422
    assert writer.post(here, moved).status_code == 302
    manager.post(f"/approvals/{Proposal.objects.get(state='open').number}/approve")
    announced.refresh_from_db()
    assert (announced.begins_at, announced.changes) == (later, 1) and kinds()[1:] == ["maintenance-changed"]
    off = {"act": "cancel", "changed-en": "It is not needed.", "changed-nb": "Det trengs ikke."}
    assert writer.post(here, off).status_code == 302
    manager.post(f"/approvals/{Proposal.objects.get(state='open').number}/approve")
    announced.refresh_from_db()
    assert announced.state == "cancelled" and kinds()[2:] == ["maintenance-cancelled"]
    loop.due(announced.begins_at)
    assert len(kinds()) == 3


def test_calendar_feeds_and_page_show_what_is_planned(announced: Maintenance) -> None:
    payload = announcing.announce(None, "calm", timezone.now()).payload
    (event,) = Calendar.from_ical(payload["calendar"]).walk("VEVENT")
    assert event["SUMMARY"].endswith("the main bank") and event["DTSTART"].dt == announced.begins_at
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
    (planned,) = payload["status_json"]["scheduled_maintenances"]
    assert (planned["status"], planned["scheduled_for"]) == ("scheduled", announced.begins_at.isoformat())
    assert 'id="maintenance"' in payload["status"]["en"] and "hovedbanken" in payload["status"]["nb"]
    assert "<rss" in payload["feed_rss"] and "the main bank" in payload["feed_rss"]
    now = timezone.now()
    assert planning.cancel(announced.number, {"en": "Not needed.", "nb": "Trengs ikke."}, ("a", "b"), now) == ""
    payload = announcing.announce(None, "calm", timezone.now()).payload
    (event,) = Calendar.from_ical(payload["calendar"]).walk("VEVENT")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert 'id="maintenance"' not in payload["status"]["en"]


def test_customers_at_the_spare_bank_because_of_maintenance_are_told_of_no_outage(announced: Maintenance) -> None:
    now = timezone.now()
    Maintenance.objects.update(state="begun", begun_at=now, spare_at=now)
    incident = record.open_one("bank", 1, now, now, "64 groups are served by the spare bank", now.date())
    incident.affected_cohorts = list(range(64))
    incident.save()
    assert planned_by(incident) is not None
    payload = announcing.announce(incident, "opened", now).payload
    assert "Planned maintenance" in payload["banner"]["en"]["headline"]
    assert "slik vi har varslet" in payload["status"]["nb"]
    Message.objects.all().delete()
    Notice.objects.filter(name__startswith="maintenance").update(state="said")
    assert mailing.write_due(now + timedelta(minutes=1)) == 0
    Maintenance.objects.update(state="over", ended_at=now - timedelta(seconds=1))
    assert planned_by(incident) is None
