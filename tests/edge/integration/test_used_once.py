"""Challenges and claims through real doors."""

import json

import pytest
from aiohttp import web

from holdfast.contracts.factors import CHALLENGE_PURPOSE, challenge_age_s

pytestmark = pytest.mark.demand("B6", "S1")


def test_a_challenge_is_made_by_the_door_alone_and_each_is_another(doors):
    doors.primary.shut()
    doors.standin.shut()
    tokens = set()
    for _ in range(3):
        status, headers, body = doors.request("GET", "/passkey/challenge")
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        tokens.add(json.loads(body)["challenge"])
    assert len(tokens) == 3
    for token in tokens:
        assert challenge_age_s(doors.keys["primary"].verify(CHALLENGE_PURPOSE, token, {"door"})) < 5


@pytest.mark.parametrize("first", ["primary", "standin"])
def test_what_one_bank_claimed_the_other_is_refused_but_not_the_same_request(doors, first):
    other = "standin" if first == "primary" else "primary"

    def claim(caller, request):
        body = {"text": f"recovery:1:{first}", "request": request, "keep_s": 60}
        return doors.internal("POST", "/-/used", body, caller)

    assert claim(first, "r1") == (200, {"granted": True})
    assert claim(other, "r2") == (200, {"granted": False})
    assert claim(other, "r1") == (200, {"granted": True})


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "", "request": "r", "keep_s": 1}, {"text": "x" * 201, "request": "r", "keep_s": 1},
     {"text": "x", "request": "", "keep_s": 1}, {"text": "x", "request": "r", "keep_s": -1}],
)  # fmt: skip
def test_a_claim_without_its_form_is_refused_in_words(doors, body):
    status, said = doors.internal("POST", "/-/used", body, "primary")
    assert (status, "agreed form" in said["error"]) == (400, True)


def test_only_the_banks_may_claim(doors):
    for caller in ("control", "runtime", "door"):
        body = {"text": "step:1:1", "request": "r", "keep_s": 60}
        assert doors.internal("POST", "/-/used", body, caller)[0] == 403
    assert doors.internal("POST", "/-/used", {**body, "request": "r9"}, "standin") == (200, {"granted": True})


def test_a_login_sent_on_to_the_other_bank_is_the_same_request(doors):
    async def broken(_request):
        return web.Response(status=500)

    doors.primary.behave = broken
    body = b"username=ann&password=x"
    assert doors.request("POST", "/login", body, {"Cookie": doors.cookie(3)})[0] == 200
    first, second = doors.primary.asked[-1][2], doors.standin.asked[-1][2]
    assert first["request"] == second["request"]
    assert len(first["request"]) == 32
    doors.request("GET", "/help")
    asked = [row["request"] for _, _, row, _ in doors.primary.asked + doors.standin.asked]
    assert len(set(asked)) == 2
