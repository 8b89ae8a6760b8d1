"""Front doors as processes: requests go on at the other bank, writes only under a new epoch (rules 1 to 6, 15, 16)."""

import asyncio
import os
import signal
import threading
import time
import uuid
from http.cookies import SimpleCookie

import pytest
from aiohttp import web

from holdfast.contracts.epochs import Mode

pytestmark = pytest.mark.demand("S3", "S6", "D3")


async def fails(request):
    return web.Response(status=500, text="broken")


async def hangs(request):
    await asyncio.sleep(6)
    return web.Response(text="too late")


async def strikes(request):
    request.transport.abort()
    return web.Response(text="never heard")


def outcome(what):
    async def behave(request):
        form = await request.post()
        return web.Response(text=what, headers={"Holdfast-Outcome": f"{what} {form['id']}"})

    return behave


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
    for cohort in (1, 2, 3):
        doors.pay(cohort)
    doors.wait(lambda: all(row.mode is Mode.STANDIN for row in doors.register.rows()))
    doors.standin.shut()
    opening = threading.Timer(1.2, doors.standin.open)
    opening.start()
    began = time.monotonic()
    assert doors.pay(41)[1]["Holdfast-Served-By"] == "standin"
    assert 1.0 < time.monotonic() - began < 3.0
    opening.join()


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
    for path in ("/-/health", "/-/rows", "/-/prove", "/nothing", "/admin"):
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


def test_while_a_group_is_handed_back_payments_wait_and_reads_do_not(doors):
    row = doors.row(60)
    away = type(row)(60, Mode.STANDIN, row.epoch + 1)
    doors.register.swap([(row, away)], "trip", "test")
    held = type(row)(60, Mode.HANDING_BACK, away.epoch)
    assert doors.register.lease("handback", 0) or True
    doors.register._db.execute("INSERT OR REPLACE INTO lease VALUES ('handback', 'test', 1e12)")
    doors.register._db.execute("UPDATE lease SET until = ?", (time.monotonic() + 60,))
    doors.register.swap([(away, held)], "handback", "test")
    doors.wait(lambda: all(doors.rows_of(n).get("handing_back") == 1 for n in (1, 2)))
    assert doors.request("GET", "/", headers={"Cookie": doors.cookie(60)})[1]["Holdfast-Served-By"] == "standin"
    import threading

    def back():
        time.sleep(0.5)
        doors.register.swap([(held, type(row)(60, Mode.PRIMARY, held.epoch + 1))], "handback", "test")

    thread = threading.Thread(target=back)
    register, doors.register = doors.register, doors.register
    thread.start()
    began = time.monotonic()
    _, headers, _ = doors.pay(60, birth="")
    thread.join()
    assert headers["Holdfast-Served-By"] == "primary"
    assert time.monotonic() - began >= 0.4
    register._db.execute("DELETE FROM lease")


def order_back(doors):
    assert (
        doors.internal("POST", "/-/orders", {"what": "hand_back", "cohorts": None, "why": "test", "by": "tester"})[0]
        == 200
    )


def test_by_order_all_go_to_the_spare_bank_and_come_back_in_steps(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": None, "why": "drill", "by": "tester"})
    doors.wait(lambda: all(row.mode is Mode.STANDIN for row in doors.register.rows()))
    away = [row.epoch for row in doors.register.rows()]
    order_back(doors)
    doors.wait(lambda: all(row.mode is Mode.PRIMARY for row in doors.register.rows()), 15)
    assert [row.epoch for row in doors.register.rows()] == [epoch + 1 for epoch in away]
    assert sorted(doors.standin.closed) == [[c, e] for c, e in enumerate(away)]
    doors.wait(lambda: any(e["data"].get("whole") for e in doors.register.events(0)))


def test_a_difference_between_the_banks_undoes_the_return_under_a_new_epoch(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [4], "why": "drill", "by": "tester"})
    doors.wait(lambda: doors.row(4).mode is Mode.STANDIN)
    away = doors.row(4)
    doors.primary.differences = [{"account": 1, "bank_minor": 1, "standin_minor": 2}]
    order_back(doors)
    doors.wait(lambda: doors.row(4).epoch == away.epoch + 1)
    assert doors.row(4).mode is Mode.STANDIN


def test_books_that_are_not_proved_end_the_hand_back_before_it_begins(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [4], "why": "drill", "by": "tester"})
    doors.wait(lambda: doors.row(4).mode is Mode.STANDIN)
    away = doors.row(4)
    doors.primary.findings = [{"words": "a hole"}]
    order_back(doors)
    doors.wait(lambda: doors.register.open_order() is None)
    assert doors.row(4) == away
    assert doors.standin.closed == []


