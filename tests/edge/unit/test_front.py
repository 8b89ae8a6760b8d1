"""Places near the front of the line: for customers with needs, told to nobody, and of no use to bots."""

import time

import pytest

from holdfast.contracts.factors import DEVICE_S
from holdfast.edge.waiting.front import AGAIN_S, SAVED_MAX
from holdfast.edge.waiting.room import TICKETS_AT_ONCE, Room, TurnedAway, Waits

pytestmark = pytest.mark.demand("C1", "W6")
NEEDS = 17


async def crowd(room, people=200):
    """A line of other people, of whom the doors call five a second."""
    for _ in range(people):
        room.line.take()
    room.line.set_by_hand(5)


async def place_of(room, front, network="192.0.2.1"):
    said = await room.admit("", network, front=front)
    assert isinstance(said, Waits)
    return said.place.number


async def test_a_customer_with_needs_gets_a_place_near_the_front_and_others_the_next(room):
    await crowd(room)
    assert await place_of(room, room.front.cookie(NEEDS)) <= 50
    assert await place_of(room, room.front.cookie(0), "192.0.2.2") == 201
    assert await place_of(room, "", "192.0.2.3") == 202
    assert room.line.look().in_line == 202


async def test_copies_of_the_cookie_gain_one_place_in_ten_minutes_and_count_for_their_network(room, clock):
    await crowd(room)
    token = room.front.cookie(NEEDS)
    places = [
        await place_of(room, one, f"192.0.2.{n}") for n, one in enumerate([token, token, room.front.cookie(NEEDS)])
    ]
    assert [one <= 50 for one in places] == [True, False, False]
    clock.now += AGAIN_S + 1
    assert await place_of(room, token, "192.0.2.9") <= 50
    full_network = [await room.admit("", "198.51.100.7") for _ in range(int(TICKETS_AT_ONCE))]
    assert all(isinstance(one, Waits) for one in full_network)
    assert isinstance(await room.admit("", "198.51.100.7", front=room.front.cookie(18)), TurnedAway)


async def test_at_most_a_quarter_of_the_turns_go_to_people_with_needs(room):
    await crowd(room)
    many = [await place_of(room, room.front.cookie(customer), f"192.0.2.{customer}") for customer in range(1, 61)]
    assert sum(one <= 50 for one in many) == SAVED_MAX
    room.front.called(8)
    again = [
        await place_of(room, room.front.cookie(customer), f"198.51.100.{customer}") for customer in range(101, 111)
    ]
    assert sum(one <= 50 for one in again) == 2


async def test_no_more_come_in_under_a_rate_set_by_hand_than_it_allows(room, keyring, clock):
    room.line.set_by_hand(5)
    waiting = [(await room.queue("", f"192.0.2.{number}", "")).ticket for number in range(100)]
    waiting += [(await room.queue("", f"198.51.100.{n}", "", front=room.front.cookie(n))).ticket for n in range(1, 11)]
    assert len({one.number for one in waiting}) < len(waiting)
    came = 0
    for _ in range(100):  # ten seconds
        clock.now += 0.1
        room.line.call(50)
        called = [one for one in waiting if one.number <= room.line.look().called]
        came += len(called)
        waiting = [one for one in waiting if one not in called]
    assert came <= 5 * 10 + 2 * 5


@pytest.mark.parametrize(
    "bent", [lambda token: "", lambda token: token[:-4] + "AAAA", lambda token: "x" * 5000, str.swapcase]
)
async def test_a_cookie_that_no_door_sealed_leads_nowhere(room, bent):
    await crowd(room)
    assert await place_of(room, bent(room.front.cookie(NEEDS))) == 201


async def test_the_cookie_tells_nothing_to_who_looks_at_it_and_ends_after_ninety_days(room, monkeypatch):
    tokens = [room.front.cookie(customer) for customer in (0, 0, NEEDS, NEEDS, 9_999_999_999)]
    assert len({len(one) for one in tokens}) == 1
    assert len(set(tokens)) == 5
    await crowd(room)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + DEVICE_S + 1)
    assert await place_of(room, tokens[2]) == 201


async def test_keys_that_cannot_be_read_keep_nobody_from_logging_in(tmp_path, keyring, clock):
    (tmp_path / "taken").touch()  # where the folder of keys would be
    made = Room(tmp_path, keyring, tmp_path / "taken", clock)
    assert made.front.cookie(NEEDS) == ""
    made.line.set_by_hand(0)
    assert isinstance(await made.admit("", "192.0.2.1", front="A" * 60), Waits)
    made.line.close()
