"""Front doors as processes: requests go on at the other bank, writes only under a new epoch (rules 1 to 6, 15, 16)."""

import asyncio
import json
import os
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

import pytest
from aiohttp import web
from behaviours import fails, hangs, outcome, strikes

from holdfast.contracts.epochs import Mode
from holdfast.contracts.networks import network_of
from holdfast.edge.carrying import COMEBACK_GAP_S

pytestmark = pytest.mark.demand("S3", "S6", "D3")


def test_a_read_goes_to_the_bank_that_serves_with_its_cohorts_row(doors):
    status, headers, body = doors.request("GET", "/", headers={"Cookie": doors.cookie(7)})
    assert (status, body, headers["Holdfast-Served-By"]) == (200, f"primary 7 {doors.row(7).epoch}".encode(), "primary")
    assert doors.standin.asked == []


def test_a_read_that_fails_is_answered_by_the_spare_bank_at_once_and_moves_nobody(doors):
    doors.forget()
    doors.primary.behave = fails
    status, headers, _ = doors.request("GET", "/", headers={"Cookie": doors.cookie(7)})
    assert (status, headers["Holdfast-Served-By"]) == (200, "standin")
    assert doors.row(7).mode is Mode.PRIMARY


def test_a_payment_reaches_the_spare_bank_only_after_the_row_was_written(doors):
    doors.forget()
    doors.primary.behave = fails
    before = doors.row(9)
    status, headers, _ = doors.pay(9)
    assert (status, headers["Holdfast-Served-By"]) == (200, "standin")
    after = doors.row(9)
    assert (after.mode, after.epoch) == (Mode.STANDIN, before.epoch + 1)
    _, _, sent, _ = doors.standin.asked[-1]
    assert (sent["cohort"], sent["epoch"], sent["mode"]) == (9, after.epoch, "standin")
    assert doors.row(10).mode is Mode.PRIMARY


def test_a_bank_that_is_gone_moves_all_groups_after_a_few_failed(doors):
    doors.primary.shut()
    for cohort in range(1, 7):  # one of the two doors sees three of them
        assert doors.pay(cohort)[1]["Holdfast-Served-By"] == "standin"
    doors.wait(lambda: all(row.mode is Mode.STANDIN for row in doors.register.rows()))
    asked = len(doors.primary.asked)
    assert doors.request("GET", "/", headers={"Cookie": doors.cookie(200)})[1]["Holdfast-Served-By"] == "standin"
    assert len(doors.primary.asked) == asked


def test_a_bank_that_hangs_is_left_within_its_deadline(doors):
    doors.primary.behave = hangs
    began = time.monotonic()
    assert doors.pay(30)[1]["Holdfast-Served-By"] == "standin"
    assert time.monotonic() - began < 2.0
    began = time.monotonic()
    assert doors.request("GET", "/money", headers={"Cookie": doors.cookie(31)})[1]["Holdfast-Served-By"] == "standin"
    assert time.monotonic() - began < 1.8


def test_with_both_banks_gone_the_customer_gets_an_honest_page_with_the_same_id(doors):
    doors.primary.shut()
    doors.standin.behave = fails
    ident = uuid.uuid4().hex
    status, _, body = doors.pay(40, ident)
    assert status == 503
    assert ident.encode() in body
    assert b"never carried out twice" in body


def test_a_spare_bank_that_is_being_started_again_is_waited_for_and_nobody_notices(doors):
    doors.primary.shut()
    for cohort in range(1, 8):  # one of the two doors sees three of them fail
        doors.pay(cohort)
    doors.wait(lambda: all(row.mode is Mode.STANDIN for row in doors.register.rows()))
    doors.standin.shut()
    opening = threading.Timer(1.2, doors.standin.open)
    opening.start()
    began, retried = time.monotonic(), retries(doors)
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(doors.pay, range(41, 49)))
    assert [headers["Holdfast-Served-By"] for _, headers, _ in answers] == ["standin"] * 8
    assert 1.0 < time.monotonic() - began < 3.0
    opening.join()
    # who waits is woken by a change only, not by the others' looks at the rows
    assert retries(doors) - retried <= 8 * (3.0 / COMEBACK_GAP_S + 1)


