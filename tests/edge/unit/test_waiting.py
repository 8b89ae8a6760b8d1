"""The waiting room's rules: order kept, nobody inside is queued, everything bounded."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.contracts.sessions import ABSOLUTE_S, BANK_COOKIE, IDLE_S, SESSION_PURPOSE, Session
from holdfast.edge.waiting import ticket as tickets
from holdfast.edge.waiting.calling import CALLED_FOR_ONE_MAX, History, Moment, Sample, to_call
from holdfast.edge.waiting.limit import CEILING, FLOOR, PACE_LEAST_PER_S, Limit, learned, paced
from holdfast.edge.waiting.line import Counts, Line, called_on
from holdfast.edge.waiting.places import OF_ONE_NETWORK_MAX, WAITING_MAX, Places
from holdfast.edge.waiting.room import HOLD_S, TICKETS_AT_ONCE, TURN_S, LetIn, Room, TurnedAway, Waits
from holdfast.edge.waiting.shares import KEPT_MAX, Shares
from holdfast.edge.waiting.ticket import COOKIE, LET_IN_S, Ticket
from holdfast.signing import create_key, load_keyring

pytestmark = pytest.mark.demand("W6")
SECONDS = st.floats(0, 1e4, allow_nan=False)


def full(room):
    """Somebody far away has the next place, so that there is a line, and nobody is called."""
    room.line.set_by_hand(0)


@given(st.lists(st.tuples(st.floats(0, 60), st.booleans(), st.booleans(), SECONDS), max_size=80))
def test_the_limit_stays_between_floor_and_ceiling_whatever_was_seen(seen):
    limit = Limit()
    for took_s, well, is_full, now in seen:
        limit = learned(limit, took_s, well=well, full=is_full, now=now)
        assert FLOOR <= limit.at_once <= CEILING
        assert limit.whole >= 1
        assert 0 < limit.capacity_per_s < CEILING * 101


def test_quick_answers_with_all_places_used_let_more_in_and_slow_ones_fewer():
    limit = Limit()
    for _ in range(200):
        limit = learned(limit, 0.1, well=True, full=True, now=0)
    assert limit.at_once == CEILING
    idle = learned(Limit(), 0.1, well=True, full=False, now=0)
    assert idle.at_once == Limit().at_once
    once = learned(limit, 1.5, well=True, full=True, now=100)
    again = learned(once, 1.5, well=True, full=True, now=100.1)
    assert once.at_once == pytest.approx(CEILING * 0.7)
    assert again.at_once == once.at_once  # one round tells of one moment
    for second in range(101, 160, 2):
        again = learned(again, 0.1, well=False, full=True, now=second)
    assert again.at_once == FLOOR


MOMENTS = st.builds(
    Moment,
    passed_s=st.floats(0, 10),
    capacity_per_s=st.floats(0.01, 1000),
    inside_s=st.floats(0, 5),
    share=st.floats(0, 1),
    posts_each=st.floats(0, 10),
    in_line=st.integers(0, 10_000),
    left_over=st.floats(-20, 1),
)


@given(MOMENTS)
def test_called_are_never_more_than_stand_in_line_nor_more_than_can_be_served(moment):
    called, left = to_call(moment, HOLD_S)
    assert 0 <= called <= moment.in_line
    assert min(moment.left_over, 0) <= left <= 1
    assert called <= moment.capacity_per_s * moment.passed_s * CALLED_FOR_ONE_MAX + 1
    if moment.inside_s > HOLD_S:
        assert called == 0


def test_as_many_more_are_called_as_do_not_come():
    moment = Moment(1.0, 10.0, 0.0, 1.0, 1.0, 1000, 0.0)
    assert to_call(moment, HOLD_S)[0] == 9
    history = History(90)
    for second in range(90):
        history.add(Sample(float(second), second * 9, second * 3, second * 6))
    assert history.share(89.0) == pytest.approx(1 / 3)
    assert history.posts_each(89.0) == 2.0
    assert history.per_s(89.0) == 9.0
    third = Moment(1.0, 10.0, 0.0, history.share(89.0), 1.0, 1000, 0.0)
    assert to_call(third, HOLD_S)[0] in (26, 27)


def test_nobody_who_is_still_to_come_counts_as_one_who_does_not():
    history = History(90)
    for second in range(90):  # all come, fifteen seconds after they were called
        history.add(Sample(float(second), second * 9, max(second - 15, 0) * 9, 0))
        assert history.share(float(second)) == 1.0


@given(SECONDS, SECONDS, st.booleans(), SECONDS)
def test_the_pace_is_what_was_finished_and_no_more_than_all_places_could(pace, done, full, most):
    after = paced(pace, done, full=full, most_per_s=most)
    assert PACE_LEAST_PER_S <= after <= max(most, PACE_LEAST_PER_S)


def test_the_pace_follows_what_a_full_door_finishes_and_grows_slowly_while_places_are_free():
    pace = 100.0
    for _ in range(20):
        pace = paced(pace, 5.0, full=True, most_per_s=100.0)
    assert pace == pytest.approx(5.0, abs=0.2)
    for _ in range(30):
        pace = paced(pace, 1.0, full=False, most_per_s=100.0)
    assert 6.0 < pace < 7.5
    assert paced(pace, 20.0, full=False, most_per_s=100.0) == 20.0


def test_slow_pages_of_who_is_inside_let_fewer_in(clock):
    places = Places(clock)
    places.saw(0.1)
    assert places.limit.at_once == 3.0
    places.saw(0.7)
    assert places.limit.at_once == pytest.approx(2.1)


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=60), st.one_of(st.just(-1.0), st.floats(0, 1000)))
def test_places_only_grow_and_called_never_passes_issued(steps, by_hand):
    counts, given_out, now = Counts(7, 7, 7, by_hand=by_hand), [], 0.0
    for step in steps:
        before, now = counts, now + 0.1
        if step is None:
            counts = Counts(7, counts.issued + 1, counts.called, 0, 0, by_hand, counts.saved, counts.saved_at)
            given_out.append(counts.issued)
        else:
            counts = called_on(counts, step, now)
        assert before.called <= counts.called <= counts.issued
    assert given_out == sorted(set(given_out))


def test_a_rate_set_by_hand_is_kept_by_both_doors_together(tmp_path, clock):
    one, two = Line(tmp_path, clock), Line(tmp_path, clock)
    one.set_by_hand(5)
    for _ in range(500):
        two.take()
    before = one.look().called
    for _ in range(100):  # ten seconds, both doors ready to call fifty each time
        clock.now += 0.1
        one.call(50)
        two.call(50)
    assert 48 <= one.look().called - before <= 51
    one.set_by_hand(0)
    stopped = one.look().called
    clock.now += 60
    assert two.call(50).called == stopped
    with pytest.raises(ValueError, match="between 0"):
        one.set_by_hand(-1)
    one.close()
    two.close()


def test_doors_share_one_line_and_a_door_started_again_finds_it(tmp_path):
    one, two = Line(tmp_path), Line(tmp_path)
    places = [line.take() for line in (one, two, two, one)]
    assert [place - places[0] for place in places] == [0, 1, 2, 3]
    one.close()
    again = Line(tmp_path)
    assert again.take() == places[-1] + 1
    again.close()
    two.close()


async def test_a_line_that_was_lost_begins_above_all_old_places(tmp_path, keyring, clock):
    first = Room(tmp_path, keyring, tmp_path / "keys", clock)
    full(first)
    held = (await first.admit("", "192.0.2.1")).ticket
    first.line.close()
    (tmp_path / "waiting.line").unlink()
    await asyncio.sleep(0.005)
    second = Room(tmp_path, keyring, tmp_path / "keys", clock)
    assert second.line.look().base > held.number
    full(second)
    said = await second.admit(tickets.write(keyring, held), "192.0.2.1")
    assert isinstance(said, Waits)
    assert said.ticket.number == second.line.look().issued
    second.line.close()


async def test_nobody_needs_a_ticket_while_nothing_is_wrong(room):
    assert await room.admit("", "192.0.2.1") == LetIn()
    assert room.line.look().in_line == 0


async def test_people_are_let_in_in_the_order_in_which_they_came(room, keyring, clock):
    full(room)
    waiting = [(await room.admit("", f"192.0.2.{number}")).ticket for number in range(50)]
    assert [one.number for one in waiting] == sorted({one.number for one in waiting})
    room.line.set_by_hand(None)
    let_in = []
    for _ in range(100):
        clock.now += 0.1
        room.tick()
        for one in list(waiting):
            if one.number <= room.line.look().called:
                said = await room.admit(tickets.write(keyring, one), "192.0.2.1")
                assert isinstance(said, LetIn)
                let_in.append(one.number)
                waiting.remove(one)
    assert waiting == []
    assert let_in == sorted(let_in)
    assert room.line.look().came == 50


async def test_a_place_tells_how_many_are_ahead_and_when_the_turn_comes(room, clock):
    room.line.set_by_hand(2)
    for _ in range(100):
        said = room.place_of(room.line.take())
    assert (said.number, said.ahead, said.wait_s) == (100, 99, 50.0)
    assert 2 <= said.again_s <= 15
    room.line.set_by_hand(0)
    assert room.place_of(room.line.look().issued).wait_s is None


async def test_who_comes_late_loses_the_turn_and_gets_one_of_the_next(room, keyring, clock):
    full(room)
    late = (await room.admit("", "192.0.2.1")).ticket
    for _ in range(2000):
        room.line.take()
    room.line.set_by_hand(None)
    room.line.call(500)
    for _ in range(int(TURN_S) + 2):
        clock.now += 1
        room.history.add(Sample(clock.now, room.line.look().called, 0, 0))
    room.line.set_by_hand(0)
    said = await room.admit(tickets.write(keyring, late), "192.0.2.1")
    assert isinstance(said, Waits)
    assert said.place.number <= 20  # near the front, with 1500 behind
    assert room.line.look().in_line >= 1500


async def test_who_was_let_in_may_mistype_for_some_minutes_and_no_longer(room, keyring):
    full(room)
    number = room.line.take()
    fresh = Ticket(number, time.time(), time.time() - LET_IN_S + 5)
    assert isinstance(await room.admit(tickets.write(keyring, fresh), "192.0.2.1"), LetIn)
    spent = Ticket(number, time.time(), time.time() - LET_IN_S - 5)
    assert isinstance(await room.admit(tickets.write(keyring, spent), "192.0.2.1"), Waits)


async def test_who_was_let_in_and_found_no_place_inside_stays_let_in_and_others_get_a_place(room, keyring):
    held = Ticket(room.line.take(), time.time(), time.time() - LET_IN_S + 5)
    said = await room.queue(tickets.write(keyring, held), "192.0.2.1", "ann")
    assert isinstance(said, LetIn)
    assert (said.ticket.name, said.ticket.number) == ("ann", held.number)
    assert said.ticket.let_in > held.let_in + 100
    full(room)
    waits = await room.queue("", "192.0.2.1", "ann")
    assert isinstance(waits, Waits)
    again = await room.queue(tickets.write(keyring, waits.ticket), "192.0.2.1", "bob")
    assert (again.ticket.number, again.ticket.name) == (waits.ticket.number, "bob")


async def test_one_network_cannot_fill_the_line(room, clock):
    full(room)
    said = [await room.admit("", "198.51.100.7") for _ in range(300)]
    assert sum(isinstance(one, Waits) for one in said) == TICKETS_AT_ONCE
    assert all(one.again_s > 0 for one in said if isinstance(one, TurnedAway))
    assert room.turned_away == 300 - TICKETS_AT_ONCE
    assert isinstance(await room.admit("", "198.51.100.8"), Waits)
    assert room.line.look().in_line == TICKETS_AT_ONCE + 1
    clock.now += 2.1
    assert isinstance(await room.admit("", "198.51.100.7"), Waits)  # a little later there is one again


@pytest.mark.parametrize("token", ["", "x", "door.e30.e30", "x" * 5000])
async def test_a_ticket_that_no_door_signed_is_none(room, keyring, token):
    assert tickets.read(keyring, token) is None
    full(room)
    assert isinstance(await room.admit(token, "192.0.2.1"), Waits)


def test_a_ticket_of_another_signer_or_purpose_is_none(tmp_path, keyring):
    said = {"number": 1, "at": time.time(), "let_in": time.time(), "name": ""}
    assert tickets.read(keyring, keyring.sign(tickets.PURPOSE, said)) is not None
    assert tickets.read(keyring, keyring.sign("cohort", said)) is None
    assert tickets.read(keyring, load_keyring(tmp_path / "keys", "primary").sign(tickets.PURPOSE, said)) is None
    old = {**said, "at": time.time() - tickets.TICKET_S_MAX - 1}
    assert tickets.read(keyring, keyring.sign(tickets.PURPOSE, old)) is None
    assert COOKIE.startswith("hf_")  # so that it gets its prefix over TLS


@settings(deadline=None, max_examples=25)  # each makes keys
@given(st.floats(0, 2 * ABSOLUTE_S), st.floats(0, 2 * IDLE_S))
def test_inside_is_who_has_a_session_that_is_not_over(tmp_path_factory, began_ago, issued_ago):
    folder = tmp_path_factory.mktemp("inside")
    for name in ("door", "primary", "standin"):
        create_key(folder / "keys", name)
    door, bank = (load_keyring(folder / "keys", name) for name in ("door", "primary"))
    room, now = Room(folder, door, folder / "keys"), time.time()
    session = Session("s", 1, 2, ("password", "code"), now - began_ago, now - issued_ago, 3)
    token = bank.sign(SESSION_PURPOSE, session.to_payload())
    assert room.is_inside({BANK_COOKIE: token}) is not session.over()
    assert room.is_inside({BANK_COOKIE: token}) is not session.over()  # and as it was kept
    assert not room.is_inside({BANK_COOKIE: door.sign(SESSION_PURPOSE, session.to_payload())})
    assert not room.is_inside({})
    room.line.close()


async def test_places_go_in_order_and_codes_before_passwords():
    places, went = Places(), []

    async def log_in(name, first=False):
        assert await places.enter(name, 5, first=first)
        went.append(name)
        await asyncio.sleep(0.005)
        places.leave(0.4, well=True)

    running = []
    for number in range(8):
        running.append(asyncio.create_task(log_in(f"p{number}")))
        await asyncio.sleep(0)
    running.append(asyncio.create_task(log_in("code", first=True)))
    await asyncio.gather(*running)
    assert went == ["p0", "p1", "p2", "code", "p3", "p4", "p5", "p6", "p7"]
    assert (places.under_way, places.waiting) == (0, 0)


async def test_who_gives_up_leaves_no_place_taken():
    places = Places()
    for _ in range(3):
        assert await places.enter("n", 1)
    assert not await places.enter("n", 0.01)
    leaving = asyncio.create_task(places.enter("n", 5))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (places.under_way, places.waiting) == (3, 0)
    for _ in range(3):
        places.leave(0.1, well=True)
    assert places.under_way == 0


async def test_the_door_holds_a_bounded_number_and_no_network_takes_all():
    places = Places()
    for _ in range(3):
        assert await places.enter("n", 1)
    holding = [asyncio.create_task(places.enter("one", 5)) for _ in range(OF_ONE_NETWORK_MAX + 10)]
    holding += [asyncio.create_task(places.enter(f"n{number}", 5)) for number in range(WAITING_MAX + 10)]
    await asyncio.sleep(0)
    assert places.waiting == WAITING_MAX
    await asyncio.sleep(0)
    assert [task.result() for task in holding if task.done()] == [False] * 60
    for task in holding:
        task.cancel()
    await asyncio.gather(*holding, return_exceptions=True)
    assert (places.under_way, places.waiting) == (3, 0)


def test_what_is_kept_of_networks_is_bounded(clock):
    shares = Shares(2, 1, clock)
    for number in range(KEPT_MAX + 500):
        assert shares.take(str(number)) == 0.0
    assert shares.kept() == KEPT_MAX
    assert shares.take("x") == shares.take("x") == 0.0
    assert shares.take("x") == pytest.approx(1.0)
    clock.now += 1
    assert shares.take("x") == 0.0
