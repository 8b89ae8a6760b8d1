"""A storm of logins: what is counted of it, and that its people do as they are told."""

import asyncio
import random

import pytest

from holdfast.gameday import storm
from holdfast.gameday.errors import StoryBroken
from holdfast.gameday.scenario import load_scenario
from holdfast.gameday.storm import Login, Person, Storm, out_of_order_s
from holdfast.gameday.visiting import Visitor, address

pytestmark = pytest.mark.demand("W6", "L4")
ANN = {"username": "ann", "password": "right"}


class App:
    """A phone that always shows this code."""

    def code(self) -> str:
        return "123456"

    def passkey(self, challenge: str) -> str:
        raise AssertionError(challenge)


class Door:
    """Answers in order as it is told, and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked, self.came_from = list(answers), list[str](), set[str]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(one.split(":")[1]) for one in head.split("\r\n") if one.startswith("Content-Length")), 0)
        self.asked.append(head + (await reader.readexactly(length)).decode())
        self.came_from.add(writer.get_extra_info("peername")[0])
        writer.write(self.answers.pop(0).encode())
        await writer.drain()
        writer.close()


def page(name: str, more: str = "", headers: str = "", status: int = 200) -> str:
    body = f'<body data-page="{name}">{more}</body>'
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}"


WAITING = page("waiting", '<p data-place="7"></p>', "Refresh: 2; url=/login\r\nSet-Cookie: hf_place=t7; Path=/\r\n")
FORM = page("login", headers="Set-Cookie: hf_place=t8; Path=/\r\n")
CODE = page("login-code", '<input name="proof" value="p">')
INSIDE = "HTTP/1.1 303 X\r\nLocation: /\r\nSet-Cookie: hf_bank=s; Path=/\r\nContent-Length: 0\r\n\r\n"
TO_LINE = "HTTP/1.1 303 X\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(storm.asyncio, "sleep", sleep)
    return slept


async def go(door: Door) -> Person:
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        login = Login(f"http://localhost:{port}", ANN, App(), address(300), random.Random(1))  # type: ignore[arg-type]
        return await login.go(asyncio.get_running_loop().time() + 3600)


async def test_an_honest_person_waits_as_told_and_comes_in_with_the_same_ticket(quick: list[float]) -> None:
    door = Door(WAITING, WAITING, FORM, CODE, INSIDE, page("overview"))
    seen = await go(door)
    assert seen.inside > 0 and seen.let_in > 0
    assert (seen.place, seen.failed) == (7, [])
    assert quick.count(2.0) == 2
    assert "Cookie: hf_place=t7" in door.asked[1] and "Cookie" not in door.asked[0]
    assert "username=ann&password=right" in door.asked[3] and "proof=p&code=123456" in door.asked[4]
    assert door.came_from == {address(300)}


async def test_a_login_that_is_sent_to_the_line_is_no_failure_and_another_answer_is_one(quick: list[float]) -> None:
    seen = await go(Door(FORM, TO_LINE, WAITING, FORM, CODE, INSIDE, page("overview")))
    assert (seen.inside > 0, seen.failed) == (True, [])
    seen = await go(Door(FORM, page("login", status=503), FORM, CODE, INSIDE, page("overview")))
    assert seen.inside > 0
    assert seen.failed == ["the login: 503 login "]


def test_order_is_measured_as_the_longest_that_anybody_came_in_after_somebody_behind() -> None:
    def one(placed: float, let_in: float) -> Person:
        return Person(placed=placed, let_in=let_in)

    assert out_of_order_s([]) == 0.0
    assert out_of_order_s([one(1, 10), one(2, 11), one(3, 12)]) == 0.0
    assert out_of_order_s([one(3, 12), one(1, 20), one(2, 11), one(0, 0)]) == 9.0


def test_who_did_not_get_in_is_lost_and_without_a_storm_nothing_was_measured() -> None:
    made = Storm(5.0, 50.0, [Person(1.0, 3, 2.0, 9.0, 10.0), Person(1.0, failed=["x", "y"])])
    told = made.measured()
    assert (told["storm_lost"], told["storm_failed"], told["storm_honest_min"], told["storm_waited_min"]) == (
        1,
        2,
        2,
        1,
    )
    assert told["storm_wait_s"] == 9.0
    assert set(Storm().measured().values()) == {None}
    assert Storm().measured().keys() == told.keys()


def test_everybody_has_an_address_of_their_own_on_the_loopback() -> None:
    addresses = {address(number) for number in range(100_000)}
    assert len(addresses) == 100_000
    assert all(one.startswith("127.") and one != "127.0.0.1" for one in addresses)


async def test_people_of_this_kind_come_to_this_machine_only() -> None:
    with pytest.raises(StoryBroken):
        await Visitor("https://localhost:1", "127.0.0.1").ask("GET", "/")


def test_the_scenario_asks_for_ten_times_what_was_measured_and_that_nobody_is_lost() -> None:
    known = load_scenario("peak-hour-logins")
    assert [(one.do, one.value) for one in known.steps] == [("login_storm", 10.0)]
    assert {"storm_lost", "storm_failed", "failed", "total_losses"} <= {
        name for name, limit in known.limits.items() if limit == 0
    }
