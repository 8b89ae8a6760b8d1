"""A customer's payments, through the door's header to the books."""

import re
import uuid

import pytest
from proofs import outcome, pay, with_password

from holdfast.bank.books import reader, rows
from holdfast.bank.payments.models import Intent, Told
from holdfast.bank.worker.refusals import sweep_intents, tell_refusals
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row, pack_epoch


def test_a_payment_is_booked_and_answered_with_a_receipt(town):
    form = town.ann.form(town.ben, "250,50")
    answer = town.ann.post("/pay", form)
    assert (answer.status_code, outcome(answer)) == (303, "done")
    assert (town.ann.balance, town.ben.balance) == (74_950, 25_050)
    receipt = town.ann.get(answer.headers["Location"])
    assert f'data-payment="{uuid.UUID(form["id"]).hex}" data-outcome="done"' in receipt.content.decode()


def test_a_repeated_payment_id_answers_as_the_first_time(town):
    form = town.ann.form(town.ben, "10")
    assert [outcome(town.ann.post("/pay", form)) for _ in range(3)] == ["done"] * 3
    assert town.ben.balance == 1000


def test_a_refused_payment_changes_nothing_and_stays_refused_when_money_has_come(town):
    form = town.ann.form(town.ben, "5000")
    answer = town.ann.post("/pay", form)
    assert outcome(answer) == "refused-own"
    assert (town.ann.balance, town.ben.balance) == (100_000, 0)
    assert "not enough money" in town.ann.get(answer.headers["Location"]).content.decode()
    rich = with_password(town.person(900_000).log_in())
    assert outcome(pay(rich, rich.form(town.ann, "8000"))) == "done"
    assert outcome(town.ann.post("/pay", form)) == "refused-own"
    assert town.ben.balance == 0


def test_the_same_id_with_other_content_is_answered_as_a_conflict_and_not_booked(town):
    form = town.ann.form(town.ben, "10")
    town.ann.post("/pay", form)
    answer = town.ann.post("/pay", {**form, "amount": "11"})
    assert (answer.status_code, outcome(answer)) == (422, "conflict")
    assert town.ben.balance == 1000


def test_a_forged_birth_counts_as_older_and_a_birth_above_the_epoch_is_stale(town, keys):
    ident = uuid.uuid4()
    form = town.ann.form(
        town.ben,
        "10",
        ident,
        birth=keys["door"].sign("birth", {"id": ident.hex, "cohort": town.cohort, "epoch": FIRST_EPOCH}),
    )
    assert outcome(town.ann.post("/pay", form)) == "done"
    assert Intent.objects.get(id=ident).birth == 0
    other = uuid.uuid4()
    form = town.ann.form(town.ben, "10", other, birth=town.ann.birth(uuid.uuid4()))
    town.ann.post("/pay", form)
    assert Intent.objects.get(id=other).birth == 0
    ahead = uuid.uuid4()
    answer = town.ann.post("/pay", town.ann.form(town.ben, "10", ahead, birth=town.ann.birth(ahead, FIRST_EPOCH + 5)))
    assert (answer.status_code, answer.headers["Holdfast-Stale"]) == (409, str(FIRST_EPOCH + 5))
    assert not Intent.objects.filter(id=ahead).exists()


def test_an_older_epoch_gets_409_without_a_trace_and_a_higher_one_is_stored_first(town):
    form = town.ann.form(town.ben, "10")
    answer = town.ann.post("/pay", form, epoch=FIRST_EPOCH + 2)
    assert outcome(answer) == "done"
    assert reader().rows()[town.cohort].epoch == FIRST_EPOCH + 2
    late = town.ann.form(town.ben, "10")
    answer = town.ann.post("/pay", late, epoch=FIRST_EPOCH + 1)
    assert (answer.status_code, answer.headers["Holdfast-Stale"]) == (409, str(FIRST_EPOCH + 2))
    assert town.ben.balance == 1000
    assert not Intent.objects.filter(id=late["id"]).exists()


