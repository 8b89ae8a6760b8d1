"""Time that is set ahead between instants: which day is day 0, and that nobody has a request under way meanwhile."""

import asyncio
import random
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from holdfast.gameday import crowd as crowds
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.daylong import Days
from holdfast.gameday.errors import StoryBroken

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(("hour", "first"), [(9, date(2026, 11, 22)), (22, date(2026, 11, 23))])
def test_day_0_is_the_first_on_which_the_first_instant_is_still_to_come(hour, first):
    days = Days()
    assert days.instant("day 0 21:59:45", datetime(2026, 11, 22, hour, 0, tzinfo=OSLO)).date() == first
    later = days.instant("day 2 06:00:00", datetime(2026, 11, 22, 23, 0, tzinfo=OSLO))
    assert (later.day, later.hour, days.number) == (first.day + 2, 6, 2)


def test_a_day_that_the_clocks_change_in_still_has_its_own_six_o_clock():
    days = Days()
    days.instant("day 0 21:00:00", datetime(2026, 3, 28, 12, 0, tzinfo=OSLO))
    six = days.instant("day 1 06:00:00", datetime(2026, 3, 28, 23, 0, tzinfo=OSLO))
    assert six.timestamp() - datetime(2026, 3, 28, 21, 0, tzinfo=OSLO).timestamp() == 8 * 3600


class Worker(Customer):
    """A customer whose work is counted instead of done; asked: what was asked for after a rest."""

    asked: list[str]

    async def log_in(self) -> bool:
        self.logged_in = True
        return True

    async def cycle(self) -> None:
        self.crowd.restarted += 1
        await asyncio.sleep(0.005)

    async def log_out(self) -> None:
        self.logged_in = False

    async def ask(self, method, path, want, form=None, may_be=()):
        self.asked.append(want)


async def test_while_time_jumps_everybody_rests_and_then_finds_the_session_over_or_works_on():
    crowd = Crowd("http://localhost:1", [], 1, 1.0, 0.0)
    worker = Worker(crowd, {"accounts": []}, random.Random(1), None)
    worker.asked = []
    working = asyncio.create_task(worker.live())
    await asyncio.sleep(0.03)
    for over, asked in ((True, ["login"]), (False, ["login"])):
        await crowd.hold()
        before = crowd.restarted
        await asyncio.sleep(0.03)
        assert crowd.restarted == before
        crowd.go_on(sessions_over=over)
        await asyncio.sleep(0.15)
        assert (crowd.restarted > before, worker.asked) == (True, asked)
    crowd.stopping = True
    await asyncio.wait_for(working, 3)


async def test_who_does_not_end_what_they_are_at_breaks_the_story(monkeypatch):
    monkeypatch.setattr(crowds, "HOLD_S_MAX", 0.1)
    crowd = Crowd("http://localhost:1", [], 1, 1.0, 0.0)
    crowd.at_work = 1
    with pytest.raises(StoryBroken, match="1 customers"):
        await crowd.hold()
