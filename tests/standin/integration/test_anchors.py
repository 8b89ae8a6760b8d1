"""Anchors of the bank's books, kept apart from the copy of them."""

import signal
from typing import Any

import pytest
from world import World

from holdfast.contracts.anchors import PURPOSE


def anchor(town: World, block: int, digest: str, signer: str = "primary", purpose: str = PURPOSE) -> dict[str, Any]:
    """A call's body with an anchor signed by a building."""
    return {"token": town.key(signer).sign(purpose, {"block": block, "hash": digest, "at_us": 5})}


def kept(town: World) -> dict[int, str]:
    """What the spare bank keeps: block to hash."""
    answer = town.call("runtime", "GET", "/-/anchors")
    return {one["block"]: one["hash"] for one in answer.json()["anchors"]}


def test_an_anchor_is_compared_with_the_copy_kept_once_and_never_changed(world: World) -> None:
    head = world.health()["block"]
    digest = world.call("control", "POST", "/-/prove").json()["hash"]
    answer = world.call("primary", "POST", "/-/anchors", anchor(world, head, digest))
    assert (answer.status, answer.json()) == (200, {"kept": head, "copy": "same"})
    assert world.call("primary", "POST", "/-/anchors", anchor(world, head, digest)).status == 200
    ahead = world.call("primary", "POST", "/-/anchors", anchor(world, head + 7, "11" * 32))
    assert ahead.json() == {"kept": head + 7, "copy": "behind"}
    assert world.call("primary", "POST", "/-/anchors", anchor(world, head, "22" * 32)).status == 409
    assert kept(world) == {head: digest, head + 7: "11" * 32}


def test_a_block_that_the_copy_has_otherwise_is_said(world: World) -> None:
    head = world.health()["block"]
    answer = world.call("primary", "POST", "/-/anchors", anchor(world, head, "33" * 32))
    assert answer.json() == {"kept": head, "copy": "other"}


def test_anchors_outlive_a_kill_and_what_was_half_written_is_not_one(world: World) -> None:
    assert world.call("primary", "POST", "/-/anchors", anchor(world, 900, "11" * 32)).status == 200
    world.stop(signal.SIGKILL)
    file = next(world.place.data.rglob("anchors.jsonl"))
    with file.open("a") as out:
        out.write('{"block": 901, "ha')
    world.start()
    assert world.call("primary", "POST", "/-/anchors", anchor(world, 902, "22" * 32)).status == 200
    assert kept(world) == {900: "11" * 32, 902: "22" * 32}
    assert file.read_text().count("\n") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"signer": "door"},
        {"signer": "control"},
        {"purpose": "row"},
        {"digest": "11"},
        {"digest": "zz" * 32},
        {"block": -1},
    ],
)
def test_only_what_the_bank_signed_as_an_anchor_is_kept(town: World, wrong: dict[str, Any]) -> None:
    before = kept(town)
    body = anchor(town, **{"block": 5, "digest": "11" * 32, **wrong})
    assert town.call("primary", "POST", "/-/anchors", body).status == 400
    assert kept(town) == before


def test_others_neither_give_nor_need_anchors(town: World) -> None:
    assert town.call("door", "GET", "/-/anchors").status == 403
    assert town.call("control", "POST", "/-/anchors", anchor(town, 5, "11" * 32)).status == 403
    for body in ({}, [], {"token": 5}, {"token": "x"}):
        assert town.call("primary", "POST", "/-/anchors", body).status == 400
