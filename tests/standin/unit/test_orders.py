"""The walk through the orders due: pressing ones first, in bounded steps, and anew when something has changed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from holdfast.contracts.epochs import Mode, Row, pack_epoch
from holdfast.contracts.profile import Fact
from holdfast.standin import orders as module
from holdfast.standin.orders import Orders
from holdfast.standin.view import View

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
DAY = "2026-11-22"


class Stage:
    """A spare bank as far as the walk sees it."""

    def __init__(self) -> None:
        self.view, self.served = View(), {5: pack_epoch(1, 2)}
        self.say("order_run", DAY, {"at": (NOW - timedelta(seconds=1)).isoformat()})
        self.orders = Orders(SimpleNamespace(view=self.view, serving=self.serving))  # type: ignore[arg-type]

    def serving(self, cohort: int) -> Row | None:
        """The row of a cohort that is served."""
        return Row(cohort, Mode.STANDIN, self.served[cohort], 0) if cohort in self.served else None

    def say(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Tell one fact."""
        self.view.apply_facts([Fact(1, kind, key, body)], 1)

    def order(self, number: int, **more: Any) -> None:
        """An order due today."""
        self.say("order", str(number), {"cohort": 5, "debit": 10, "credit": 20, "kind": "other", "due": DAY} | more)

    def steps(self) -> list[list[int]]:
        """The steps of one pass, each as done with."""
        found = []
        while step := self.orders.due(NOW):
            found.append([due[0] for due, _, _ in step])
            self.orders._place = (*self.orders._place[:2], found[-1][-1])
        return found


def test_a_pass_goes_through_all_that_is_due_once_the_pressing_ones_first(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "STEP_MAX", 2)
    stage = Stage()
    for number in range(1, 6):
        stage.order(number, kind="rent" if number == 4 else "other")
    stage.order(6, cohort=9)
    stage.order(7, due="2026-11-23")
    assert stage.steps() == [[4], [1, 2], [3, 5]]
    assert stage.steps() == [], "nothing has changed"


def test_another_pass_begins_when_something_has_changed() -> None:
    stage = Stage()
    stage.order(1)
    assert stage.steps() == [[1]]
    stage.order(2)
    assert stage.steps() == [[1, 2]]
    stage.served[9] = pack_epoch(1, 2)
    stage.order(3, cohort=9)
    assert stage.steps() == [[1, 2, 3]]
    stage.served[5] = pack_epoch(1, 4)
    assert stage.steps() == [[1, 2, 3]], "under another epoch they are looked at again"
    stage.order(4)
    assert stage.orders.due(NOW)
    stage.orders._again = True
    assert stage.steps() == [[1, 2, 3, 4]]
    assert stage.steps() == [[1, 2, 3, 4]], "one could not be taken under its row"
    assert stage.steps() == []


def test_a_step_that_failed_is_made_again() -> None:
    stage = Stage()
    stage.order(1)
    assert [due for due, _, _ in stage.orders.due(NOW)] == [(1, DAY)]
    assert [due for due, _, _ in stage.orders.due(NOW)] == [(1, DAY)], "it was not done with"


def test_what_is_told_during_a_pass_does_not_keep_it_from_its_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "STEP_MAX", 1)
    stage, seen = Stage(), []
    for number in (1, 2, 3):
        stage.order(number)
    for _ in range(3):
        step = stage.orders.due(NOW)
        seen.append(step[0][0][0])
        stage.orders._place = (*stage.orders._place[:2], seen[-1])
        stage.order(1)
    assert seen == [1, 2, 3]
