"""A file of payments: shown line by line, confirmed as a whole, each line paid once, and what became of it."""

import random
import re
import threading
from datetime import timedelta

import pytest
from django.db import connections
from enrolling import PASSWORD, enrol, mark, now_code
from payment_files import block, line, order
from proofs import with_password
from sending import carry, confirm, proof_of, send, states, taken, today_file

from holdfast.bank.books import books, reader, rows
from holdfast.bank.customers.known import accounts_by_number
from holdfast.bank.customers.models import Owner
from holdfast.bank.files import carrying, keeping
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.freezing.everything import freeze_everything
from holdfast.bank.orders.models import Order, Plan
from holdfast.bank.payments.kids import set_kid_need
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.own_limits import choose_limits
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.worker import refusals
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.kid import mod10_digit
from holdfast.contracts.plain_xml import parse_plain
from holdfast.guard import Pair

pytestmark = pytest.mark.demand("B4")


@pytest.fixture
def firm(town, register):
    """A customer who can confirm, with 10,000.00 in the account."""
    return with_password(town.person(1_000_000, name="Example Ltd").log_in())


def test_a_file_is_shown_then_confirmed_then_paid_line_by_line(town, firm):
    cara = town.person(0, name="Cara Carpenter")
    address = taken(firm, today_file(
        firm, line(town.ben.number, "100.00", "Ben Builder", text="March"), line(cara.number, "250", "Cara Carpentier"),
        line("97129999999", "5", "Nobody"),
    ))  # fmt: skip
    page = firm.get(address)
    text = page.content.decode()
    assert (mark(page, "count"), mark(page, "total-minor"), mark(page, "left-out")) == ("2", "35000", "1")
    assert states(firm, address) == ["ready", "ready", "bad"]
    assert re.findall(r'data-name-check="(\w+)"', text) == ["match", "close"]
    assert "the account belongs to Cara Carpenter" in text and "We know no account" in text
    assert (town.ben.balance, firm.balance) == (0, 1_000_000)
    assert confirm(firm, address).headers["Location"] == address
    carry()
    assert states(firm, address) == ["done", "done", "bad"]
    assert (town.ben.balance, cara.balance, firm.balance) == (10_000, 25_000, 965_000)
    assert reader().lines(town.ben.account)[0].text == "March"


def test_nothing_is_paid_without_the_proof(town, firm):
    address = taken(firm, today_file(firm, line(town.ben.number, "100.00", "Ben Builder")))
    assert mark(confirm(firm, address, password="guess"), "problem") == "prove.password_wrong"
    assert mark(firm.post(f"{address}/confirm", {"password": PASSWORD}), "problem") == "not_changed"
    carrying.carry_out()
    assert (town.ben.balance, Intent.objects.filter(customer=firm.id).count()) == (0, 0)


def test_with_an_authenticator_the_code_is_asked_for(town, firm):
    secret, _ = enrol(firm)
    address = taken(firm, today_file(firm, line(town.ben.number, "1.00", "Ben Builder")))
    assert 'name="password"' not in firm.get(address).content.decode()
    assert confirm(firm, address, code=now_code(secret, 1)).status_code == 303
    carry()
    assert town.ben.balance == 100


@pytest.mark.parametrize(
    "change", [{"amount_minor": 10_001}, {"credit": 1}, {"payee": "Another"}, {"text": "x"}, {"state": "bad"}]
)
def test_a_proof_is_worthless_once_any_line_has_changed(town, firm, change):
    address = taken(firm, today_file(firm, line(town.ben.number, "100.00", "Ben Builder"), line(town.ann.number, "1")))
    proof = proof_of(firm.get(address))
    FileLine.objects.filter(file=address.rpartition("/")[2], number=1).update(**change)
    answer = firm.post(f"{address}/confirm", {"proof": proof, "password": PASSWORD})
    assert (answer.status_code, mark(answer, "problem")) == (422, "not_changed")
    carrying.carry_out()
    assert (town.ben.balance, firm.balance) == (0, 1_000_000)


def test_a_proof_of_one_file_is_worthless_for_another_and_for_a_payment(town, firm):
    first = taken(firm, today_file(firm, line(town.ben.number, "100.00", "Ben Builder")))
    second = taken(firm, today_file(firm, line(town.ben.number, "100.00", "Ben Builder")))
    said = {"proof": proof_of(firm.get(first)), "password": PASSWORD}
    assert mark(firm.post(f"{second}/confirm", said), "problem") == "not_changed"
    form = firm.form(town.ben, "6000") | said
    assert mark(firm.post("/pay/confirm", form), "page") in {"prove", "warning"}
    assert town.ben.balance == 0