def test_a_hand_back_left_half_done_by_a_door_is_undone(doors):
    row = doors.row(61)
    away = type(row)(61, Mode.STANDIN, row.epoch + 1)
    doors.register.swap([(row, away)], "trip", "test")
    doors.register.swap([(away, type(row)(61, Mode.HANDING_BACK, away.epoch))], "handback", "a door that fell")
    doors.wait(lambda: doors.row(61).mode is Mode.STANDIN)
    assert doors.row(61).epoch == away.epoch + 1


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


@pytest.mark.parametrize(
    "body",
    [{}, {"what": "everything", "by": "x"}, {"what": "hand_back"}, {"what": "hand_back", "by": "x", "cohorts": ["a"]}],
)
def test_an_order_of_the_wrong_form_is_refused_and_nothing_is_recorded(doors, body):
    assert doors.internal("POST", "/-/orders", body)[0] == 400
    assert doors.register.open_order() is None


def test_the_bundle_is_kept_by_every_door_and_an_older_one_refused(doors):
    def send(number, text):
        token = doors.keys["control"].sign(
            "bundle",
            {
                "number": number,
                "status": {"en": text},
                "banner": None,
                "codes": {"ABC123": {"subject": "Fault", "sent_at": "now"}},
            },
        )
        headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/bundle")}
        return doors.request("POST", "/-/bundle", token.encode(), headers, port=doors.installation.door_internal_port)[
            0
        ]

    number = int(time.time())
    assert [send(number, "first"), send(number, "again"), send(number - 1, "older")] == [200, 409, 409]
    assert doors.request("GET", "/status")[2] == b"first"
    assert b"Yes, this message is from us" in doors.request("GET", "/genuine?code=abc123")[2]
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


def order(doors, what, cohorts):
    body = {"what": what, "cohorts": cohorts, "why": "a test", "by": "two people"}
    number = doors.internal("POST", "/-/orders", body)[1]["order"]
    doors.wait(lambda: any(e["kind"] == "order" and e["data"].get("order") == number and "result" in e["data"]
                           for e in doors.register.events(0, 100_000)))  # fmt: skip
    events = doors.register.events(0, 100_000)
    return next(e["data"]["result"] for e in events if e["data"].get("order") == number and "result" in e["data"])


def test_a_spare_bank_that_answers_is_never_forced_out(doors):
    order(doors, "standin_on", [12])
    assert doors.row(12).mode is Mode.STANDIN
    assert order(doors, "force_primary", [12]).startswith("not done: the spare bank answers")
    assert doors.row(12).mode is Mode.STANDIN


def test_a_lost_spare_bank_leaves_a_mark_under_which_older_ids_are_claimed_until_its_journal_was_read(doors):
    ident = uuid.uuid4().hex
    birth = doors.birth(ident, 13)
    order(doors, "standin_on", [13])
    served = doors.row(13)
    doors.standin.shut()
    doors.wait(lambda: not any(doors.health(n)["standin_answers"] for n in (1, 2)))
    assert "1 groups are forced back" in order(doors, "force_primary", [13])
    forced = doors.row(13)
    assert (forced.mode, forced.epoch, forced.forced) == (Mode.PRIMARY, served.epoch + 1, served.epoch)
    doors.primary.behave = outcome("checking")
    assert doors.pay(13, ident, birth)[0] == 200
    digest_taken = doors.register.claim("refused", [(ident, 13, forced.epoch)])
    assert digest_taken == ([], [ident])  # claimed as taken before it went to the bank that lacks the journal
    doors.standin.open()
    doors.wait(lambda: doors.row(13).forced == 0)
    after = doors.row(13)
    assert (after.mode, after.epoch) == (Mode.PRIMARY, forced.epoch + 1)
    assert [13, served.epoch] in doors.standin.closed


@pytest.mark.parametrize(
    ("primary_is_there", "mode"), [(True, Mode.PRIMARY), (False, Mode.STANDIN)], ids=["both banks", "spare bank only"]
)
def test_a_lost_register_is_made_anew_above_every_epoch_and_only_once_the_spare_bank_is_fenced(
    doors, primary_is_there, mode
):
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    if not primary_is_there:
        doors.primary.shut()
    doors.standin.shut()
    path = doors.installation.folder("edge") / "register.sqlite"
    doors.end_doors()
    doors.register.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for number in (1, 2):
        doors.start(number)
    doors.wait(lambda: doors.request("GET", "/")[0] == 503)
    assert not path.exists()  # without the spare bank nobody guesses who serves whom
    doors.standin.open()
    doors.wait(path.exists)
    doors.open_register()
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    rows = doors.register.rows()
    assert {row.mode for row in rows} == {mode}
    assert min(row.epoch for row in rows) >> 32 == (newest >> 32) + 1
    assert len(doors.standin.closed) == len(rows)
    assert all(epoch == ((newest >> 32) + 1) << 32 for _, epoch in doors.standin.closed)


