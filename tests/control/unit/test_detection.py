"""The decision loop: when an incident opens, moves on and closes."""

from datetime import UTC, datetime, timedelta

from holdfast.control.calls import Kind
from holdfast.control.watch.detection import GRACE_S_MAX, asks_to_resume, decide
from holdfast.control.watch.observations import (
    Action,
    Advance,
    Affected,
    Ask,
    Case,
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
from holdfast.control.watch.probes import copy_words

T0 = datetime(2026, 5, 4, 14, 2, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def sight(seconds: float, answer: Kind = Kind.ANSWERS, building: str = "bank") -> Sight:
    return Sight(building, at(seconds), answer)


def rows(seconds: float, standin: int = 0, handing: int = 0) -> Rows:
    return Rows(at(seconds), frozenset(range(standin)), frozenset(range(200, 200 + handing)))


def play(*seen: Observation, state: State | None = None) -> tuple[State, list[Action]]:
    state = state or State()
    actions: list[Action] = []
    for one in seen:
        decision = decide(state, one)
        state = decision.state
        actions += decision.actions
    return state, actions


def trip(seconds: float, number: int = 1) -> Told:
    return Told(number, at(seconds), "door 1", "trip", "cohort 17 to the spare bank")


def opened(actions: list[Action]) -> list[Open]:
    return [action for action in actions if isinstance(action, Open)]


def phases(actions: list[Action]) -> list[Phase]:
    return [action.phase for action in actions if isinstance(action, Advance)]


def test_two_refused_probes_open_one_incident_that_began_at_the_first() -> None:
    state, actions = play(sight(0), sight(1, Kind.REFUSES), sight(1.2, Kind.REFUSES), sight(1.4, Kind.REFUSES))
    assert [(one.cause, one.began_at, one.detected_at) for one in opened(actions)] == [("bank", at(1), at(1.2))]
    assert Publish("bank", "opened") in actions and Ask("bank", "prove standin") in actions
    assert state.cases == {"bank": Case("bank", Phase.OPEN)}


def test_one_failed_probe_is_no_incident() -> None:
    assert play(sight(0), sight(1, Kind.REFUSES), sight(2), sight(3, Kind.UNWELL), sight(4))[1] == []


def test_a_stall_counts_from_the_third_probe() -> None:
    assert opened(play(sight(0), sight(1, Kind.STALLS), sight(2, Kind.STALLS))[1]) == []
    assert len(opened(play(sight(0), *(sight(n, Kind.STALLS) for n in (1, 2, 3)))[1])) == 1


def test_a_bank_that_was_never_well_is_given_time_to_start() -> None:
    silent = [sight(n, Kind.REFUSES) for n in range(GRACE_S_MAX)]
    assert play(*silent)[1] == []
    assert len(opened(play(*silent, sight(GRACE_S_MAX + 1, Kind.REFUSES))[1])) == 1


def test_a_trip_opens_at_once_and_the_failing_probes_after_it_open_no_second() -> None:
    _, actions = play(sight(0), trip(1.1), sight(1.5, Kind.REFUSES), sight(1.8, Kind.REFUSES), trip(2, 2), rows(2, 250))
    assert [one.began_at for one in opened(actions)] == [at(1.1)]


def test_rows_at_the_spare_bank_open_an_incident_even_when_nobody_told_why() -> None:
    _, actions = play(sight(0), rows(1, 3))
    assert len(opened(actions)) == 1
    assert Affected("bank", frozenset({0, 1, 2})) in actions


def test_an_old_trip_whose_customers_are_all_back_is_history() -> None:
    assert play(rows(0), sight(500), trip(10))[1] == []


def test_the_whole_way_from_fault_to_close() -> None:
    state, actions = play(
        sight(0),
        trip(1),
        rows(1, 256),
        Proved(at(2), "standin", (), 100),
        sight(9),
        sight(10),
        rows(11, 250, 6),
        rows(12, 100, 156),
        rows(13),
        Proved(at(14), "bank", (), 120),
        Refunded(at(14), ()),
    )
    assert phases(actions) == [Phase.REPAIRED, Phase.HANDING_BACK, Phase.RETURNED, Phase.CLOSED]
    assert [action.at for action in actions if isinstance(action, Advance)] == [at(9), at(11), at(13), at(14)]
    assert state.cases == {}


def test_nothing_closes_without_a_proof_after_the_return_and_refunds() -> None:
    before = [sight(0), trip(1), rows(1, 256), sight(9), sight(10), Proved(at(10), "bank", (), 110), rows(13)]
    for missing in (
        [Refunded(at(14), ())],
        [Proved(at(14), "bank", (), 120)],
        [Refunded(at(14), ()), Proved(at(14), "bank", ("sums are not zero",), 120)],
    ):
        state, actions = play(*before, *missing)
        assert phases(actions)[-1] is Phase.RETURNED
        assert state.cases["bank"].phase is Phase.RETURNED


def test_a_bank_that_fails_again_opens_the_same_incident_again() -> None:
    state, actions = play(
        sight(0), trip(1), rows(1, 9), sight(2), sight(3), sight(4, Kind.REFUSES), sight(5, Kind.REFUSES)
    )
    assert phases(actions) == [Phase.REPAIRED, Phase.OPEN]
    assert len(opened(actions)) == 1 and state.cases["bank"].phase is Phase.OPEN


def test_an_undone_hand_back_goes_back_to_repaired() -> None:
    undo = Told(7, at(5), "door 1", "undo", "accounts differ")
    state, actions = play(sight(0), trip(1), rows(1, 9), sight(2), sight(3), rows(4, 5, 4), rows(4.5, 9), undo)
    assert phases(actions) == [Phase.REPAIRED, Phase.HANDING_BACK, Phase.REPAIRED]
    assert state.cases["bank"].phase is Phase.REPAIRED


def test_the_spare_bank_has_an_incident_of_its_own_that_closes_by_itself() -> None:
    state, actions = play(
        sight(0, building="standin"),
        *(sight(n, Kind.REFUSES, "standin") for n in (1, 2)),
        *(sight(n, building="standin") for n in (3, 4)),
    )
    assert [(one.cause, one.severity) for one in opened(actions)] == [("standin", 3)]
    assert phases(actions) == [Phase.REPAIRED, Phase.CLOSED] and state.cases == {}


def test_groups_left_behind_by_a_hand_back_that_ended_are_offered_again() -> None:
    begun = [sight(0), trip(1), rows(1.1, 256), sight(2), sight(3), rows(4, 248, 8)]
    state, actions = play(*begun, rows(5, 1), sight(9), rows(9.5, 1), sight(10))
    assert phases(actions)[-1] is Phase.HANDING_BACK, "between two steps nothing is said"
    state, actions = play(sight(11.5), sight(12.5), sight(13.5), state=state)
    assert phases(actions) == [Phase.OPEN, Phase.REPAIRED]
    _, actions = play(rows(15, 0, 1), rows(16, 0), state=state)
    assert phases(actions) == [Phase.HANDING_BACK, Phase.RETURNED]


def test_observing_the_same_again_does_nothing_more() -> None:
    state, _ = play(sight(0), trip(1), rows(1, 256))
    again = decide(state, rows(1, 256))
    assert again.state == state and again.actions == (Affected("bank", frozenset(range(256))),)


def test_after_a_restart_only_what_has_no_answer_is_asked_again() -> None:
    def asked(case: Case) -> list[str]:
        return [ask.errand for ask in asks_to_resume(State(cases={"bank": case}))]

    assert asked(Case("bank", Phase.OPEN)) == ["prove standin"]
    assert asked(Case("bank", Phase.REPAIRED, spare_proved=True)) == ["prove bank"]
    assert asked(Case("bank", Phase.RETURNED, True, True, False)) == ["refunds"]
    assert asked(Case("bank", Phase.RETURNED, True, True, True)) == []


def test_a_copy_that_stands_still_or_has_drifted_opens_an_incident_that_says_so() -> None:
    stands = {"ok": True, "block": 7, "feed_trouble": {"books": "Block 8 does not have the hash it states."}}
    drifted = {"ok": False, "block": 7, "drift": "3 of 50 balances differ."}
    for detail, words in (
        (stands, "The spare bank's copy stands still at block 7: Block 8 does not have the hash it states."),
        (drifted, "The spare bank's copy differs from the books, and it takes no money: 3 of 50 balances differ."),
    ):
        assert copy_words(detail) == words
        seen = [Sight("standin", at(n), Kind.UNWELL, words) for n in (1, 2)]
        state, actions = play(sight(0, building="standin"), *seen)
        assert [(one.cause, one.because) for one in opened(actions)] == [("standin", words)]
        assert play(*(sight(n, building="standin") for n in (3, 4)), state=state)[0].cases == {}
    assert copy_words({"ok": True, "block": 7, "feed_trouble": {}, "drift": ""}) == ""
    assert copy_words({}) == ""


def few(seconds: float, groups: int) -> Told:
    return Told(1, at(seconds), "door 1", "trip", "a request failed", {"cohorts": list(range(groups))})


def test_one_slow_request_that_moved_its_group_from_a_well_bank_is_no_incident_of_all() -> None:
    state, actions = play(sight(0), few(1, 1), rows(1.1, 1), sight(2), rows(6, 12))
    assert [one.severity for one in opened(actions)] == [2]
    assert [one for one in actions if isinstance(one, Raise)] == []
    assert state.cases["bank"].severity == 2


def test_it_becomes_one_of_all_once_when_many_groups_follow_or_the_bank_fails() -> None:
    for seen in (
        (rows(2, 13), rows(3, 256)),
        (sight(2, Kind.REFUSES), sight(3, Kind.REFUSES), sight(4, Kind.REFUSES)),
    ):
        state, actions = play(sight(0), few(1, 1), rows(1.1, 1), *seen)
        assert [one.severity for one in actions if isinstance(one, Raise)] == [1]
        assert state.cases["bank"].severity == 1
        assert [one.severity for one in opened(actions)] == [2]


def test_a_trip_of_all_groups_is_grave_at_once() -> None:
    _, actions = play(sight(0), few(1, 256))
    assert [one.severity for one in opened(actions)] == [1]
