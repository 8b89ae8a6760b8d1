"""When a door moves customers to the spare bank."""

from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.edge.switching import COHORTS_TO_MOVE_ALL, WINDOW_S, Sight, majority, rows_to_trip

ROWS = [Row(c, Mode.PRIMARY, FIRST_EPOCH) for c in range(8)]


def test_a_payment_that_failed_moves_its_own_group_only():
    sight = Sight()
    sight.failed(100.0, 2)
    changes, words = rows_to_trip(sight, ROWS, 100.1, 2)
    assert [(old.cohort, new.mode, new.epoch) for old, new in changes] == [(2, Mode.STANDIN, FIRST_EPOCH + 1)]
    assert "group 2" in words


def test_a_read_that_failed_moves_nobody_by_itself():
    sight = Sight()
    sight.failed(100.0, 2)
    assert rows_to_trip(sight, ROWS, 100.1, None)[0] == []


def test_failures_of_a_few_different_groups_move_all_that_are_still_there():
    sight = Sight()
    rows = [*ROWS[:7], Row(7, Mode.STANDIN, FIRST_EPOCH + 1)]
    for cohort in range(COHORTS_TO_MOVE_ALL):
        sight.failed(100.0, cohort)
    assert len(rows_to_trip(sight, rows, 100.1, None)[0]) == 7


def test_many_failures_of_one_group_do_not_move_the_others():
    sight = Sight()
    for _ in range(50):
        sight.failed(100.0, 4)
    assert len(rows_to_trip(sight, ROWS, 100.1, 4)[0]) == 1


def test_failures_long_past_are_forgotten():
    sight = Sight()
    for cohort in range(5):
        sight.failed(100.0, cohort)
    assert rows_to_trip(sight, ROWS, 100.1 + WINDOW_S, None)[0] == []


def test_a_burst_of_slow_requests_beside_answers_moves_only_their_own_groups():
    sight = Sight()
    for n in range(40):
        sight.answered(100.0 + n / 100)
    for cohort in range(5):
        sight.failed(100.3, cohort, stalled=True)
    assert [old.cohort for old, _ in rows_to_trip(sight, ROWS, 100.4, 1)[0]] == [1]


def test_a_bank_that_answers_nobody_any_more_moves_all_by_its_stalls_alone():
    sight = Sight()
    for n in range(40):
        sight.answered(99.0 + n / 100)
    for cohort in range(3):
        sight.failed(100.2, cohort, stalled=True)
    assert len(rows_to_trip(sight, ROWS, 100.3, None)[0]) == len(ROWS)


def test_refusals_and_broken_answers_move_all_though_others_are_answered():
    sight = Sight()
    for n in range(40):
        sight.answered(100.0 + n / 100)
    for cohort in range(3):
        sight.failed(100.3, cohort)
    assert len(rows_to_trip(sight, ROWS, 100.4, None)[0]) == len(ROWS)


def test_nobody_is_moved_to_a_spare_bank_that_does_not_answer():
    sight = Sight(standin_answers=False)
    for cohort in range(5):
        sight.failed(100.0, cohort)
    assert rows_to_trip(sight, ROWS, 100.1, 1)[0] == []


def test_strangers_go_where_most_customers_are():
    away = [Row(c, Mode.STANDIN, 2) for c in range(5)]
    assert majority([*away, *ROWS[5:]]) is Mode.STANDIN
    assert majority(ROWS) is Mode.PRIMARY