def test_the_same_file_again_leads_to_the_same_place_and_pays_nothing(town, firm):
    raw = today_file(firm, line(town.ben.number, "100.00", "Ben Builder"), message="WAGES-1")
    address = taken(firm, raw)
    confirm(firm, address)
    carry()
    assert taken(firm, raw) == address
    assert mark(send(firm, raw.replace(b"100.00", b"100.10")), "problem") == "used"
    assert confirm_again(firm, address).headers["Location"] == address
    carry()
    assert (town.ben.balance, PaymentFile.objects.filter(customer=firm.id).count()) == (10_000, 1)


def confirm_again(person, address):
    return person.post(f"{address}/confirm", {"proof": "", "password": PASSWORD})


def test_two_owners_who_send_the_same_file_pay_it_once(town, firm):
    other = with_password(town.person(0).log_in())
    Owner.objects.create(account_id=firm.account, customer_id=other.id)
    raw = today_file(firm, line(town.ben.number, "100.00", "Ben Builder"), message="WAGES-2")
    mine, theirs = taken(firm, raw), taken(other, raw)
    assert mine != theirs
    assert confirm(firm, mine).status_code == confirm(other, theirs).status_code == 303
    carry()
    assert (town.ben.balance, states(firm, mine), states(other, theirs)) == (10_000, ["done"], ["done"])
    assert taken(other, raw) == mine, "whose was first"


def test_two_owners_who_confirm_the_same_file_on_two_days_pay_it_once(town, firm):
    other = with_password(town.person(0).log_in())
    Owner.objects.create(account_id=firm.account, customer_id=other.id)
    tomorrow = bank_today() + timedelta(days=1)
    raw = order(block(firm.number, line(town.ben.number, "100.00", "Ben Builder"), day=tomorrow), message="WAGES-3")
    mine, theirs = taken(firm, raw), taken(other, raw)
    assert confirm(firm, mine).status_code == 303
    carry()
    assert (states(firm, mine), Plan.objects.filter(debit=firm.account).count()) == (["planned"], 1)
    assert confirm(other, theirs).status_code == 303
    FileLine.objects.filter(file__customer=other.id).update(due=bank_today())  # the day has come
    carry()
    assert (states(other, theirs), town.ben.balance, firm.balance) == (["planned"], 0, 1_000_000)


def test_a_double_click_confirms_once(town, firm):
    address = taken(firm, today_file(firm, line(town.ben.number, "100.00", "Ben Builder")))
    said = {"proof": proof_of(firm.get(address)), "password": PASSWORD}
    answers = []

    def press():
        try:
            answers.append(firm.post(f"{address}/confirm", said).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    carry()
    assert 303 in answers and town.ben.balance == 10_000


class Died(Exception):
    """The worker was killed."""


def die(*_):
    raise Died


@pytest.mark.parametrize("where", ["post_many", "note_outcome"])
def test_a_crash_half_way_pays_nothing_twice_and_goes_on_where_it_was(town, firm, monkeypatch, where):
    lines = [line(town.ben.number, f"{number}.00", "Ben Builder", f"E{number}") for number in range(1, 6)]
    address = taken(firm, today_file(firm, *lines))
    confirm(firm, address)
    monkeypatch.setattr(carrying, "BATCH", 2)
    assert carrying.carry_out() == 2
    with monkeypatch.context() as broken:
        broken.setattr(carrying if where == "note_outcome" else type(books()), where, die)
        with pytest.raises(Died):
            carrying.carry_out()
    monkeypatch.setattr(refusals, "OPEN_AGE", timedelta(0))
    refusals.sweep_intents()
    carry()
    assert states(firm, address) == ["done"] * 5
    assert (town.ben.balance, firm.balance) == (1500, 1_000_000 - 1500)


def test_what_is_not_covered_is_refused_in_the_order_of_the_file(town, firm, door):
    lines = [line(town.ben.number, "6000.00", "Ben Builder", "E1"), line(town.ben.number, "5000.00", end="E2"),
             line(town.ben.number, "4000.00", end="E3")]  # fmt: skip
    address = taken(firm, today_file(firm, *lines))
    assert "data-short" in firm.get(address).content.decode()
    confirm(firm, address)
    carry()
    assert states(firm, address) == ["done", "checking", "done"], "a refusal is told only after its claim"
    refusals.tell_refusals()
    assert states(firm, address) == ["done", "refused", "done"]
    assert "There was not enough money in the account." in firm.get(address).content.decode()
    assert (town.ben.balance, firm.balance) == (1_000_000, 0)


def test_lines_of_a_later_day_become_payments_to_come_once(town, firm):
    later = bank_today() + timedelta(days=20)
    raw = order(block(firm.number, [line(town.ben.number, "10.00", "Ben Builder", purpose="SALA")], later))
    address = taken(firm, raw)
    confirm(firm, address)
    carry()
    assert states(firm, address) == ["planned"]
    (plan,) = Plan.objects.filter(debit=firm.account)
    assert (plan.amount_minor, plan.first, plan.rhythm, plan.kind) == (1000, later, "once", "wages")
    assert Order.objects.filter(plan=plan.id).count() == 1
    FileLine.objects.filter(file=address.rpartition("/")[2]).update(state="open")
    PaymentFile.objects.filter(id=address.rpartition("/")[2]).update(state="confirmed")
    carry()
    assert Plan.objects.filter(debit=firm.account).count() == 1
    assert town.ben.balance == 0


def test_every_line_is_judged_by_the_rules_as_a_payment_is(town, firm):
    choose_limits(firm.id, Pair(20_000, 30_000), proved=True)
    lines = [
        line(town.ben.number, amount, "Ben Builder", f"E{amount}") for amount in ("200.01", "150", "100", "60", "50")
    ]
    address = taken(firm, today_file(firm, *lines))
    assert states(firm, address) == ["bad", "ready", "ready", "bad", "ready"]
    confirm(firm, address)
    freeze_everything(firm.id, "")
    firm.log_in()
    carry()
    refusals.tell_refusals()
    assert states(firm, address) == ["bad", "refused", "refused", "bad", "refused"]
    assert town.ben.balance == 0


def test_a_file_leaves_half_of_the_payments_of_a_minute_to_its_customer(town, firm, monkeypatch):
    lines = [line(town.ben.number, "1.00", "Ben Builder", f"E{number}") for number in range(40)]
    address = taken(firm, today_file(firm, *lines))
    confirm(firm, address)
    for _ in range(10):
        carrying.carry_out()
    assert town.ben.balance == 3000, "30 of the 60 that the limits allow a minute"
    assert firm.post("/pay", firm.form(town.ben, "1.00")).status_code == 303
    Intent.objects.filter(customer=firm.id).update(created=bank_time(minutes=-2))
    for _ in range(10):
        carrying.carry_out()
    assert (town.ben.balance, set(states(firm, address))) == (4100, {"done"})


def bank_time(**span):
    from django.utils import timezone

    return timezone.now() + timedelta(**span)


def test_a_file_waits_while_the_spare_bank_serves(town, firm):
    address = taken(firm, today_file(firm, line(town.ben.number, "1.00", "Ben Builder")))
    confirm(firm, address)
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    assert carrying.carry_out() == 0
    rows.learn([Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 2)])
    carry()
    assert town.ben.balance == 100


