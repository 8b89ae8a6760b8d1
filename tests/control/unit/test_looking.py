"""Which bank's word holds when an agent sees a customer's pages: as the doors send reads, and never a guess."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from holdfast.contracts.consent import PagesShown
from holdfast.contracts.shapes import to_wire
from holdfast.control.calls import Kind, Reply
from holdfast.control.support import looking
from holdfast.control.support.models import Conversation

pytestmark = [pytest.mark.demand("B7"), pytest.mark.demand("S1")]
PAGES = PagesShown("now", False, "", (), (), False)
SHOWN = Reply(Kind.ANSWERS, 200, 1.0, "status 200", to_wire(PAGES))
OTHERWISE = Reply(Kind.ANSWERS, 200, 1.0, "status 200", {"accounts": "none"})
DEAD = Reply(Kind.REFUSES, 0, 1.0, "refuses connections")
ILL = Reply(Kind.UNWELL, 500, 1.0, "status 500")
BOTH, SPARE = ("bank", "standin"), ("standin",)


def over(why: str) -> Reply:
    return Reply(Kind.UNWELL, 409, 1.0, "status 409", {"over": why})


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, list[str]]]:
    def go(serving: tuple[str, ...], **replies: Reply) -> tuple[Any, list[str]]:
        asked: list[str] = []

        def order(bank: str, _path: str, body: dict[str, Any], _limit_s: float) -> Reply:
            asked.append(bank)
            assert body == {"consent": "token", "agent": "kari", "language": "nb"}
            return replies[bank]

        monkeypatch.setattr(looking, "_serving", lambda _customer: serving)
        monkeypatch.setattr(looking, "switchboard", lambda: SimpleNamespace(order=order))
        return looking._ask(Conversation(consent="token", language="nb", customer=7), "kari"), asked

    return go


@pytest.mark.parametrize(
    ("serving", "bank", "standin", "shown_by", "problem", "asked"),
    [
        (BOTH, SHOWN, SHOWN, "bank", "", ["bank"]),
        (SPARE, SHOWN, SHOWN, "standin", "", ["standin"]),
        (BOTH, DEAD, SHOWN, "standin", "", ["bank", "standin"]),
        (BOTH, ILL, SHOWN, "standin", "", ["bank", "standin"]),
        (BOTH, OTHERWISE, SHOWN, "standin", "", ["bank", "standin"]),
        (BOTH, over("elsewhere"), SHOWN, "standin", "", ["bank", "standin"]),
        (BOTH, DEAD, DEAD, "", looking.BOTH_AWAY, ["bank", "standin"]),
        (BOTH, over("elsewhere"), DEAD, "", looking.STANDIN_AWAY, ["bank", "standin"]),
        (SPARE, SHOWN, DEAD, "", looking.STANDIN_AWAY, ["standin"]),
    ],
)
def test_the_bank_that_serves_is_asked_and_the_spare_bank_where_it_does_not_answer(  # noqa: PLR0917  # a table
    ask: Any, serving: Any, bank: Reply, standin: Reply, shown_by: str, problem: str, asked: list[str]
) -> None:
    (pages, by, why), was_asked = ask(serving, bank=bank, standin=standin)
    assert (pages, by, why, was_asked) == (PAGES if shown_by else None, shown_by, problem, asked)


@pytest.mark.parametrize("why", ["time", "other_agent", "logged_out", "no_customer"])
def test_what_the_main_bank_says_is_over_is_not_asked_of_the_spare_bank(ask: Any, why: str) -> None:
    (pages, _, problem), asked = ask(BOTH, bank=over(why), standin=SHOWN)
    assert (pages, problem, asked) == (None, looking.WHY[looking.Over(why)], ["bank"])


def test_an_answer_that_is_none_of_ours_counts_as_away(ask: Any) -> None:
    (pages, _, problem), _ = ask(BOTH, bank=over("nonsense"), standin=DEAD)
    assert (pages, problem) == (None, looking.BOTH_AWAY)
