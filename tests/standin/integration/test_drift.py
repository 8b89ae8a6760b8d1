"""A copy that is not the books: noticed, refused for money, shown, and made anew while live; and a bad block."""

import signal
import threading
import time
import uuid

import pytest
from fakes import E2, transfer
from world import World


def look(world: World, who: str = "control") -> dict:
    said: dict = world.call(who, "POST", "/-/drift").json()
    return said


def drifted(world: World) -> World:
    """This world, with another balance of account 10 in the books than in the copy."""
    world.bank.differs = {10: 5}
    assert "account 10" in look(world)["drift"]
    return world


def rebuilt(world: World) -> None:
    assert world.call("runtime", "POST", "/-/rebuild", {"why": "test"}).status == 200
    world.until(lambda: not world.health()["rebuild"]["running"])


def test_a_copy_that_is_the_books_has_not_drifted_and_is_looked_at_at_once_after_a_start(world: World) -> None:
    assert look(world) == {"compared": True, "drift": ""}
    world.stop()
    world.bank.differs = {20: -1}
    world.start(wait=False)
    world.until(lambda: "1000000 in our spare bank's copy, 999999 in the books" in world.health()["drift"])


@pytest.mark.parametrize("harm", ["hash", "balance", "held"])
def test_a_drifted_spare_bank_takes_no_money_says_so_and_still_shows(world: World, harm: str) -> None:
    before = world.health()["position"]
    form = world.form()
    if harm == "hash":
        world.bank.other_hash = "ab" * 32
    elif harm == "held":
        world.bank.held_differs = {10: 1}
    else:
        world.bank.differs = {10: 1}
    assert look(world, "door")["drift"]
    health = world.request("GET", "/-/health")
    assert (health.status, health.json()["ok"]) == (503, False)
    refused = world.pay(form)
    assert (refused.status, refused.headers["Holdfast-Says"], refused.outcome) == (503, "away.drifted", "")
    assert "differs from the books" in refused.text
    assert (world.health()["position"], world.health()["exposure_minor"]) == (before, 0)
    page = world.visit("GET", "/", cookies=world.session())
    assert (page.status, page.mark("data-copy"), page.mark("data-balance-minor")) == (200, "drifted", "1000000")
    world.bank.other_hash, world.bank.differs, world.bank.held_differs = "", {}, {}
    assert look(world)["drift"], "only a new copy ends it"
    world.stop()
    world.start(wait=False)
    world.until(lambda: world.health()["drift"])
    assert world.pay(form).status == 503
    assert world.health()["position"] == before


@pytest.mark.parametrize("outage", ["away", "behind", "garbage"])
def test_an_outage_is_no_drift(world: World, outage: str) -> None:
    if outage == "away":
        world.bank.away = True
    elif outage == "behind":
        del world.bank.blocks[-1]
    else:
        world.bank.other_hash = "no hash"
    assert look(world) == {"compared": False, "drift": ""}
    assert world.health()["ok"]
    assert world.pay(world.form()).outcome == "done"


def test_a_bad_block_is_shown_and_heals_by_itself_when_the_stream_is_right_again(world: World) -> None:
    world.bank.add(transfer(10, 20, 300))
    world.fed()
    good = world.bank.add(transfer(10, 20, 200))
    number = world.bank.add(transfer(10, 20, 500))
    right = world.bank.blocks[number - 1]["hash"]
    world.bank.blocks[number - 1]["hash"] = "11" * 32
    world.bank.add(transfer(10, 20, 1))
    world.until(lambda: "books" in world.health()["feed_trouble"] and world.health()["block"] == good)
    page = world.visit("GET", "/", cookies=world.session())
    assert (page.mark("data-copy"), page.mark("data-balance-minor")) == ("stopped", "999500")
    assert "could not be read" in page.text
    assert world.pay(world.form()).outcome == "done"
    world.bank.blocks[number - 1]["hash"] = right
    world.until(lambda: world.health()["block"] == number + 1)
    world.until(lambda: world.health()["feed_trouble"] == {})
    assert world.visit("GET", "/", cookies=world.session()).mark("data-copy") == ""


def test_a_bad_fact_stops_its_own_stream_only(world: World) -> None:
    world.bank.say("account", 10, {"no": "number"})
    world.until(lambda: "profile" in world.health()["feed_trouble"])
    number = world.bank.add(transfer(10, 20, 500))
    world.until(lambda: world.health()["block"] == number)
    assert list(world.health()["feed_trouble"]) == ["profile"]