@pytest.mark.parametrize(
    ("kind", "bend"),
    [
        ("not_yours", lambda firm, town: order(block(town.ann.number, [line(town.ben.number, "1")], bank_today()))),
        ("past", lambda firm, town: order(block(firm.number, [line(town.ben.number, "1")], "2020-01-01"))),
        ("far", lambda firm, town: order(block(firm.number, [line(town.ben.number, "1")], "2099-01-01"))),
        ("sum", lambda firm, town: today_file(firm, line(town.ben.number, "1"), total="2")),
        ("other_message", lambda firm, town: b"<Document><BkToCstmrStmt/></Document>"),
        ("encoding", lambda firm, town: "ø".encode("latin-1")),
        ("entities", lambda firm, town: b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_changes_nothing(town, firm, kind, bend):
    answer = send(firm, bend(firm, town))
    assert (answer.status_code, mark(answer, "problem")) == (422, kind)
    assert 'id="file-wrong"' in answer.content.decode()
    assert not PaymentFile.objects.filter(customer=firm.id).exists()


def test_without_a_file_and_with_too_large_a_one_the_form_comes_back(firm):
    assert mark(firm.post("/files", {}), "problem") == "no_file"
    assert mark(send(firm, b" " * 900_001), "problem") == "too_large"


def test_what_is_wrong_with_a_line_is_said_beside_it(town, firm):
    set_kid_need(town.ben.account, "must")
    accounts_by_number.forget()
    kid = f"2345678{mod10_digit('2345678')}"
    lines = [line(town.ben.number, "1", end="E1"), line(town.ben.number, "2", end="E2", kid="23456780"),
             line(town.ben.number, "3", end="E3", kid=kid, text="and a message"),
             line(town.ben.number, "4", end="E4", kid=kid), line(firm.number, "5", end="E5"),
             line(town.ann.number, "6", end="E6", currency="EUR")]  # fmt: skip
    address = taken(firm, today_file(firm, *lines))
    found = re.findall(r'data-line="\d" data-state="\w+" data-amount-minor="\d+"(?: data-problem="(\w+)")?',
                       firm.get(address).content.decode())  # fmt: skip
    assert found == ["kid_missing", "kid_wrong", "kid_and_text", "", "same_account", "currency"]


def test_hostile_words_stay_words(town, firm):
    hostile = "<script>alert(1)</script>"
    address = taken(firm, today_file(firm, line(town.ben.number, "1", hostile, text="=1+1&\u202ecod")))
    page = firm.get(address).content.decode()
    assert hostile not in page and "&lt;script&gt;" in page
    listed = send(firm, today_file(firm, line(town.ben.number, "1")), name='"><img src=x>.xml')
    assert listed.status_code == 303 and b"<img src=x" not in firm.get("/files").content


def test_others_find_neither_file_nor_report(town, firm):
    address = taken(firm, today_file(firm, line(town.ben.number, "1.00")))
    for path in (address, f"{address}/pain.002"):
        assert town.ann.get(path).status_code == 404
    for path in (f"{address}/confirm", f"{address}/drop"):
        assert town.ann.post(path, {"password": PASSWORD}).status_code == 404
    assert PaymentFile.objects.get(customer=firm.id).state == "checked"


def test_the_same_payments_under_another_number_are_warned_of(town, firm):
    lines = [line(town.ben.number, "10.00", "Ben Builder"), line(town.ann.number, "20.00")]
    first = taken(firm, today_file(firm, *lines))
    confirm(firm, first)
    second = taken(firm, today_file(firm, *lines))
    assert mark(firm.get(second), "again") == first.rpartition("/")[2]
    assert firm.post(f"{second}/drop", {}).headers["Location"] == "/files"
    assert firm.get(second).status_code == 404


def test_a_file_that_nobody_confirms_is_forgotten_after_a_day(town, firm):
    address = taken(firm, today_file(firm, line(town.ben.number, "10.00")))
    proof = proof_of(firm.get(address))
    PaymentFile.objects.filter(customer=firm.id).update(made=bank_time(hours=-25))
    answer = firm.post(f"{address}/confirm", {"proof": proof, "password": PASSWORD})
    assert mark(answer, "problem") == "not_gone"
    keeping.forget_old()
    assert firm.get(address).status_code == 404 and town.ben.balance == 0


def test_the_report_says_of_each_line_how_it_ended(town, firm, door):
    lines = [line(town.ben.number, "6000.00", "Ben Builder", "E1"), line(town.ben.number, "5000", end="E2"),
             line("97129999999", "1", end="E3")]  # fmt: skip
    address = taken(firm, today_file(firm, *lines, message="M-77"))
    confirm(firm, address)
    carry()
    refusals.tell_refusals()
    answer = firm.get(f"{address}/pain.002")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    root = parse_plain(answer.content)
    assert root.findtext(".//OrgnlMsgId") == "M-77"
    assert root.findtext(".//GrpSts") == "PART"
    assert [(one.findtext("OrgnlEndToEndId"), one.findtext("TxSts"),
             one.findtext("StsRsnInf/Rsn/Cd", "")) for one in root.iterfind(".//TxInfAndSts")] == [
        ("E1", "ACSC", ""), ("E2", "RJCT", "AM04"), ("E3", "RJCT", "AC03"),
    ]  # fmt: skip


def test_a_bent_file_never_pays_anything_but_what_its_page_said(town, firm):
    """Two hundred bent files: each is refused, or pays exactly what the customer saw and confirmed."""
    seed = random.randrange(10**6)
    luck = random.Random(seed)
    for _ in range(200):
        good = today_file(
            firm, line(town.ben.number, "1.00", "Ben Builder", "E1"), line(town.ann.number, "2.00", end="E2")
        )
        start = luck.randrange(len(good))
        bent = good[:start] + luck.randbytes(luck.randrange(4)) + good[start + luck.randrange(40) :]
        answer = send(firm, bent)
        if answer.status_code == 422:
            continue
        before, page = firm.balance, firm.get(answer.headers["Location"])
        count, total = int(mark(page, "count")), int(mark(page, "total-minor") or 0)
        assert total <= 300, f"seed {seed}"
        if count:
            confirm(firm, answer.headers["Location"])
            Intent.objects.filter(customer=firm.id).update(created=bank_time(minutes=-2))
            carry()
        assert before - firm.balance in {total, 0}, f"seed {seed}"


def test_a_customer_has_a_bounded_number_of_files_waiting_and_going_on(town, firm, monkeypatch):
    monkeypatch.setattr(keeping, "WAITING_MAX", 2)
    monkeypatch.setattr(keeping, "RUNNING_MAX", 1)
    sent = [taken(firm, today_file(firm, line(town.ben.number, f"{number}.00"))) for number in (1, 2, 3)]
    assert [firm.get(one).status_code for one in sent] == [404, 200, 200], "the oldest went"
    confirm(firm, sent[1])
    answer = confirm(firm, sent[2])
    assert (answer.status_code, mark(answer, "problem")) == (422, "not_running")
    carry()
    assert confirm(firm, sent[2]).status_code == 303
    carry()
    assert town.ben.balance == 500