def retries(doors):
    """How often the doors asked a bank anew."""
    return sum(doors.health(number)["retried"] for number in (1, 2))


@pytest.mark.demand("W1")
def test_each_door_tells_whether_it_reaches_the_spare_bank(doors):
    def told(number):
        headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/metrics", b"")}
        port = doors.installation.door_own_port(number)
        text = doors.request("GET", "/-/metrics", None, headers, port=port)[2].decode()
        numbers = dict(one.rsplit(" ", 1) for one in text.splitlines() if not one.startswith("#"))
        return float(numbers[f'holdfast_reaches{{program="door-{number}",to="standin"}}'])

    assert (told(1), told(2)) == (1.0, 1.0)
    doors.standin.shut()
    try:
        doors.wait(lambda: (told(1), told(2)) == (0.0, 0.0))
    finally:
        doors.standin.open()
    doors.wait(lambda: (told(1), told(2)) == (1.0, 1.0))


def test_a_request_that_strikes_each_bank_down_is_not_tried_a_third_time(doors):
    doors.primary.behave = doors.standin.behave = strikes
    assert doors.pay(42)[0] == 503
    assert (len(doors.primary.asked), len(doors.standin.asked)) == (1, 1)


def test_a_read_too_slow_for_the_serving_bank_is_asked_again_there_not_at_one_that_answers_stale(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [43], "why": "test", "by": "test"})
    doors.wait(lambda: doors.row(43).mode is Mode.STANDIN)
    slow = iter([True])

    async def slow_once(request):
        if next(slow, False):
            await asyncio.sleep(5)
        return web.Response(text="the spare bank")

    async def stale(request):
        return web.Response(status=409, headers={"Holdfast-Stale": "1"})

    doors.standin.behave, doors.primary.behave = slow_once, stale
    status, _, body = doors.request("GET", "/money", headers={"Cookie": doors.cookie(43)})
    assert (status, body) == (200, b"the spare bank")
    assert len(doors.primary.asked) == 1


def test_a_customer_of_another_cohort_is_sent_on_and_gets_the_cookie(doors):
    async def other(request):
        row = doors.keys["primary"].verify("row", request.headers["Holdfast-Row"], {"door"})
        if row["cohort"] != 77:
            return web.Response(status=421, headers={"Holdfast-Cohort": "77"})
        return web.Response(status=303, headers={"Location": "/", "Holdfast-Cohort": "77"})

    doors.primary.behave = other
    status, headers, _ = doors.request("POST", "/login", b"username=a&password=b")
    assert status == 303
    cookie = SimpleCookie(headers["Set-Cookie"])["hf_cohort"]
    assert doors.keys["door"].verify("cohort", cookie.value, {"door"})["cohort"] == 77
    assert cookie["httponly"]
    assert not any(name.lower().startswith("holdfast-cohort") for name in headers)


def test_a_forged_cohort_cookie_is_as_none(doors):
    _, _, body = doors.request(
        "GET", "/", headers={"Cookie": "hf_cohort=" + doors.keys["primary"].sign("cohort", {"cohort": 5})}
    )
    assert body == b"primary None 0"


def test_our_own_headers_of_a_customer_never_reach_a_bank(doors):
    async def show(request):
        return web.Response(
            text=",".join(sorted(name for name in request.headers if name.lower().startswith("holdfast")))
        )

    doors.primary.behave = show
    forged = {"Holdfast-Caller": "x", "Holdfast-Row": "y", "Holdfast-Banner": "z", "Cookie": doors.cookie(3)}
    assert doors.request("GET", "/", headers=forged)[2] == b"Holdfast-Row"


