"""The customers' pages through the real process."""

import re
import time
import uuid

import pytest
from fakes import E1, E2, refusal, transfer
from world import PASSWORD, World, cookies_of

from holdfast.contracts.epochs import stranger_cohort
from holdfast.contracts.origins import CASES
from holdfast.guard.rates import PAGES_MOST
from holdfast.look import Banner, banner_to_header


def test_nobody_reaches_a_page_but_through_a_door(town: World) -> None:
    for row in ("", "x.y.z", town.key("primary").sign("row", {"cohort": 5}), town.key("door").sign("cohort", {})):
        assert town.visit("GET", "/", row, town.session()).status == 403
        assert town.pay(town.form(), row or "none").status == 403


def test_login_gives_a_session_and_names_the_cohort(town: World) -> None:
    form = {"username": " Ann ", "password": PASSWORD}
    wrong_row = town.visit("POST", "/login", town.row(None, 0), form=form)
    assert (wrong_row.status, wrong_row.headers["Holdfast-Cohort"]) == (421, "5")
    answer = town.second_step(town.visit("POST", "/login", town.row(5), form=form), 17)
    assert (answer.status, answer.headers["Location"], answer.headers["Holdfast-Cohort"]) == (303, "/", "5")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    page = town.visit("GET", "/", cookies=cookies_of(answer))
    assert (page.status, page.mark("data-page"), page.mark("data-bank"), page.mark("data-customer")) == (
        200,
        "overview",
        "standin",
        "17",
    )
    assert page.mark("data-number") == "1234.56.00010"
    assert int(page.mark("data-fresh-block")) >= 2
    assert "Oslo time" in page.text


def test_a_login_tells_the_door_whether_there_is_a_need_and_never_which(world: World) -> None:
    for needs in ([], ["large print"]):
        known = next(
            one["body"] for one in reversed(world.bank.facts) if (one["kind"], one["key"]) == ("customer", "17")
        )
        world.bank.say("customer", 17, known | {"needs": needs})
        world.fed()
        asked = world.visit("POST", "/login", world.row(5), form={"username": "ann", "password": PASSWORD})
        answer = world.second_step(asked, 17)
        assert (answer.status, answer.headers["Holdfast-Front"]) == (303, "17" if needs else "0")
        assert "large" not in str(answer.headers.items())


def test_a_wrong_name_and_a_wrong_password_answer_alike(town: World) -> None:
    tried = (
        ("ann", "wrong", 5),
        (" Nobody", PASSWORD, stranger_cohort("nobody")),
        ("bea", "wrong", 9),
        ("", "", stranger_cohort("")),
    )
    assert [
        town.visit("POST", "/login", town.row(None, 0), form={"username": name, "password": word}).status
        for name, word, _ in tried
    ] == [421] * 4
    answers = [
        town.visit("POST", "/login", town.row(cohort), form={"username": name, "password": word})
        for name, word, cohort in tried
    ]
    assert [one.status for one in answers] == [422] * 4
    plain = {re.sub(r'(data-fresh-at|value)="[^"]*"', "", one.text) for one in answers}
    assert len(plain) == 1
    assert not any("Set-Cookie" in one.headers for one in answers)


def test_without_a_session_one_is_sent_to_the_login(town: World) -> None:
    for cookies in (
        {},
        {"hf_standin": "x"},
        town.session(customer=99),
        town.session(issued=time.time() - 901),
        town.session(began=time.time() - 13 * 3600),
        {"hf_standin": town.session(signer="primary")["hf_bank"]},
    ):
        answer = town.visit("GET", "/", cookies=cookies)
        assert (answer.status, answer.headers["Location"]) == (303, "/login")


def test_a_session_under_another_cohorts_row_gets_421(town: World) -> None:
    before = len(town.journal())
    for row in (town.row(None, 0), town.row(9)):
        answer = town.pay(town.form(), row, town.session())
        assert (answer.status, answer.headers["Holdfast-Cohort"]) == (421, "5")
    assert len(town.journal()) == before


def test_the_other_banks_session_is_taken_and_answered_with_our_own(town: World) -> None:
    answer = town.visit("GET", "/", cookies=town.session(signer="primary"))
    assert answer.status == 200
    mine = cookies_of(answer)
    assert set(mine) == {"hf_standin"}
    assert "Set-Cookie" not in town.visit("GET", "/", cookies=mine).headers
    assert "hf_standin" in cookies_of(town.visit("GET", "/", cookies=town.session(issued=time.time() - 61)))


