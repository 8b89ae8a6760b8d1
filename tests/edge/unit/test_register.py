"""The register: compare-and-set of whole rows, claims by rule 4, orders and leases."""

import itertools

import pytest

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row, pack_epoch
from holdfast.edge import register
from holdfast.edge.errors import RegisterMissing
from holdfast.edge.register import Register, create, may_claim
from holdfast.edge.switching import moved


@pytest.fixture
def pair(tmp_path):
    path = tmp_path / "register.sqlite"
    create(path)
    first, second = Register(path, "door-1"), Register(path, "door-2")
    yield first, second
    first.close()
    second.close()


def test_a_row_is_changed_by_one_of_two_doors_only(pair):
    first, second = pair
    row = first.rows()[17]
    assert first.swap([(row, moved(row))], "trip", "one") == [Row(17, Mode.STANDIN, FIRST_EPOCH + 1)]
    assert second.swap([(row, moved(row))], "trip", "two") == []
    assert second.rows()[17] == Row(17, Mode.STANDIN, FIRST_EPOCH + 1)
    assert [event["words"] for event in second.events(0)] == ["one"]


@pytest.mark.parametrize(
    ("mode", "epoch"),
    [
        (Mode.STANDIN, FIRST_EPOCH),
        (Mode.PRIMARY, FIRST_EPOCH),
        (Mode.STANDIN, FIRST_EPOCH + 2),
        (Mode.HANDING_BACK, FIRST_EPOCH),
        (Mode.STANDIN, FIRST_EPOCH - 1),
    ],
)
def test_a_change_of_who_serves_takes_the_next_epoch(pair, mode, epoch):
    row = pair[0].rows()[0]
    with pytest.raises(ValueError, match="may not change"):
        pair[0].swap([(row, Row(0, mode, epoch))], "trip", "wrong")
    assert pair[1].rows()[0] == row


def test_only_handing_back_keeps_the_epoch_and_no_closed_epoch_comes_back(pair):
    door = pair[0]
    away = door.swap([(door.rows()[3], moved(door.rows()[3]))], "trip", "x")[0]
    closing = Row(3, Mode.HANDING_BACK, away.epoch)
    assert door.swap([(away, closing)], "handback", "x") == [closing]
    with pytest.raises(ValueError, match="may not change"):
        door.swap([(closing, away)], "undo", "x")
    assert door.swap([(closing, Row(3, Mode.STANDIN, away.epoch + 1))], "undo", "x")


def test_a_change_of_many_rows_moves_those_that_still_hold(pair):
    first, second = pair
    rows = first.rows()
    second.swap([(rows[5], moved(rows[5]))], "trip", "x")
    held = first.swap([(row, moved(row)) for row in rows], "trip", "all")
    assert len(held) == 255
    assert {row.epoch for row in first.rows()} == {FIRST_EPOCH + 1}


def test_one_id_is_claimed_refused_or_taken_never_both(pair):
    first, second = pair
    assert first.claim("refused", [("a" * 32, 1, FIRST_EPOCH)]) == (["a" * 32], [])
    assert second.claim("taken", [("a" * 32, 1, FIRST_EPOCH + 1)]) == ([], ["a" * 32])
    assert second.claim("taken", [("b" * 32, 1, FIRST_EPOCH + 1)]) == (["b" * 32], [])
    assert first.claim("refused", [("b" * 32, 1, FIRST_EPOCH)]) == ([], ["b" * 32])
    assert first.claim("refused", [("a" * 32, 1, FIRST_EPOCH)]) == (["a" * 32], [])


def test_a_refusal_under_a_newer_epoch_beats_an_older_taking(pair):
    pair[0].claim("taken", [("c" * 32, 1, FIRST_EPOCH + 1)])
    assert pair[0].claim("refused", [("c" * 32, 1, FIRST_EPOCH + 2)])[0] == ["c" * 32]


@pytest.mark.parametrize(
    ("who", "epoch", "found", "granted"),
    [
        ("refused", 5, None, True),
        ("refused", 5, ("refused", 9), True),
        ("refused", 5, ("taken", 5), False),
        ("refused", 5, ("taken", 6), False),
        ("refused", 6, ("taken", 5), True),
        ("taken", 5, None, True),
        ("taken", 5, ("taken", 9), True),
        ("taken", 9, ("refused", 1), False),
    ],
)
def test_claims_are_granted_as_rule_4_says(who, epoch, found, granted):
    assert may_claim(who, epoch, found, 10) is granted


def test_a_register_made_anew_grants_no_refusal_to_an_older_generation():
    assert may_claim("refused", pack_epoch(1, 7), None, pack_epoch(2, 1)) is False
    assert may_claim("refused", pack_epoch(2, 1), None, pack_epoch(2, 1)) is True


def test_the_hand_back_is_driven_by_one_door_at_a_time(pair):
    first, second = pair
    assert first.lease("handback", 30)
    assert not second.lease("handback", 30)
    assert first.lease("handback", -1)
    assert second.lease("handback", 30)


def test_orders_are_carried_out_once_in_their_order(pair):
    first, second = pair
    numbers = [first.order("standin_on", [1], "try", "a"), second.order("hand_back", None, "back", "b")]
    assert second.open_order() == (numbers[0], "standin_on", [1], "try")
    first.end_order(numbers[0], "done")
    assert first.open_order() == (numbers[1], "hand_back", None, "back")


def test_a_missing_register_is_never_guessed(tmp_path):
    with pytest.raises(RegisterMissing, match="restore it"):
        Register(tmp_path / "none.sqlite", "door-1")


def test_making_the_register_again_changes_nothing(pair, tmp_path):
    row = pair[0].rows()[9]
    pair[0].swap([(row, moved(row))], "trip", "x")
    create(tmp_path / "register.sqlite")
    assert pair[0].rows()[9].mode is Mode.STANDIN


def test_the_version_tells_of_the_other_doors_changes(pair):
    first, second = pair
    seen = itertools.count()
    before = second.version()
    first.event("door", f"opened {next(seen)}")
    assert second.version() != before


def test_the_same_signed_call_is_one_order_at_either_door_and_another_call_is_another(pair):
    first, second = pair
    asked = [door.order("hand_back", None, "back", "b", mark=mark) for door, mark in
             ((first, b"one"), (second, b"one"), (second, b"two"), (first, b""), (first, b""))]  # fmt: skip
    assert asked == [1, 1, 2, 3, 4]
    assert [event["data"]["order"] for event in second.events(0)] == [1, 2, 3, 4]


def test_a_call_is_remembered_as_long_as_it_would_be_believed(pair, monkeypatch):
    door, now = pair[0], register.time.time()
    assert door.order("hand_back", None, "back", "b", mark=b"one") == 1
    for late_s, number in ((CLOCK_LEEWAY_S * 2 - 60, 1), (CLOCK_LEEWAY_S * 2 + 60, 1)):
        monkeypatch.setattr(register.time, "time", lambda at=now + late_s: at)
        assert door.order("hand_back", None, "back", "b", mark=b"one") == number
    assert door.order("hand_back", None, "back", "b", mark=b"one") == 2, "the look after its time forgot it"