def test_with_a_broken_register_and_no_spare_bank_every_door_shows_the_honest_page_and_keeps_the_broken_file(doors):
    path = doors.installation.folder("edge") / "register.sqlite"
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    doors.standin.shut()
    doors.end_doors()
    doors.register.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no register at all" * 100)
    for number in (1, 2):
        doors.start(number)
    doors.wait(lambda: [doors.health(n)["ok"] for n in (1, 2)] == [False, False])  # neither waits for the other
    doors.standin.open()
    doors.wait(path.exists)
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    doors.open_register()
    assert min(row.epoch for row in doors.register.rows()) > newest
    assert [one.read_bytes()[:11] for one in path.parent.glob("register.broken-*") if one.stat().st_size == 1800] == [
        b"no register"
    ]


def test_while_the_register_does_not_answer_nothing_final_is_told_and_the_same_id_works_afterwards(doors):
    order(doors, "standin_on", [14])
    shown_by(doors, 14, "standin")
    ident = uuid.uuid4().hex
    doors.standin.behave = outcome("done")
    doors.register._db.execute("BEGIN IMMEDIATE")
    try:
        status, _, body = doors.pay(14, ident, birth="")  # an older id needs a claim, and the claim has to wait
    finally:
        doors.register._db.execute("ROLLBACK")
    assert status == 503
    assert ident.encode() in body
    assert all("/pay" not in asked[1] for asked in doors.standin.asked)
    status, headers, _ = doors.pay(14, ident, birth="")
    assert (status, headers["Holdfast-Served-By"]) == (200, "standin")


def test_a_register_that_vanishes_under_running_doors_is_noticed_and_they_begin_anew(doors):
    path = doors.installation.folder("edge") / "register.sqlite"
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    doors.register.close()
    path.unlink()
    for child in doors.children.values():
        assert child.wait(8) == 1  # the supervisor starts them again
    for number in (1, 2):
        doors.start(number)
    doors.wait(path.exists)
    doors.open_register()
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    assert min(row.epoch for row in doors.register.rows()) > newest


def given(doors, **body):
    number = doors.internal("POST", "/-/orders", {"cohorts": [], "why": "a test", **body})[1]["order"]
    return next(e for e in doors.register.events(0, 100_000) if e["data"].get("order") == number)


@pytest.mark.demand("G6")
@pytest.mark.parametrize("approved_by", ["", "Ada", None])
def test_what_needs_two_people_and_is_ordered_by_one_is_told_as_break_glass(doors, approved_by):
    event = given(doors, what="hand_back", by="ada", approved_by=approved_by)
    assert event["data"]["break_glass"] is True
    assert event["words"] == "ada ordered hand back, alone (break-glass): a test"


def test_an_order_of_two_people_tells_both_names_and_moving_to_the_spare_bank_needs_one(doors):
    event = given(doors, what="hand_back", by="ada", approved_by="bo")
    assert event["words"] == "ada ordered hand back, approved by bo: a test"
    assert event["data"]["break_glass"] is False
    assert given(doors, what="standin_on", by="ada")["data"]["break_glass"] is False


def shown_by(doors, cohort, bank):
    """Wait until pages of a cohort are shown by this bank through both doors: the other door follows in a moment."""
    headers = {"Cookie": doors.cookie(cohort)}
    doors.wait(
        lambda: all(doors.request("GET", "/", headers=headers)[1]["Holdfast-Served-By"] == bank for _ in range(8))
    )


def test_pages_may_be_shown_by_the_main_bank_while_the_spare_bank_takes_payments_and_the_other_way_round(doors):
    assert "the main bank shows their pages" in order(doors, "reads_primary", [61])
    order(doors, "standin_on", [61])
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))
    shown_by(doors, 61, "primary")
    assert doors.pay(61)[1]["Holdfast-Served-By"] == "standin"
    shown_by(doors, 62, "primary")
    order(doors, "reads_standin", [62])
    shown_by(doors, 62, "standin")
    assert doors.pay(62)[1]["Holdfast-Served-By"] == "primary"
    assert doors.row(62).mode is Mode.PRIMARY
    order(doors, "reads_follow", None)
    shown_by(doors, 61, "standin")
    shown_by(doors, 62, "primary")


def test_a_page_that_its_bank_cannot_show_is_shown_by_the_other_without_moving_anybody(doors):
    order(doors, "standin_on", [63])
    shown_by(doors, 63, "standin")
    doors.standin.behave = fails
    before = doors.row(63)
    status, headers, _ = doors.request("GET", "/", headers={"Cookie": doors.cookie(63)})
    assert (status, headers["Holdfast-Served-By"]) == (200, "primary")
    _, _, sent, _ = doors.primary.asked[-1]
    assert (sent["mode"], sent["bank"], sent["epoch"]) == ("standin", "primary", before.epoch)
    assert doors.row(63) == before