def test_logout_ends_the_session_here_and_in_the_journal(town: World) -> None:
    cookies = town.session(session="s-1")
    answer = town.visit("POST", "/logout", cookies=cookies)
    assert answer.status == 303
    assert set(cookies_of(answer)) == {"hf_bank", "hf_standin", "hf_cohort"}
    assert (town.journal()[-1].kind, town.journal()[-1].body) == ("logout", {"session": "s-1"})
    assert town.visit("GET", "/", cookies=cookies).status == 303


def test_a_revoked_session_is_no_session(town: World) -> None:
    cookies = town.session(session="s-2")
    assert town.visit("GET", "/", cookies=cookies).status == 200
    town.bank.say("session_revoked", "s-2", {})
    town.fed()
    assert town.visit("GET", "/", cookies=cookies).status == 303


def test_sessions_that_the_bank_ended_all_at_once_are_none_but_the_one_that_asked(town: World) -> None:
    now = time.time()
    others = [
        town.session(session="s-3", began=now - 60),
        town.session(session="s-4", began=now - 60, signer="primary"),
    ]
    mine, later = town.session(session="s-5", began=now - 60), town.session(session="s-6", began=now)
    assert [town.visit("GET", "/", cookies=one).status for one in (*others, mine, later)] == [200] * 4
    town.bank.say("all_ended", "17", {"before_us": int((now - 1) * 1e6), "but": "s-5"})
    town.fed()
    assert [town.visit("GET", "/", cookies=one).status for one in (*others, mine, later)] == [303, 303, 200, 200]


@pytest.mark.parametrize(("method", "has_cookies", "origin", "fetch_site", "allowed"), CASES)
def test_the_cross_site_cases_hold(  # noqa: PLR0917  # one argument a column of the table
    town: World, method: str, has_cookies: bool, origin: str | None, fetch_site: str | None, allowed: bool
) -> None:
    headers = {"Holdfast-Row": town.row(), "Content-Type": "application/x-www-form-urlencoded"}
    if has_cookies:
        headers["Cookie"] = f"hf_standin={town.session()['hf_standin']}"
    if origin is not None:
        headers["Origin"] = town.place.door_origin if origin == "OWN" else origin
    if fetch_site is not None:
        headers["Sec-Fetch-Site"] = fetch_site
    answer = town.request(method, "/pay", b"" if method != "GET" else None, headers)
    if method in ("GET", "POST"):
        assert (answer.status != 403) is allowed
    else:
        assert answer.status == 405  # no such address: nothing to protect


def test_customers_see_only_their_own_accounts_and_payments(town: World) -> None:
    ident = uuid.uuid4()
    town.pay(town.form(ident, cohort=9, to="1234.56.00030", name="") | {"from": "20"}, town.row(9), town.session(18, 9))
    assert town.visit("GET", f"/receipt/{ident}", town.row(9), town.session(18, 9)).mark("data-outcome") == "done"
    assert town.visit("GET", f"/receipt/{ident}", cookies=town.session()).status == 404
    assert town.visit("GET", "/accounts/20", cookies=town.session()).status == 404
    assert town.visit("GET", "/accounts/10", cookies=town.session()).status == 200
    for page in ("/", "/money", "/accounts/10"):
        assert ident.hex not in town.visit("GET", page, cookies=town.session()).text


def test_the_receipt_follows_and_can_be_shown_from_the_other_banks_proof(town: World) -> None:
    answer = town.pay(town.form(uuid.uuid4(), text="<script>"))
    page = town.visit("GET", answer.headers["Location"], cookies=town.session())
    assert (page.status, page.mark("data-outcome"), page.outcome) == (200, "done", "done")
    assert "&lt;script&gt;" in page.text
    ident = uuid.uuid4()
    said = {
        "id": ident.hex,
        "outcome": "done",
        "reason": "ok",
        "amount_minor": 777,
        "currency": "NOK",
        "debit": 10,
        "credit": 20,
        "payee": "Cora Elsewhere",
        "text": "",
        "at": time.time(),
        "bank": "primary",
        "customer": 17,
    }
    assert answer.headers["Location"].count("?") == 0
    proof = {"hf_receipt": town.key("primary").sign("receipt", said)}
    path = f"/receipt/{ident}"
    page = town.visit("GET", path, cookies=town.session() | proof)
    assert (page.status, page.mark("data-outcome"), page.mark("data-amount-minor")) == (200, "done", "777")
    assert "belongs to somebody else" in page.text  # the name we know differs from what was written
    assert "Bea Example" not in page.text  # and whose it is stays theirs
    assert town.visit("GET", path, town.row(9), town.session(18, 9) | proof).status == 404
    by_a_door = {"hf_receipt": town.key("door").sign("receipt", said)}
    for bad, shown in ((f"/receipt/{uuid.uuid4()}", proof), (path, by_a_door), ("/receipt/abc", proof)):
        assert town.visit("GET", bad, cookies=town.session() | shown).status == 404


