"""What falls due at the support desk is done beside the looks for news: no message waits for it."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from holdfast.control.support import serving

pytestmark = pytest.mark.demand("B7")
SLOW_S = 1.0


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A sweep that takes long; what was done, in order."""
    done: list[str] = []
    ends = threading.Event()

    def slow(*_: object) -> int:
        done.append("sweep begins")
        ends.wait(SLOW_S)
        done.append("sweep ends")
        return 0

    monkeypatch.setattr(serving.queue, "places", dict)
    monkeypatch.setattr(serving.queue, "sweep", slow)
    monkeypatch.setattr(serving.talking, "still_there", lambda *_: None)
    monkeypatch.setattr(serving.forgetting, "trim", lambda *_: 0)
    monkeypatch.setattr(serving, "news", lambda *_: [])
    yield done
    ends.set()


def test_news_are_answered_while_a_slow_round_goes_on_and_one_round_goes_at_a_time(swept: list[str]) -> None:
    async def ask() -> float:
        chats, began = serving.Chats(), time.monotonic()
        for _ in range(3):
            assert await chats._news({"seen": {}, "wait_ms": 100}) == {"views": []}
        took = time.monotonic() - began
        assert swept == ["sweep begins"]
        assert chats._round is not None
        await chats._round
        return took

    assert asyncio.run(ask()) < SLOW_S
    assert swept == ["sweep begins", "sweep ends"]


def test_a_round_that_fails_is_over_and_falls_due_again(swept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise serving.DatabaseFault("away")

    monkeypatch.setattr(serving.queue, "sweep", broken)

    async def ask() -> None:
        chats = serving.Chats()
        assert await chats._news({"seen": {}, "wait_ms": 50}) == {"views": []}
        assert chats._round is not None
        await chats._round
        assert not chats._turn.due(time.monotonic()) and chats._turn.due(time.monotonic() + serving.SWEEP_S + 1)

    asyncio.run(ask())
    assert swept == []
