"""Programs at the doors: routed by what their token names, answered in problem+json, never by cookies."""

import json

import pytest
from aiohttp import web

from holdfast.contracts.api import new_token
from holdfast.contracts.epochs import Mode
from holdfast.contracts.ids import api_payment_id

pytestmark = pytest.mark.demand("B11", "S1")
TOKEN = {cohort: new_token(cohort, 17) for cohort in (70, 71, 72, 73, 74)}


def ask(doors, method, path, cohort=None, body=None, **headers):
    """The status, the code of a problem and the headers."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if cohort is not None:
        sent["Authorization"] = f"Bearer {TOKEN[cohort]}"
    status, said, raw = doors.request(method, path, body, sent)
    problem = said.get("Content-Type", "").startswith("application/problem+json")
    return status, json.loads(raw)["code"] if problem else "", said


async def broken(request):
    return web.Response(status=503)


def test_a_program_is_routed_by_its_token_alone_and_its_cookies_stay_outside(doors):
    seen = []

    async def behave(request):
        seen.append((request.headers.get("Cookie"), request.headers.get("Authorization")))
        return web.Response()

    doors.primary.behave = behave
    status, _, headers = ask(doors, "GET", "/api/v1/accounts", 70, Cookie=doors.cookie(3))
    assert (status, headers["Holdfast-Served-By"]) == (200, "primary")
    assert ask(doors, "GET", "/api/v1/accounts")[0] == 200
    assert [row["cohort"] for _, _, row, _ in doors.primary.asked] == [70, None]
    assert seen == [(None, f"Bearer {TOKEN[70]}"), (None, None)]
    assert "Set-Cookie" not in headers and not any("access-control" in name.lower() for name in headers)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/api/v1/nothing", (404, "not-found")),
        ("GET", "/api/v1/payments", (405, "method-not-allowed")),
        ("OPTIONS", "/api/v1/accounts", (405, "method-not-allowed")),
        ("POST", "/api/v1/accounts", (405, "method-not-allowed")),
    ],
)
def test_what_is_not_there_is_told_by_the_door_as_a_problem(doors, method, path, said):
    assert ask(doors, method, path, 70)[:2] == said
    assert doors.primary.asked == []


def test_a_body_that_is_too_large_is_told_as_a_problem(doors):
    assert ask(doors, "POST", "/api/v1/payments", 70, b"x" * 16_001)[:2] == (413, "too-large")
    assert doors.primary.asked == []


def test_a_request_under_way_is_the_banks_answer_and_no_row_that_is_not_current(doors):
    async def behave(request):
        return web.Response(status=409, headers={"Holdfast-Says": "in-flight", "Retry-After": "1"})

    doors.primary.behave = behave
    status, _, headers = ask(doors, "POST", "/api/v1/payments", 71, b"{}", Idempotency_Key="k")
    assert (status, headers["Retry-After"], len(doors.primary.asked)) == (409, "1", 1)
    assert "Holdfast-Says" not in headers


def test_with_both_banks_away_a_program_is_told_to_come_again(doors):
    doors.primary.behave = doors.standin.behave = broken
    status, code, headers = ask(doors, "GET", "/api/v1/accounts", 72, Accept_Language="nb")
    assert (status, code, headers["Content-Language"]) == (503, "nobody-answers", "nb")
    assert int(headers["Retry-After"]) > 0
    assert doors.row(72).mode is Mode.PRIMARY


def test_a_payment_goes_on_at_the_spare_bank_after_a_claim_on_the_id_of_its_key(doors):
    async def done(request):
        return web.Response(status=201, headers={"Holdfast-Outcome": f"done {ident.hex}"})

    ident = api_payment_id(17, "invoice-7")
    doors.primary.behave, doors.standin.behave = broken, done
    status, _, headers = ask(doors, "POST", "/api/v1/payments", 73, b"{}", Idempotency_Key="invoice-7")
    assert (status, headers["Holdfast-Served-By"], doors.row(73).mode) == (201, "standin", Mode.STANDIN)
    assert doors.register.claim("refused", [(ident.hex, 73, doors.row(73).epoch)]) == ([], [ident.hex])


def test_a_key_that_was_told_refused_is_told_so_again_and_no_bank_is_asked(doors):
    ident, row = api_payment_id(17, "refused"), doors.row(74)
    doors.register.swap([(row, type(row)(74, Mode.STANDIN, row.epoch + 1))], "trip", "test")
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))
    assert doors.register.claim("refused", [(ident.hex, 74, doors.row(74).epoch)]) == ([ident.hex], [])
    said = ask(doors, "POST", "/api/v1/payments", 74, b"{}", Idempotency_Key='"refused"')
    assert said[:2] == (422, "payment-refused")
    assert doors.standin.asked == []