def states(page: str) -> dict[str, str]:
    """Payment id to state, as a page marks them."""
    return dict(re.findall(r'data-payment="(\w+)"[^>]*data-state="(\w+)"', page))


def test_what_happened_shows_each_payment_with_its_state(world: World) -> None:
    paid, void, refused, booked, settled, own = (uuid.uuid4() for _ in range(6))
    world.pay(world.form(paid))
    world.pay(world.form(void, epoch=E1, amount="99,999.00"))
    world.pay(world.form(refused, amount="99,999.00"))
    world.bank.add(
        transfer(20, 10, 5000, id=booked, kind="refund", payer="Test Bank"), refusal(settled, "journal"), refusal(own)
    )
    world.fed()
    world.doors.claims[own.hex] = ("taken", E2)
    page = world.visit("GET", "/money", cookies=world.session())
    found = states(page.text)
    assert {ident.hex: found.get(ident.hex) for ident in (paid, void, refused, booked, settled, own)} == {
        paid.hex: "done",
        void.hex: "checking",
        refused.hex: "refused",
        booked.hex: "done",
        settled.hex: "refused",
        own.hex: "checking",
    }
    assert "not enough money" in page.text
    assert world.doors.claims[refused.hex][0] == "refused"
    world.bank.add(
        transfer(10, 20, 1000, id=paid, source="journal", journal_number=1), refusal(void, "journal", journal_number=2)
    )
    world.fed()
    found = states(world.visit("GET", "/money", cookies=world.session()).text)
    assert (found[paid.hex], found[void.hex]) == ("done", "refused")


def test_a_refusal_reads_being_checked_while_no_door_can_claim_it(world: World) -> None:
    ident = uuid.uuid4()
    world.pay(world.form(ident, amount="99,999.00"))
    world.doors.away = True
    assert states(world.visit("GET", "/money", cookies=world.session()).text)[ident.hex] == "checking"
    assert world.visit("GET", f"/receipt/{ident}", cookies=world.session()).mark("data-outcome") == "checking"
    world.doors.away = False
    assert states(world.visit("GET", "/money", cookies=world.session()).text)[ident.hex] == "refused"


def test_pages_carry_the_banner_and_no_word_of_ours_that_customers_do_not_know(town: World) -> None:
    banner = Banner(1, 7, "notice", "We have a fault <now>.", (("You can", "pay"),))
    for path in ("/", "/pay", "/money", "/help", "/accounts/10", "/login"):
        page = town.visit(
            "GET",
            path,
            cookies={} if path == "/login" else town.session(),
            headers={"Holdfast-Banner": banner_to_header(banner)},
        )
        assert page.status == 200
        assert "We have a fault &lt;now&gt;." in page.text
        words = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page.text).lower()
        assert "spare bank" in words
        assert not re.search(r"\b(cohort|epoch|stand-in|standin|hand-back|primary)s?\b", words)
    broken = town.visit("GET", "/help", headers={"Holdfast-Banner": "nonsense"})
    assert broken.status == 200


def test_bad_input_is_answered_and_never_with_an_error_of_ours(town: World) -> None:
    cookies = {
        "Cookie": f"hf_standin={town.session()['hf_standin']}",
        "Origin": town.place.door_origin,
        "Holdfast-Row": town.row(),
    }
    for content, body in (
        ("application/x-www-form-urlencoded", b"\xff\xfe=%%%"),
        ("text/plain", b"x" * 10_000),
        ("multipart/form-data; boundary=x", b"--y\r\n"),
        ("multipart/form-data", b"zzz"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(50))),
    ):
        for path in ("/pay", "/login"):
            assert town.request("POST", path, body, cookies | {"Content-Type": content}).status in (303, 400, 421, 422)
    for path, status in (
        ("/nothing", 404),
        ("/accounts/x", 404),
        ("/accounts/99999999999999999999999", 404),
        ("/receipt/zz", 404),
        ("/-/journal", 403),
        ("/-/close", 405),
    ):
        assert town.visit("GET", path, cookies=town.session()).status == status


def test_the_style_sheet_is_served_when_alone(town: World) -> None:
    assert "--accent" in town.request("GET", "/assets/holdfast.css").text


def test_pages_are_opened_by_people_and_not_copied_by_machines_and_paying_goes_on(world: World) -> None:
    said = [world.visit("GET", "/cards", cookies=world.session()).status for _ in range(PAGES_MOST + 1)]
    assert said == [200] * PAGES_MOST + [429]
    assert world.pay(world.form()).status == 303