def test_internal_addresses_are_not_there_for_customers(doors):
    for path in ("/-/health", "/-/rows", "/-/lines", "/-/prove", "/nothing", "/admin"):
        assert doors.request("GET", path)[0] == 404
    assert doors.primary.asked == []


def test_a_body_over_its_limit_is_refused_in_words(doors):
    status, _, body = doors.request("POST", "/pay", b"x" * 1_000_001, {"Cookie": doors.cookie(3)})
    assert status == 413
    assert b"Nothing was changed" in body
    assert doors.primary.asked == []


def test_a_refusal_of_the_primary_is_told_only_after_its_claim(doors):
    doors.primary.behave = outcome("refused-own")
    ident = uuid.uuid4().hex
    assert doors.pay(50, ident)[2] == b"refused-own"
    assert doors.register.claim("taken", [(ident, 50, doors.row(50).epoch + 1)]) == ([], [ident])


def test_trace_1_a_refusal_that_the_spare_bank_took_meanwhile_is_not_told(doors):
    ident = uuid.uuid4().hex
    birth = doors.birth(ident, 51)

    async def refuses_late(request):
        row = doors.row(51)
        doors.register.swap([(row, type(row)(51, Mode.STANDIN, row.epoch + 1))], "trip", "the other door")
        doors.register.claim("taken", [(ident, 51, row.epoch + 1)])
        return await outcome("refused-own")(request)

    doors.primary.behave = refuses_late
    doors.standin.behave = outcome("done")
    assert doors.pay(51, ident, birth)[2] == b"done"


def test_an_older_id_goes_to_the_spare_bank_only_after_a_claim(doors):
    ident = uuid.uuid4().hex
    birth = doors.birth(ident, 52)
    doors.primary.behave = fails
    assert doors.pay(52, ident, birth)[1]["Holdfast-Served-By"] == "standin"
    assert doors.register.claim("refused", [(ident, 52, doors.row(52).epoch)]) == ([], [ident])


def test_an_older_id_that_was_told_refused_stays_refused(doors):
    ident = uuid.uuid4().hex
    birth = doors.birth(ident, 53)
    doors.register.claim("refused", [(ident, 53, doors.row(53).epoch)])
    doors.primary.behave = fails
    status, _, body = doors.pay(53, ident, birth)
    assert status == 200
    assert b"told before that this payment was refused" in body
    assert doors.standin.asked == []


def test_an_id_born_under_the_epoch_it_is_served_under_needs_no_claim(doors):
    row = doors.row(54)
    doors.register.swap([(row, type(row)(54, Mode.STANDIN, row.epoch + 1))], "trip", "test")
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))
    ident = uuid.uuid4().hex
    assert doors.pay(54, ident, doors.birth(ident, 54, signer="standin"))[1]["Holdfast-Served-By"] == "standin"
    assert doors.register.claim("refused", [(ident, 54, doors.row(54).epoch)]) == ([ident], [])


def test_a_stale_door_follows_the_register(doors):
    async def stale_once(request):
        row = doors.keys["primary"].verify("row", request.headers["Holdfast-Row"], {"door"})
        now = doors.row(55)
        if now.mode is Mode.PRIMARY:
            doors.register.swap([(now, type(now)(55, Mode.STANDIN, now.epoch + 1))], "trip", "test")
        return web.Response(status=409, headers={"Holdfast-Stale": str(row["epoch"] + 1)})

    doors.primary.behave = stale_once
    assert doors.pay(55)[1]["Holdfast-Served-By"] == "standin"


@pytest.mark.parametrize(
    ("caller", "path", "body"),
    [
        ("standin", "/-/orders", {"what": "hand_back", "by": "x"}),
        ("control", "/-/claims", {"who": "refused", "claims": []}),
        ("runtime", "/-/claims", {"who": "taken", "claims": []}),
    ],
)
def test_a_building_may_ask_only_what_is_its_own(doors, caller, path, body):
    assert doors.internal("POST", path, body, caller)[0] == 403