def test_a_drifted_copy_is_made_anew_while_live_and_money_is_taken_again(world: World) -> None:
    ident = uuid.uuid4()
    assert world.pay(world.form(ident)).outcome == "done"
    drifted(world)
    world.bank.differs = {}
    rebuilt(world)
    health = world.health()
    assert (health["ok"], health["drift"], health["exposure_minor"]) == (True, "", 1000)
    assert look(world) == {"compared": True, "drift": ""}
    assert world.visit("GET", "/", cookies=world.session()).mark("data-balance-minor") == "999000"
    assert world.pay(world.form(ident)).outcome == "done", "the same id answers as the first time"
    assert world.health()["exposure_minor"] == 1000
    assert len([one for one in world.journal() if one.kind == "accept"]) == 1
    world.bank.add(transfer(10, 20, 1000, id=ident, source="journal", journal_number=1))
    world.fed()
    assert (world.health()["exposure_minor"], world.health()["unreplayed"]) == (0, 0)
    assert world.call("control", "POST", "/-/prove", {"whole": True}).json()["findings"] == []
    world.stop()
    world.bank.away = True
    world.start(wait=False)
    world.until(lambda: world.health()["ok"])
    assert world.health()["block"] == len(world.bank.blocks)
    assert len(list(world.place.folder("standin").glob("copy*.sqlite"))) == 1


def test_payments_go_on_during_a_rebuild_and_each_is_counted_once(world: World) -> None:
    for _ in range(300):
        world.bank.add(transfer(1, 20, 1, kind="deposit"))
    world.fed()
    world.bank.slow_rebuild_s = 0.3
    done: list[str] = []

    def pay() -> None:
        while len(done) < 30:
            answer = world.pay(
                world.form(cohort=9, amount="1.00", name="") | {"from": "20", "to": "1234.56.00030"},
                world.row(9, E2), world.session(18, 9),
            )  # fmt: skip
            done.append(answer.outcome)
            time.sleep(0.02)

    paying = threading.Thread(target=pay)
    paying.start()
    asked = world.bank.asked_after
    rebuilt(world)
    paying.join(20)
    assert set(done) == {"done"}
    assert world.bank.rebuilds >= 2
    assert world.bank.asked_after >= asked, "what is on disk is not forgotten by the bank meanwhile"
    assert world.health()["rebuild"]["ended"].startswith("The copy was made anew")
    assert world.health()["exposure_minor"] == 100 * len(done)
    assert world.visit("GET", "/", world.row(9), world.session(18, 9)).mark("data-balance-minor") == str(
        1_000_000 + 300 - 100 * len(done)
    )


def test_a_rebuild_that_is_killed_leaves_the_old_copy_as_it_was(world: World) -> None:
    world.pay(world.form())
    drifted(world)
    world.bank.slow_rebuild_s = 3.0
    assert world.call("control", "POST", "/-/rebuild").status == 200
    assert world.call("control", "POST", "/-/rebuild").status == 409
    world.until(lambda: world.bank.rebuilds == 1)
    world.stop(signal.SIGKILL)
    assert len(list(world.place.folder("standin").glob("copy*.sqlite"))) == 2
    world.bank.slow_rebuild_s = 0.0
    world.start(wait=False)
    world.until(lambda: world.health()["drift"])
    assert world.pay(world.form()).status == 503
    assert (world.health()["exposure_minor"], len(world.journal())) == (1000, 1)
    assert [one.name for one in world.place.folder("standin").glob("copy*.sqlite")] == ["copy.sqlite"]


@pytest.mark.parametrize("path", ["/-/drift", "/-/rebuild"])
def test_a_stranger_cannot_ask_for_it(town: World, path: str) -> None:
    for who in ("primary", "clearing", "standin"):
        assert town.call(who, "POST", path).status == 403
    assert town.health()["rebuild"]["why"] == ""


def test_an_answer_of_the_feed_that_never_comes_is_asked_for_again_within_seconds(world: World) -> None:
    world.bank.to_lose = 1
    world.until(lambda: world.bank.to_lose == 0)
    world.bank.add(transfer(1, 10, 5_000))
    world.until(lambda: world.health()["block"] == len(world.bank.blocks), within_s=10)
