"""Changes as they are written down: settings that parts tell, their differences, what people decided."""

from datetime import UTC, datetime, timedelta

import pytest
from staffing import client  # type: ignore[import-not-found]  # beside this folder

from holdfast.control.changes.models import Change, Setting
from holdfast.control.changes.record import differences, note, standing, take_settings, trim

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC)


@pytest.mark.demand("W1")
def test_a_setting_that_changes_is_a_change_and_the_first_telling_is_none() -> None:
    told = {("door-1", "logins at once"): "3", ("door-2", "logins at once"): "3"}
    assert take_settings(NOW, told) == []
    assert take_settings(NOW + timedelta(seconds=10), told) == []
    assert not Change.objects.exists()
    later = NOW + timedelta(seconds=20)
    assert take_settings(later, {**told, ("door-2", "logins at once"): "1"}) == [
        "logins at once of door-2: 3 before, 1 now"
    ]
    assert Change.objects.get().kind == "configuration"
    row = Setting.objects.get(component="door-2")
    assert (row.value, row.before, row.seen_at) == ("1", "3", later)
    assert row.since == Change.objects.get().at == NOW + timedelta(seconds=10)  # when it was last seen as before
    (found,) = differences(Setting.objects.all(), (("door-1", "door-2"),))
    assert found.words in ("logins at once of door-2 is 1, of others 3", "logins at once of door-1 is 3, of others 1")


def test_a_setting_that_was_not_seen_for_long_changed_half_a_minute_ago_at_the_most_and_nothing_has_a_word() -> None:
    take_settings(NOW, {("bank-db", "synchronous standby names"): ""})
    later = NOW + timedelta(hours=1)
    assert take_settings(later, {("bank-db", "synchronous standby names"): "elsewhere"}) == [
        "synchronous standby names of bank-db: nothing before, elsewhere now"
    ]
    assert Change.objects.get().at == later - timedelta(seconds=30)


def test_a_setting_that_was_taken_back_is_no_change_any_more_unless_that_came_later() -> None:
    waits, part = "synchronous standby names", "bank-db"
    for minute, value in enumerate(("", "elsewhere", "elsewhere", "", "twice", "")):
        take_settings(NOW + timedelta(minutes=minute), {(part, waits): value, (part, "connections"): str(minute // 5)})
    rows = list(Change.objects.order_by("-at"))
    assert len(rows) == 5
    left = {minute: [row.words for row in standing(rows, NOW + timedelta(minutes=minute))] for minute in (1, 3, 9)}
    more = f"connections of {part}: 0 before, 1 now"
    said = [f"{waits} of {part}: {change}" for change in (
        "nothing before, elsewhere now", "elsewhere before, nothing now", "nothing before, twice now",
        "twice before, nothing now",
    )]  # fmt: skip
    assert sorted(left[1]) == sorted([*said, more])
    assert sorted(left[3]) == sorted([*said[2:], more])
    assert left[9] == [more]


def test_a_setting_that_its_part_tells_no_more_was_taken_back_and_not_by_a_round_that_lacks_it() -> None:
    part, usual = "bank-db", {("bank-db", "connections"): "0"}
    take_settings(NOW, usual)
    second = timedelta(seconds=1)
    appeared = take_settings(NOW + 10 * second, {**usual, (part, "idle session timeout"): "150"})
    assert appeared == ["idle session timeout of bank-db: not told before, 150 now"]
    assert take_settings(NOW + 20 * second, {("standin", "release"): "1"}) == []  # the part said nothing at all
    assert take_settings(NOW + 22 * second, usual) == []
    assert take_settings(NOW + 32 * second, usual) == ["idle session timeout of bank-db: 150 before, not told now"]
    assert Change.objects.order_by("-at")[0].at == NOW + 10 * second
    assert standing(Change.objects.all(), NOW + 40 * second) == []
    again = take_settings(NOW + 50 * second, {**usual, (part, "idle session timeout"): "150"})
    assert again == appeared


def test_a_release_that_runs_beside_another_is_a_difference_wherever_it_runs() -> None:
    take_settings(NOW, {(part, "release"): "0.1.0 aa" for part in ("door-1", "bank-web", "standin")})
    assert differences(Setting.objects.all()) == []
    assert take_settings(NOW, {("standin", "release"): "0.0.9 bb"}) == [
        "release of standin: 0.1.0 aa before, 0.0.9 bb now"
    ]
    assert Change.objects.get().kind == "release"
    (found,) = differences(Setting.objects.all())
    assert (found.component, found.words) == ("standin", "release of standin is 0.0.9 bb, of others 0.1.0 aa")


def test_old_changes_are_forgotten_and_a_kind_nobody_knows_is_refused() -> None:
    note(NOW - timedelta(days=100), "bank-web", "start", "bank-web began anew")
    note(NOW, "bank-web", "start", "bank-web began anew")
    trim(NOW)
    assert Change.objects.count() == 1
    with pytest.raises(ValueError, match="no kind"):
        note(NOW, "", "gossip", "x")


def test_the_page_of_changes_shows_them_by_part(people: dict[str, str]) -> None:
    note(NOW, "bank-web", "start", "bank-web began anew")
    note(NOW, "standin", "start", "standin began anew")
    take_settings(NOW, {("bank-web", "threads"): "24", ("standin", "backlog"): "2048"})
    page = client(people, "auditor").get("/changes?part=bank-web").content.decode()
    assert "bank-web began anew" in page
    assert "standin began anew" not in page
    assert "24" in page
