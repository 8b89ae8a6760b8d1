"""Calls of the other buildings, starting, ending, and what survives a kill."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import pytest
from fakes import E2, transfer
from nursery import SRC
from world import World

from holdfast.telemetry import lines


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/-/journal", {"primary", "control"}),
        ("POST", "/-/close", {"door"}),
        ("GET", "/-/position", {"door", "control"}),
        ("GET", "/-/balances", {"primary"}),
        ("POST", "/-/prove", {"control", "door", "runtime"}),
        ("GET", "/-/lines", {"control", "runtime"}),
    ],
)
def test_only_named_callers_are_answered(town: World, method: str, path: str, allowed: set[str]) -> None:
    body: Any = {"rows": []} if path == "/-/close" else None
    answered = {
        who
        for who in ("door", "primary", "control", "runtime", "clearing", "standin")
        if town.call(who, method, path, body).status == 200
    }
    assert answered == allowed
    assert town.request(method, path).status == 403


def test_calls_of_another_form_change_nothing(town: World) -> None:
    before = town.health()["position"]
    bodies: tuple[Any, ...] = ({}, {"rows": [[5]]}, {"rows": [[256, E2]]}, {"rows": [[5, 0]]}, {"rows": "x"}, [])
    for body in bodies:
        assert town.call("door", "POST", "/-/close", body).status == 400
    assert town.call("primary", "GET", "/-/journal?after=x").status == 400
    assert town.health()["position"] == before


def test_health_says_where_it_stands_and_metrics_count(town: World) -> None:
    town.pay(town.form())
    health = town.health()
    assert {
        "ok",
        "block",
        "block_at_us",
        "profile",
        "fed_at_us",
        "position",
        "unreplayed",
        "exposure_minor",
        "exposure_limit_minor",
        "serving",
        "payments",
        "money_stopped",
    } <= set(health)
    assert (health["ok"], health["serving"], health["exposure_limit_minor"]) == (True, 256, 1_500_000)
    text = town.request("GET", "/-/metrics").text
    assert 'standin_payments_total{outcome="done",program="standin"}' in text
    assert f'standin_journal_position{{program="standin"}} {float(health["position"])}' in text
    proof = town.call("control", "POST", "/-/prove", {"whole": True}).json()
    assert (proof["findings"], proof["block"], proof["hash"]) == ([], len(town.bank.blocks), town.bank.last.hex())


def test_what_it_warned_of_is_told_to_the_control_room_and_nobody_else(town: World) -> None:
    lines._Kept(town.place.folder("standin"), "standin").add({"level": "error", "event": "it broke"})
    told = town.call("control", "GET", "/-/lines?since=&limit=10").json()
    program, at_us, number, event = told["lines"][-1]
    assert (program, event, told["more"]) == ("standin", {"level": "error", "event": "it broke"}, False)
    assert number >= 1
    again = town.call("runtime", "GET", f"/-/lines?since=standin:{at_us}").json()
    assert again == {"lines": [], "more": False}
    assert town.request("GET", "/-/lines").status == 403
    assert town.call("door", "GET", "/-/lines").status == 403
    assert town.call("control", "GET", "/-/lines?limit=x").status == 400


def test_every_answered_payment_is_found_after_a_kill(world: World) -> None:
    answered: list[str] = []
    ended = threading.Event()

    def pay() -> None:
        while not ended.is_set():
            form = world.form(cohort=9, amount="0.01", name="") | {"from": "20", "to": "1234.56.00030"}
            try:
                answer = world.pay(form, world.row(9), world.session(18, 9))
            except (OSError, http.client.HTTPException):
                return
            if answer.outcome in ("done", "refused-own"):
                answered.append(f"{answer.outcome} {uuid.UUID(form['id']).hex}")

    threads = [threading.Thread(target=pay) for _ in range(4)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while len(answered) <= 20 and time.monotonic() < until:
        time.sleep(0.01)
    assert world.stop(signal.SIGKILL) == -signal.SIGKILL
    ended.set()
    for thread in threads:
        thread.join(5)
    assert len(answered) > 20
    world.bank.away = world.doors.away = True
    world.start(wait=False)
    world.until(lambda: world.health()["ok"])
    kinds = {"accept": "done", "refusal": "refused-own"}
    kept = {f"{kinds[one.kind]} {one.payment().id.hex}" for one in world.journal()}
    assert set(answered) <= kept
    assert world.health()["exposure_minor"] == sum(one.startswith("done") for one in kept)


def test_it_serves_from_its_copy_when_everything_else_is_dead(world: World) -> None:
    world.bank.add(transfer(10, 20, 500))
    world.fed()
    world.stop()
    world.bank.away = world.doors.away = True
    world.start(wait=False)
    world.until(lambda: world.health()["ok"])
    page = world.visit("GET", "/", cookies=world.session())
    assert (page.status, page.mark("data-balance-minor"), page.mark("data-fresh-block")) == (200, "999500", "3")
    assert world.pay(world.form()).outcome == "done"


def test_a_bad_block_stops_the_feed_in_words_and_not_the_process(world: World) -> None:
    world.bank.add(transfer(10, 20, 500))
    world.bank.blocks[-1]["hash"] = "11" * 32
    world.until(lambda: "books" in world.health()["feed_trouble"])
    health = world.health()
    assert (health["block"], health["ok"]) == (2, True)
    assert "does not have the hash" in health["feed_trouble"]["books"]
    assert world.pay(world.form()).outcome == "done"


def test_the_banks_asked_for_cursor_is_on_disk(world: World) -> None:
    number = world.bank.add(transfer(10, 20, 500))
    world.until(lambda: world.bank.asked_after == number)
    world.stop(signal.SIGKILL)
    world.bank.away = True
    world.start(wait=False)
    world.until(lambda: world.health()["block"] == number)


def test_a_lost_copy_is_filled_again_and_nothing_is_counted_twice(world: World) -> None:
    ident = uuid.uuid4()
    world.pay(world.form(ident))
    world.bank.add(transfer(10, 20, 1000, id=ident, source="journal", journal_number=1))
    world.fed()
    world.stop()
    for path in world.place.folder("standin").glob("copy.sqlite*"):
        path.write_bytes(b"lost" * 1000)
    world.start()
    world.fed()
    assert world.visit("GET", "/", cookies=world.session()).mark("data-balance-minor") == "999000"
    assert (world.health()["exposure_minor"], world.pay(world.form(ident)).outcome) == (0, "done")


def test_a_term_signal_ends_it_within_two_seconds_also_with_a_kept_connection(world: World) -> None:
    link = world.link()
    link.request("GET", "/-/health")
    link.getresponse().read()
    began = time.monotonic()
    code = world.stop()
    link.close()
    assert time.monotonic() - began < 2
    assert code in (0, -signal.SIGTERM)


def test_it_does_not_start_without_a_word(stage: World) -> None:
    env = os.environ | {"HOLDFAST_DATA": str(stage.place.data), "PYTHONPATH": str(SRC)}

    def started() -> tuple[int, list[str]]:
        ran = subprocess.run(
            [sys.executable, "-m", "holdfast.standin"], env=env, capture_output=True, text=True, timeout=10, check=False
        )
        return ran.returncode, ran.stderr.strip().splitlines()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stage.place.standin_port))
        code, words = started()
    assert (code, len(words)) == (2, 1)
    assert "is taken" in words[0]
    (stage.place.folder("standin") / "journal.sqlite").write_bytes(b"broken" * 1000)
    code, words = started()
    assert (code, len(words)) == (2, 1)
    assert "restore it" in words[0]


def test_a_recorded_call_cannot_be_sent_with_another_body(town: World) -> None:
    raw = json.dumps({"rows": [[5, E2]]}).encode()
    headers = {"Holdfast-Caller": town.key("door").call("standin", "/-/close", raw)}
    before = town.health()["position"]
    assert town.request("POST", "/-/close", json.dumps({"rows": [[9, E2]]}).encode(), headers).status == 403
    assert town.request("POST", "/-/close", raw + b" " * 200_000, headers).status == 413
    assert town.health()["position"] == before
    assert town.request("POST", "/-/close", raw, headers).status == 200


def test_a_payment_leaves_its_part_of_the_trace_where_the_door_drew_it(world: World) -> None:
    trace, parent = f"{uuid.uuid4().hex[:24]}00000000", "b7ad6b7169203331"
    carried = {"traceparent": f"00-{trace}-{parent}-01"}
    paid = world.visit("POST", "/pay", world.row(request=trace), world.session(), world.form(), carried)
    assert paid.status == 303
    unseen = uuid.uuid4().hex
    world.visit(
        "GET", "/pay", world.row(request=unseen), world.session(), headers={"traceparent": f"00-{unseen}-{parent}-00"}
    )
    told = world.call("control", "GET", "/-/traces?since=&limit=1000").json()["lines"]
    ((program, _, _, event),) = [one for one in told if one[3]["trace_id"] == trace]
    assert program == "standin" and unseen not in str(told)
    assert [one[2] for one in event["spans"]] == [
        "spare bank: waits for the journal",
        "spare bank: judges",
        "spare bank: commits the journal",
        "spare bank: answers",
    ]
    whole = event["spans"][-1]
    assert (whole[1], whole[6]) == (parent, {"method": "POST", "route": "pay", "status": 303})
    assert {one[1] for one in event["spans"][:-1]} == {whole[0]}
    assert world.call("door", "GET", "/-/traces").status == 403