def test_the_bundle_is_kept_by_every_door_and_an_older_one_refused(doors):
    def send(number, text):
        token = doors.keys["control"].sign(
            "bundle",
            {
                "number": number,
                "status": {"en": text},
                "banner": None,
                "codes": [{"subject": "Fault", "sent_at": "now", "codes": "01234567899876543210"}],
            },
        )
        headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/bundle", token.encode())}
        return doors.request("POST", "/-/bundle", token.encode(), headers, port=doors.installation.door_internal_port)[
            0
        ]

    number = int(time.time())
    assert [send(number, "first"), send(number, "again"), send(number - 1, "older")] == [200, 409, 409]
    assert doors.request("GET", "/status")[2] == b"first"
    assert b"Yes, this message is from us" in doors.request("GET", "/genuine?code=9876543210")[2]
    assert b"We did not send" in doors.request("GET", "/genuine?code=1234567899")[2]
    hostile = doors.request("GET", "/genuine?code=%3Cscript%3E")[2]
    assert b"We did not send" in hostile
    assert b"<script>" not in hostile


def test_losing_one_door_loses_only_answers_in_flight(doors):
    victim = doors.children[1]
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait(5)
    for cohort in range(30):
        assert doors.request("GET", "/", headers={"Cookie": doors.cookie(cohort)})[0] == 200
    doors.start(1)
    doors.wait(lambda: doors.health(1)["ok"])


def test_a_login_that_fails_moves_its_own_group_so_that_its_session_is_of_the_spare_banks_epoch(doors):
    doors.forget()
    doors.primary.behave = fails
    before = doors.row(33)
    headers = {"Cookie": doors.cookie(33)}
    assert doors.request("POST", "/login", b"username=a", headers)[1]["Holdfast-Served-By"] == "standin"
    assert (doors.row(33).mode, doors.row(33).epoch) == (Mode.STANDIN, before.epoch + 1)
    assert doors.standin.asked[-1][2]["epoch"] == before.epoch + 1
    assert doors.row(34).mode is Mode.PRIMARY


def test_a_login_without_a_cookie_moves_its_group_before_the_spare_bank_lets_it_in(doors):
    doors.forget()

    async def let_in(request):
        row = doors.keys["standin"].verify("row", request.headers["Holdfast-Row"], {"door"})
        if row["cohort"] != 88:
            return web.Response(status=421, headers={"Holdfast-Cohort": "88"})
        return web.Response(status=303, headers={"Location": "/", "Holdfast-Cohort": "88"})

    doors.primary.behave, doors.standin.behave = fails, let_in
    before = doors.row(88)
    assert doors.request("POST", "/login", b"username=a")[1]["Holdfast-Served-By"] == "standin"
    assert (doors.row(88).mode, doors.row(88).epoch) == (Mode.STANDIN, before.epoch + 1)
    _, _, sent, _ = doors.standin.asked[-1]
    assert (sent["cohort"], sent["mode"], sent["epoch"]) == (88, "standin", before.epoch + 1)


def test_a_recorded_order_sent_again_is_the_same_order_and_with_another_body_none(doors):
    body = json.dumps({"what": "reads_follow", "cohorts": [3], "why": "drill", "by": "tester"}).encode()
    headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/orders", body)}
    port = doors.installation.door_internal_port

    def send(raw):
        status, _, said = doors.request("POST", "/-/orders", raw, headers, port=port)
        return status, json.loads(said).get("order")

    first, again = send(body), send(body)
    assert (first[0], again) == (200, first)
    assert send(body.replace(b"[3]", b"[4]")) == (403, None)
    told = [one for one in doors.register.events(0, 100_000) if one["data"].get("order") == first[1]]
    assert sum("ordered" in one["words"] for one in told) == 1


def test_a_bank_is_told_the_network_that_the_door_sees_whatever_a_client_says_of_itself(doors):
    doors.request("GET", "/", headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})
    assert doors.primary.asked[-1][2]["network"] == network_of("127.0.0.1")
