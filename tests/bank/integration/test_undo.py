"""Payments by form that are held back for as long as the customer chose: undone, or made once, or not at all."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from enrolling import PASSWORD, mark
from proofs import hidden, outcome, pay, with_password

from holdfast.bank.books import reader
from holdfast.bank.customers.models import Customer
from holdfast.bank.errors import CallFailed
from holdfast.bank.freezing.everything import freeze_everything
from holdfast.bank.mail.models import Mail
from holdfast.bank.payments import undo
from holdfast.bank.payments.models import HeldPayment, Intent, Told
from holdfast.bank.payments.pay import pay as pay_now
from holdfast.bank.worker.loop import JOBS
from holdfast.contracts.answers import Reason
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import BooksBusy, Result

pytestmark = pytest.mark.demand("B4")

AWAY = Row(0, Mode.STANDIN, FIRST_EPOCH + 1)


@pytest.fixture(autouse=True)
def _nothing_held_by_others(door):
    door.denied.clear()
    HeldPayment.objects.all().delete()


def choose(person, seconds="30"):
    return person.post("/limits/undo", {"seconds": seconds})


def held_form(town, amount="10", person=None):
    """A payment that is held back; its form."""
    person = person or town.ann
    assert choose(person).status_code == 303
    form = person.form(town.ben, amount)
    answer = pay(person, form)
    assert (answer.status_code, outcome(answer)) == (303, "checking")
    return form


def row_of(form):
    return HeldPayment.objects.get(id=form["id"])


def pass_time(form, seconds=0.0):
    """It was to go out some seconds ago."""
    HeldPayment.objects.filter(id=form["id"]).update(goes_at=timezone.now() - timedelta(seconds=seconds))


def receipt(person, form):
    return person.get(f"/receipt/{form['id']}")


def press_undo(person, form):
    return person.post(f"/receipt/{form['id']}/undo", {})


def recorded(form):
    """How the books have it."""
    found = reader().outcomes([uuid.UUID(form["id"])]).get(uuid.UUID(form["id"]))
    return (found.result, found.reason) if found else None


def mails(person):
    return list(Mail.objects.filter(customer=person.id, notice="payment-not-made"))


def with_address(person):
    Customer.objects.filter(id=person.id).update(email=f"user{person.id}@example.org")
    return person


def test_a_customer_chooses_for_how_long_payments_are_held_back_and_nothing_else_is_taken(town):
    assert mark(town.ann.get("/limits"), "undo-s") == "0"
    for seconds in ("10", "30", "20"):
        assert choose(town.ann, seconds).headers["Location"] == "/limits#undo"
        assert mark(town.ann.get("/limits"), "undo-s") == seconds
    for wrong in ("", "15", "-10", "3600", "x"):
        answer = choose(town.ann, wrong)
        assert (answer.status_code, "Nothing was changed" in answer.content.decode()) == (422, True)
        assert undo.window_of(town.ann.id) == 20
    choose(town.ann, "0")
    assert undo.window_of(town.ann.id) == 0


def test_without_a_choice_a_payment_is_made_at_once_and_asks_no_more_of_the_database(town):
    town.ann.post("/pay", town.ann.form(town.ben, "1"))
    with CaptureQueriesContext(connection) as asked:
        assert outcome(town.ann.post("/pay", town.ann.form(town.ben, "10"))) == "done"
    about = [
        one["sql"] for one in asked.captured_queries if "undo_window" in one["sql"] or "held_payment" in one["sql"]
    ]
    assert ["FROM intent" in one for one in about] == [True]  # what is read anyway
    assert town.ben.balance == 1100


def test_a_held_payment_takes_nothing_until_it_goes_out_and_then_goes_out_once(town):
    form = held_form(town)
    page = receipt(town.ann, form)
    assert (mark(page, "held"), mark(page, "state"), mark(page, "outcome")) == ("held", "checking", "checking")
    assert f'action="/receipt/{form["id"]}/undo"' in page.content.decode()
    assert f'href="/receipt/{form["id"]}"' in page.content.decode()  # to see how it ended; the page waits for nobody
    assert (undo.carry_out_held(), town.ben.balance, recorded(form)) == (0, 0, None)
    pass_time(form)
    assert [undo.carry_out_held() for _ in range(3)] == [1, 0, 0]
    assert (town.ann.balance, town.ben.balance, row_of(form).state) == (99_000, 1000, "gone")
    assert mark(receipt(town.ann, form), "state") == "done"


def test_the_worker_carries_out_what_is_due_each_quarter_of_a_second():
    assert ("pay what was held back", undo.carry_out_held, 0.25) in JOBS
    assert undo.settle_held in {job for _, job, _ in JOBS}


def test_an_undone_payment_is_refused_in_the_books_and_stays_so_when_the_form_is_sent_again(town):
    form = held_form(town)
    answer = press_undo(town.ann, form)
    assert answer.headers["Location"] == f"/receipt/{form['id']}"
    assert recorded(form) == (Result.ALREADY_REFUSED, Reason.CANCELLED)
    assert Told.objects.filter(payment=form["id"]).exists()
    page = receipt(town.ann, form)
    assert (mark(page, "state"), "You undid it in time" in page.content.decode()) == ("refused", True)
    pass_time(form)
    assert (undo.carry_out_held(), undo.settle_held()) == (0, 0)
    assert outcome(town.ann.post("/pay", form)) == "refused-own"
    choose(town.ann, "0")
    assert outcome(town.ann.post("/pay", form)) == "refused-own"
    assert (town.ann.balance, town.ben.balance, mails(town.ann)) == (100_000, 0, [])


def test_the_same_form_sent_again_while_it_is_held_is_one_held_payment_and_other_content_a_conflict(town):
    form = held_form(town)
    goes_at = row_of(form).goes_at
    assert [outcome(town.ann.post("/pay", form)) for _ in range(3)] == ["checking"] * 3
    answer = town.ann.post("/pay", {**form, "amount": "11"})
    assert (answer.status_code, outcome(answer)) == (422, "conflict")
    assert HeldPayment.objects.filter(customer=town.ann.id).count() == 1
    assert (row_of(form).goes_at, row_of(form).amount_minor) == (goes_at, 1000)
    assert not Intent.objects.filter(id=form["id"]).exists()


def test_a_form_that_was_paid_before_the_choice_is_not_held_and_one_sent_again_while_held_is_paid_once(town):
    before = town.ann.form(town.ben, "10")
    town.ann.post("/pay", before)
    form = held_form(town)
    assert outcome(town.ann.post("/pay", before)) == "done"
    choose(town.ann, "0")
    assert outcome(town.ann.post("/pay", form)) == "checking"
    pass_time(form)
    undo.carry_out_held()
    assert (town.ben.balance, row_of(form).state) == (2000, "gone")


def test_it_cannot_be_undone_any_more_once_it_was_taken_up(town):
    form = held_form(town)
    pass_time(form)
    undo.carry_out_held()
    answer = press_undo(town.ann, form)
    assert answer.headers["Location"] == f"/receipt/{form['id']}?undo=late"
    page = town.ann.get(answer.headers["Location"])
    assert (mark(page, "state"), "too late to undo" in page.content.decode()) == ("done", True)
    assert town.ben.balance == 1000


def test_nobody_else_sees_or_undoes_it(town):
    form = held_form(town)
    other = town.person(0).log_in()
    assert [press_undo(other, form).status_code, receipt(other, form).status_code] == [404, 404]
    assert [other.post(f"/receipt/{one}/undo", {}).status_code for one in (uuid.uuid4(), "f" * 33)] == [404, 404]
    assert row_of(form).state == "held"
    assert "data-held" not in other.get("/orders").content.decode()


def test_what_is_held_stands_among_what_is_to_come_until_it_was_undone(town):
    form = held_form(town)
    page = town.ann.get("/orders")
    assert mark(page, "held") == uuid.UUID(form["id"]).hex
    assert f'action="/receipt/{form["id"]}/undo"' in page.content.decode()
    press_undo(town.ann, form)
    assert "data-held" not in town.ann.get("/orders").content.decode()


def test_a_crash_after_it_was_taken_up_loses_nothing_and_pays_once(town, monkeypatch):
    form = held_form(town)
    pass_time(form)
    with monkeypatch.context() as crash:
        crash.setattr(undo, "pay", _dies)
        with pytest.raises(SystemExit):
            undo.carry_out_held()
    assert (row_of(form).state, town.ben.balance) == ("going", 0)
    assert press_undo(town.ann, form).headers["Location"].endswith("?undo=late")
    with monkeypatch.context() as crash:
        crash.setattr(undo, "_end", _dies)  # it is paid, and nobody noted so
        with pytest.raises(SystemExit):
            undo.carry_out_held()
    assert (row_of(form).state, town.ben.balance) == ("going", 1000)
    undo.carry_out_held()
    assert (row_of(form).state, town.ben.balance) == ("gone", 1000)


def _dies(*_, **__):
    raise SystemExit


@pytest.mark.parametrize(("place", "error"), [("books", BooksBusy("busy")), ("claim_refused", CallFailed("away"))])
def test_an_undo_that_books_or_doors_do_not_answer_is_told_only_when_it_stands(town, monkeypatch, place, error):
    form = held_form(town)

    def fails(*_):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(undo, place, fails)
        press_undo(town.ann, form)
        undo.settle_held()
    page = receipt(town.ann, form)
    assert (mark(page, "state"), mark(page, "held")) == ("checking", "undone")
    assert "Being undone" in page.content.decode()
    pass_time(form)
    assert (undo.carry_out_held(), undo.settle_held()) == (0, 1)
    assert (mark(receipt(town.ann, form), "state"), town.ben.balance) == ("refused", 0)


def test_an_undo_of_what_the_spare_bank_has_taken_up_is_not_told(town, door):
    form = held_form(town)
    door.denied.add(uuid.UUID(form["id"]).hex)
    press_undo(town.ann, form)
    undo.settle_held()
    assert mark(receipt(town.ann, form), "state") == "checking"
    assert not Told.objects.filter(payment=form["id"]).exists()
    door.denied.clear()
    undo.settle_held()
    assert mark(receipt(town.ann, form), "state") == "refused"


def test_while_the_spare_bank_serves_it_waits_and_goes_out_when_the_bank_is_back_in_time(town, monkeypatch):
    form = held_form(town)
    pass_time(form, 30)
    with monkeypatch.context() as away:
        away.setattr(undo.rows, "all", lambda: {town.cohort: AWAY})
        assert (undo.carry_out_held(), row_of(form).state, town.ben.balance) == (0, "held", 0)
    undo.carry_out_held()
    assert (row_of(form).state, town.ben.balance) == ("gone", 1000)


def test_while_a_journal_is_missing_only_what_it_cannot_hold_goes_out(town, monkeypatch):
    form = held_form(town)
    pass_time(form)
    with monkeypatch.context() as missing:
        row = Row(town.cohort, Mode.PRIMARY, FIRST_EPOCH + 1, forced=FIRST_EPOCH)
        missing.setattr(undo.rows, "all", lambda: {town.cohort: row})
        assert (undo.carry_out_held(), row_of(form).state) == (0, "held")
        HeldPayment.objects.filter(id=form["id"]).update(birth=FIRST_EPOCH + 1)
        assert list(undo._ours(HeldPayment.objects.all())) == [row_of(form)]


def test_one_that_could_not_go_out_for_a_minute_is_not_paid_late_and_the_customer_has_one_mail(town):
    form = held_form(town, person=with_address(town.ann))
    pass_time(form, 61)
    undo.carry_out_held()
    undo.settle_held()
    assert recorded(form) == (Result.ALREADY_REFUSED, Reason.NOT_COMPLETED)
    page = receipt(town.ann, form).content.decode()
    assert "data-late" in page
    assert "make it again with a new payment" in page
    (mail,) = mails(town.ann)
    assert "10.00" in mail.body
    assert "within a minute" in mail.body
    assert outcome(town.ann.post("/pay", form)) == "refused-own"
    assert (town.ann.balance, town.ben.balance) == (100_000, 0)


def test_one_that_the_books_have_by_the_spare_bank_is_done_when_it_would_be_too_late(town, journal, call):
    form = held_form(town, person=with_address(town.ann))
    pass_time(form, 61)
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 1000, uuid.UUID(form["id"])))
    assert call("/-/replay", {"upto": len(journal.entries)}).status_code == 200
    undo.carry_out_held()
    assert (town.ben.balance, row_of(form).state, mails(town.ann)) == (1000, "gone", [])
    assert mark(receipt(town.ann, form), "state") == "done"


def test_it_is_judged_anew_when_it_goes_out_and_a_refusal_is_told_by_mail_once_it_was_claimed(town, door):
    form = held_form(town, "900", person=with_address(town.ann))
    choose(town.ann, "0")
    assert outcome(pay(town.ann, town.ann.form(town.ben, "500"))) == "done"
    pass_time(form)
    door.denied.add(uuid.UUID(form["id"]).hex)
    undo.carry_out_held()
    assert (row_of(form).state, mails(town.ann)) == ("refused", [])
    door.denied.clear()
    undo.settle_held()
    undo.settle_held()
    (mail,) = mails(town.ann)
    assert "not enough money" in mail.body
    assert (recorded(form), town.ben.balance) == ((Result.ALREADY_REFUSED, Reason.NOT_ENOUGH_MONEY), 50_000)


def test_a_risky_payment_is_proved_before_it_is_held_and_not_again_when_it_goes_out(town):
    rich = with_password(town.person(90_000_000).log_in())
    choose(rich)
    form = rich.form(town.ben, "20000")
    asked = rich.post("/pay", form)
    assert (asked.status_code, HeldPayment.objects.filter(id=form["id"]).exists()) == (422, False)
    while 'data-page="warning"' in asked.content.decode():
        asked = rich.post(*hidden(asked))
    _, fields = hidden(asked)
    proved = fields | {"password": PASSWORD}
    assert [outcome(rich.post("/pay/confirm", proved)) for _ in range(2)] == ["checking", "checking"]
    assert outcome(rich.post("/pay", form)) == "checking"
    pass_time(form)
    undo.carry_out_held()
    assert (town.ben.balance, row_of(form).state) == (2_000_000, "gone")


def test_what_everything_is_frozen_for_does_not_go_out(town):
    rich = with_password(with_address(town.person(100_000).log_in()))
    form = held_form(town, person=rich)
    assert freeze_everything(rich.id, "")
    pass_time(form)
    undo.carry_out_held()
    assert (recorded(form), town.ben.balance) == ((Result.ALREADY_REFUSED, Reason.CUSTOMER_FROZEN), 0)


def test_more_than_ten_held_at_once_are_refused_and_the_ten_go_out(town):
    forms = [held_form(town, "1") for _ in range(undo.HELD_MAX)]
    eleventh = town.ann.form(town.ben, "1")
    assert outcome(town.ann.post("/pay", eleventh)) == "refused-own"
    assert recorded(eleventh) == (Result.ALREADY_REFUSED, Reason.TOO_MANY)
    for form in forms:
        pass_time(form)
    assert undo.carry_out_held() == 10
    assert town.ben.balance == 1000


def test_what_names_people_is_sealed_and_forgotten_long_after(town):
    form = held_form(town)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payer || payee || text FROM held_payment WHERE id = %s", [form["id"]])
        stored = cursor.fetchone()[0]
    assert not any(word in stored for word in ("lunch", "Ben", "Person"))
    press_undo(town.ann, form)
    assert undo.forget_old() == 0
    HeldPayment.objects.update(settled=timezone.now() - undo.KEPT - timedelta(days=1))
    assert undo.forget_old() == 1
    assert outcome(town.ann.post("/pay", form)) == "refused-own"


def test_in_norwegian_too(town):
    form = held_form(town)
    town.ann.client.cookies["hf_language"] = "nb"
    assert "Går ut" in receipt(town.ann, form).content.decode()
    assert "Angre Ben Builder" in town.ann.get("/orders").content.decode()


def test_what_is_held_or_undone_is_not_paid_by_another_way_either(town):
    form = held_form(town)
    request = undo._request(row_of(form))
    assert pay_now(request, proved=True).outcome.value == "checking"
    assert choose(town.ann, "0").status_code == 303
    assert outcome(pay(town.ann, form)) == "checking"
    HeldPayment.objects.filter(id=form["id"]).update(state=undo.UNDONE)  # and the books were busy
    assert pay_now(request, proved=True).reason is Reason.CANCELLED
    assert recorded(form) == (Result.ALREADY_REFUSED, Reason.CANCELLED)
    assert town.ben.balance == 0


def test_none_is_held_while_the_worker_does_not_keep_up(town, monkeypatch):
    first = held_form(town)
    pass_time(first, 11)
    assert outcome(pay(town.ann, town.ann.form(town.ben, "11"))) == "checking", "one late payment is not a queue"
    monkeypatch.setattr(undo, "BATCH", 1)
    form = town.ann.form(town.ben, "10")
    assert outcome(pay(town.ann, form)) == "done"
