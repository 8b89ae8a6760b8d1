"""Everything is frozen at the spare bank by one press, through the real process: nothing goes out any more."""

import signal
import time
import uuid

from fakes import E1, E2, E3
from using import Program, card, code, question, say, send, told
from world import ACCOUNTS, Answer, World

from holdfast.contracts.journal import Entry

HERE = "/security/freeze"


def freeze(world: World, cookies: dict[str, str] | None = None, row: str | None = None, **more: str) -> Answer:
    return world.visit("POST", HERE, row, cookies or world.session(), {}, more or None)


def kinds(world: World) -> list[str]:
    return [entry.kind for entry in world.journal()]


def is_frozen(world: World, cookies: dict[str, str] | None = None, row: str | None = None) -> bool:
    page = world.visit("GET", HERE, row, cookies=cookies or world.session()).text
    assert ('data-frozen="true"' in page) != ('data-frozen="false"' in page)
    return 'data-frozen="true"' in page


def frozen_entry(world: World) -> Entry:
    (found,) = [entry for entry in world.journal() if entry.kind == "freeze"]
    return found


def test_one_press_stops_payments_and_cards_and_survives_a_kill(world: World) -> None:
    token, closed, cookies = card(world), card(world, frozen=True), world.session(session="mine")
    assert not is_frozen(world, cookies)
    before = time.time_ns() // 1000
    answer = freeze(world, cookies)
    assert (answer.status, answer.headers["Location"]) == (303, HERE)
    world.stop(signal.SIGKILL)
    world.start()
    assert is_frozen(world, cookies)
    entry = frozen_entry(world)
    assert (entry.cohort, entry.epoch, kinds(world)) == (5, E2, ["freeze", "card"])
    assert entry.body["changed_us"] >= before
    own = [number for number, one in ACCOUNTS.items() if one[3] == 17]
    assert entry.body == {
        "customer": 17,
        "session": "mine",
        "accounts": own,
        "cards": [token],
        "changed_us": entry.body["changed_us"],
        "at_us": entry.body["at_us"],
    }
    form = world.form(uuid.uuid4())
    assert world.pay(form, cookies=cookies).outcome == "refused-own"
    assert world.journal()[-1].body["reason"] == "customer_frozen"
    for one in (token, closed):
        assert told(send(world, question(one))) == ("declined", "customer_frozen")
    page = world.visit("GET", "/cards", cookies=cookies).text
    assert (page.count('data-frozen="true"'), "data-frozen-notice" in page) == (2, True)


def test_money_still_arrives_and_other_customers_pay(world: World) -> None:
    freeze(world)
    arrives = world.form(uuid.uuid4(), cohort=9, **{"from": "20", "to": ACCOUNTS[10][0], "name": "Ann Example"})
    assert world.pay(arrives, world.row(9), world.session(18, 9)).outcome == "done"


def test_every_other_session_ends_and_a_login_after_it_holds(world: World) -> None:
    now = time.time()
    mine, thief = world.session(session="mine"), world.session(session="thief", began=now - 60)
    by_bank = world.session(signer="primary", session="old", began=now - 600)
    freeze(world, mine)
    world.stop(signal.SIGKILL)
    world.start()
    assert world.visit("GET", "/", cookies=mine).status == 200
    for ended in (thief, by_bank):
        answer = world.visit("GET", "/", cookies=ended)
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert world.pay(world.form(uuid.uuid4()), cookies=thief).outcome == ""
    assert world.visit("GET", "/", cookies=world.session()).status == 200
    assert world.visit("GET", "/", world.row(9), world.session(18, 9, began=now - 60)).status == 200


def test_a_program_of_the_customers_does_nothing_any_more(world: World) -> None:
    program = Program(world)
    assert program.ask("GET", "/accounts").status == 200
    freeze(world)
    assert code(program.ask("GET", "/accounts")) == (401, "token-revoked")
    assert code(program.pay("after")) == (401, "token-revoked")
    assert kinds(world) == ["freeze"]