def test_the_books_own_fence_answers_409_when_this_process_had_not_heard_of_the_new_epoch(town):
    from holdfast.bank.books import books

    books().learn_rows([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    answer = town.ann.post("/pay", town.ann.form(town.ben, "10"))
    assert (answer.status_code, answer.headers["Holdfast-Stale"]) == (409, str(FIRST_EPOCH + 1))
    assert town.ben.balance == 0


def test_a_request_for_the_other_bank_gets_409(town):
    assert town.ann.post("/pay", town.ann.form(town.ben, "10"), bank="standin").status_code == 409
    assert town.ann.get("/login", cohort=None, bank="standin").status_code == 409
    assert town.ben.balance == 0


def test_pages_are_shown_while_the_spare_bank_takes_payments_but_nothing_is_changed(town):
    away = {"mode": "standin", "epoch": FIRST_EPOCH + 1}
    page = town.ann.get("/", **away)
    assert page.status_code == 200
    assert "may still be missing on this page" in page.content.decode()
    assert "data-behind" not in town.ben.get("/").content.decode()
    assert "hf_bank" not in page.cookies  # no token of ours under an epoch that we do not hold
    answer = town.ann.post("/pay", town.ann.form(town.ben, "10"), **away)
    assert (answer.status_code, town.ben.balance) == (409, 0)
    assert reader().rows()[town.cohort].mode is Mode.STANDIN


def test_a_refusal_is_shown_only_after_the_register_granted_it(town, door):
    form = town.ann.form(town.ben, "5000")
    town.ann.post("/pay", form)
    ident = uuid.UUID(form["id"])
    mark = re.compile(rf'data-payment="{ident.hex}"[^>]*data-state="(\w+)"')
    assert mark.search(town.ann.get("/money").content.decode()).group(1) == "checking"
    door.denied.add(ident.hex)
    tell_refusals()
    assert mark.search(town.ann.get("/money").content.decode()).group(1) == "checking"
    door.denied.clear()
    tell_refusals()
    assert Told.objects.filter(payment=ident).exists()
    page = town.ann.get("/money").content.decode()
    assert mark.search(page).group(1) == "refused"
    assert "There was not enough money" in page


def test_the_sweeper_settles_an_old_intent_so_that_a_late_request_is_refused_too(town, door):
    from datetime import timedelta

    from django.utils import timezone

    ident = uuid.uuid4()
    Intent.objects.create(
        id=ident,
        customer=town.ann.id,
        debit=town.ann.account,
        credit=town.ben.account,
        amount_minor=1000,
        currency="NOK",
        payer="a",
        payee="b",
        birth=0,
        cohort=town.cohort,
        epoch=FIRST_EPOCH,
        created=timezone.now() - timedelta(seconds=11),
    )
    young = town.ann.form(town.ben, "10")
    assert sweep_intents() == 1
    assert Intent.objects.get(id=ident).reason == "not_completed"
    assert outcome(town.ann.post("/pay", town.ann.form(town.ben, "10", ident))) == "refused-own"
    assert outcome(town.ann.post("/pay", young)) == "done"
    assert town.ben.balance == 1000


def test_while_a_journal_is_missing_an_older_id_is_never_refused(town):
    epoch = FIRST_EPOCH + 3
    form = town.ann.form(town.ben, "5000")
    assert outcome(town.ann.post("/pay", form, epoch=epoch, forced=FIRST_EPOCH + 2)) == "checking"
    town.ann.epoch = epoch
    new = town.ann.form(town.ben, "5000")
    assert outcome(town.ann.post("/pay", new, forced=FIRST_EPOCH + 2)) == "refused-own"
    older = uuid.uuid4()
    epoch = pack_epoch(2, 2)
    answer = town.ann.post(
        "/pay",
        town.ann.form(town.ben, "1", older, birth=town.ann.birth(older, FIRST_EPOCH)),
        epoch=epoch,
        forced=pack_epoch(2, 1),
    )
    assert outcome(answer) == "checking"
    assert town.ben.balance == 0
    rows.refresh(at_once=True)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("to", "123", "no account with this number"),
        ("amount", "ten", "in figures"),
        ("amount", "0", "above zero"),
        ("amount", "1.234", "at most 2 decimals"),
        ("from", "1", "Choose the account"),
        ("text", "x" * 141, "longer than 140"),
    ],
)
def test_a_form_with_a_wrong_field_comes_back_whole_with_words_beside_it(town, field, value, words):
    form = {**town.ann.form(town.ben, "10"), field: value}
    answer = town.ann.post("/pay", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert f'value="{form["id"]}"' in page
    assert form["birth"] in page
    assert f'value="{town.ben.number}"' in page or field == "to"
    assert town.ben.balance == 0


def test_a_name_that_is_not_the_owners_is_asked_about_once(town):
    form = {**town.ann.form(town.ben, "10"), "name": "Somebody Else"}
    answer = town.ann.post("/pay", form)
    assert answer.status_code == 422
    assert "belongs to somebody else" in answer.content.decode()
    checked = re.search(r'name="checked" value="([^"]*)"', answer.content.decode()).group(1)
    assert outcome(town.ann.post("/pay", {**form, "checked": checked})) == "done"


def test_a_payee_who_was_blocked_is_refused_by_the_rules(town):
    from holdfast.bank.exchange.facts import block_payee

    block_payee(town.ben.account)
    answer = town.ann.post("/pay", town.ann.form(town.ben, "10"))
    assert outcome(answer) == "refused-own"
    assert "fraud warnings" in town.ann.get(answer.headers["Location"]).content.decode()
    assert town.ben.balance == 0


@pytest.mark.demand("G1")
def test_no_amount_and_no_payee_stands_in_a_receipts_address(town, keys):
    form = town.ann.form(town.ben, "12.34", text="a secret gift")
    answer = pay(town.ann, form)
    address, cookie = answer.headers["Location"], answer.cookies["hf_receipt"]
    assert address == f"/receipt/{form['id']}"
    kept = (cookie["path"], bool(cookie["httponly"]), cookie["samesite"], cookie["max-age"])
    assert kept == (address, True, "Lax", 600)
    said = keys["primary"].verify("receipt", cookie.value, {"primary"})
    assert (said["id"], said["amount_minor"], said["text"]) == (uuid.UUID(form["id"]).hex, 1234, "a secret gift")
    other = town.person(0).log_in()
    other.client.cookies["hf_receipt"] = cookie.value
    assert other.get(address).status_code == 404


def test_a_receipt_too_long_for_a_cookie_is_shown_from_what_the_bank_knows(town):
    form = town.ann.form(town.ben, "1", text="\N{PILE OF POO}" * 140, name="\N{PILE OF POO}" * 140)
    asked = town.ann.post("/pay", form).content.decode()
    answer = pay(town.ann, {**form, "checked": re.search(r'name="checked" value="([^"]*)"', asked).group(1)})
    assert (answer.status_code, "hf_receipt" in answer.cookies) == (303, False)
    assert 'data-outcome="done"' in town.ann.get(answer.headers["Location"]).content.decode()