def test_it_is_journaled_once_and_asks_for_no_more_than_the_session(world: World) -> None:
    cookies = world.session(began=time.time() - 11 * 3600)
    for _ in range(3):
        assert freeze(world, cookies).status == 303
    assert kinds(world) == ["freeze"]
    assert world.visit("POST", HERE, form={}).headers["Location"] == "/login"
    alone = world.session(factors=["password"])
    assert freeze(world, alone).status == 403
    assert kinds(world) == ["freeze"]


def test_nothing_is_frozen_by_another_site_in_a_closed_epoch_or_under_an_old_row(world: World) -> None:
    assert freeze(world, Origin="https://elsewhere.test").status == 403
    world.call("door", "POST", "/-/close", {"rows": [[5, E2]]})
    for row in (world.row(), world.row(epoch=E1), world.row(bank="primary"), world.row(epoch=E3, mode="handing_back")):
        assert freeze(world, row=row).status == 409
    assert kinds(world) == ["close"]
    assert not is_frozen(world, row=world.row(epoch=E3))
    assert freeze(world, row=world.row(epoch=E3)).status == 303
    assert kinds(world) == ["close", "freeze"]


def test_what_the_main_bank_tells_of_it_holds_and_the_later_change_stands(world: World) -> None:
    def say_freeze(frozen: bool, changed_us: int) -> None:
        for account in (10, 11):
            world.bank.say("frozen", account, {} if frozen else None)
        world.bank.say("freeze", 17, {"frozen": frozen, "changed_us": changed_us})
        world.fed()

    def pays() -> str:
        return world.pay(world.form(uuid.uuid4())).outcome

    token, ahead_us = card(world), time.time_ns() // 1000 + 10**9
    say_freeze(True, ahead_us)
    assert is_frozen(world)
    assert (pays(), told(send(world, question(token)))) == ("refused-own", ("declined", "customer_frozen"))
    assert freeze(world).status == 303
    assert "freeze" not in kinds(world)  # it is so already
    say_freeze(False, ahead_us + 1)
    assert not is_frozen(world)
    assert pays() == "done"
    freeze(world)
    assert frozen_entry(world).body["changed_us"] == ahead_us + 2
    say_freeze(False, ahead_us + 1)
    assert is_frozen(world)
    assert pays() == "refused-own"
    say_freeze(True, ahead_us + 2)  # the main bank has entered it
    assert is_frozen(world)
    say(world, token, frozen=False, changed_us=ahead_us + 3)
    say_freeze(False, ahead_us + 3)  # and its customer opened it there
    assert not is_frozen(world)
    assert (pays(), told(send(world, question(token)))) == ("done", ("approved", "ok"))


def test_opening_again_waits_for_the_main_bank_and_the_page_says_so_in_both_languages(world: World) -> None:
    freeze(world)
    for language, words in (("en", "opened again in our main system"), ("nb", "åpnes igjen i hovedsystemet vårt")):
        page = world.visit("GET", HERE, cookies=world.session() | {"hf_language": language}).text
        assert words in page, language
    answer = world.visit("POST", f"{HERE}/open", cookies=world.session(), form={})
    assert (answer.status, "nothing was changed" in answer.text) == (422, True)
    assert is_frozen(world)
    assert kinds(world) == ["freeze"]
    assert f'href="{HERE}"' in world.visit("GET", "/security", cookies=world.session()).text


def test_it_holds_in_a_copy_that_is_made_anew(world: World) -> None:
    freeze(world)
    assert world.call("runtime", "POST", "/-/rebuild", {"why": "test"}).status == 200
    world.until(lambda: world.health()["rebuild"]["ended"].startswith("The copy was made anew"))
    assert is_frozen(world)
    assert world.pay(world.form(uuid.uuid4())).outcome == "refused-own"
