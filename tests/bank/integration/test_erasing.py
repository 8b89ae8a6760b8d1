"""Who left is erased after the time that the law wants, and the books are proved as before."""

import json
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone
from enrolling import mark

from holdfast.bank.books import reader
from holdfast.bank.cases.asked import Booking, book
from holdfast.bank.cases.choices import Move
from holdfast.bank.customers.models import Account, Customer, Owner, RetentionRun
from holdfast.bank.exchange.facts import read_facts
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.leaving.closing import leave
from holdfast.bank.mail.models import Mail
from holdfast.bank.payments.models import Intent
from holdfast.bank.privacy import erasing
from holdfast.bank.privacy.retention import keep_to_the_table
from holdfast.bank.sealed.fields import SealedJson, SealedText

pytestmark = pytest.mark.demand("G7", "A1")
NAME = "Zacharias Quillfeather"
WORDS = "for the violin lessons"
BY_HAND = {"customer", "case_decision", "fact"}
"""Tables whose words go in a way of their own."""
STAYS = {
    "passkey": "removed when the customer left",
    "registration": "kept for a day, before there is a customer",
    "password_reset": "kept for a day",
    "journal_exception": "numbers of journal entries and accounts, no name",
    "waiting": "removed when what it begins was opened",
    "redress_given": "numbers of customers and accounts, days and amounts, no name",
}


@pytest.fixture
def gone(town, register):
    """Somebody named NAME who paid Ben and got money from the bank, closed all and left; Ben stays."""
    person = town.person(0).log_in()
    Customer.objects.filter(id=person.id).update(name=NAME, email="zacharias@quill.example")
    person.name = NAME
    welcome(person)
    pay(person, town.ben, "10.00", WORDS)
    pay(town.ben.log_in(), person, "2.00", "back to Zacharias")
    pay(person, town.ben, f"{person.balance / 100:.2f}", "the rest")
    assert person.balance == 0
    assert leave(person.id) == []
    return person


def welcome(person):
    """50.00 from the bank itself, with words."""
    assert book(Booking(uuid.uuid4(), Move(1, person.account, 5_000), "NOK", "test", f"welcome {NAME}")) == ""


def pay(payer, payee, amount, words):
    answer = payer.post("/pay", payer.form(payee, amount, text=words))
    assert mark(payer.get(answer.headers["Location"]), "outcome") == "done", answer.content.decode()[:2000]


def long_ago(person):
    Customer.objects.filter(id=person.id).update(left=timezone.now() - erasing.KEPT - timedelta(days=1))


def lines(account):
    return reader().lines(account, 100)


def last(kind, key):
    return Fact.objects.filter(kind=kind, key=str(key)).latest("id").body


def test_who_left_lately_is_not_erased(gone):
    Customer.objects.filter(id=gone.id).update(left=timezone.now() - erasing.KEPT + timedelta(days=1))
    keep_to_the_table()
    assert (Customer.objects.get(id=gone.id).name, Customer.objects.get(id=gone.id).erased) == (NAME, None)


def test_nothing_names_who_left_any_more_and_the_books_are_whole(gone, town):
    RetentionRun.objects.all().delete()
    long_ago(gone)
    before = [(one.id, one.amount_minor, one.balance_after_minor, one.value_date) for one in lines(gone.account)]
    block = reader().head().block
    assert erasing.forget_left() == 1
    left = Customer.objects.get(id=gone.id)
    assert (left.name, left.email, left.needs, left.username) == ("", "", [], f"*{gone.id}")
    assert Account.objects.get(id=gone.account).title == ""
    asked = list(Intent.objects.filter(customer=gone.id))
    assert {(one.payer, one.payee, one.text, one.metadata) for one in asked} == {("", "", "", None)}
    assert len(asked) == 2
    assert SecurityEvent.objects.filter(customer=gone.id).count() == Mail.objects.filter(customer=gone.id).count() == 0
    after = [(one.id, one.amount_minor, one.balance_after_minor, one.value_date) for one in lines(gone.account)]
    assert after == before
    assert reader().head().block == block
    assert list(reader().prove()) == []
    welcome = next(one for one in lines(gone.account) if one.amount_minor == 5_000)
    assert (welcome.payer, welcome.payee, welcome.text) == ("", "", "")


def test_who_stays_still_reads_what_they_were_paid_for_until_they_are_erased_too(gone, town):
    long_ago(gone)
    erasing.forget_left()
    mine = next(one for one in lines(town.ben.account) if one.amount_minor == 1_000)
    assert (mine.payer, mine.text) == (NAME, WORDS)
    pay(town.ben, town.ann, f"{town.ben.balance / 100:.2f}", "all of it")
    assert leave(town.ben.id) == []
    long_ago(town.ben)
    assert erasing.forget_left() == 1
    mine = next(one for one in lines(town.ben.account) if one.amount_minor == 1_000)
    assert (mine.payer, mine.text) == ("", "")
    assert list(reader().prove()) == []


def test_the_stream_forgets_them_and_the_account_is_told_without_its_name(gone):
    long_ago(gone)
    erasing.forget_left()
    assert (last("customer", gone.id), last("account", gone.account)["title"]) == (None, "")
    told, after = [], 0
    while found := read_facts(after, 1000)["facts"]:
        told, after = told + found, found[-1]["number"]
    about = [one for one in told if one["kind"] == "customer" and one["key"] == str(gone.id)]
    assert [one["body"] for one in about] == [None]
    assert NAME not in json.dumps(told)


def test_it_is_done_once_and_counted_by_the_job_of_the_table(gone):
    RetentionRun.objects.all().delete()
    long_ago(gone)
    assert keep_to_the_table() >= 1
    erased = Customer.objects.get(id=gone.id).erased
    day = timezone.now().date()
    assert RetentionRun.objects.get(day=day).counts["left"] == 1
    facts = Fact.objects.count()
    keep_to_the_table()
    assert (Customer.objects.get(id=gone.id).erased, RetentionRun.objects.get(day=day).counts["left"]) == (erased, 1)
    assert (Fact.objects.count(), erasing.forget_left()) == (facts, 0)
    erasing.erase(gone.id)  # as after a fall before the mark
    assert Customer.objects.get(id=gone.id).name == ""


def test_a_shared_account_keeps_its_name_until_its_last_holder_is_erased(gone, town):
    Owner.objects.create(account_id=gone.account, customer_id=town.ann.id)
    long_ago(gone)
    erasing.forget_left()
    assert Account.objects.get(id=gone.account).title != ""
    assert Customer.objects.get(id=gone.id).name == ""
    assert any(one.text == f"welcome {NAME}" for one in lines(gone.account))


def test_the_database_erases_no_words_of_an_open_account(town):
    with (
        psycopg.connect(settings.DATABASE_URL) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="not closed"),
    ):
        connection.execute("SELECT ledger.erase_words(%s, '{}', 10)", (town.ann.account,))


def test_every_sealed_field_is_erased_or_says_why_it_stays():
    emptied = {(one.model._meta.db_table, field) for one in erasing.WORDS for field in one.fields}
    whole = {model._meta.db_table for model in erasing.ROWS} | BY_HAND | STAYS.keys()
    sealed = {
        (model._meta.db_table, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedText | SealedJson)
    }
    assert {one for one in sealed if one not in emptied and one[0] not in whole} == set()
    assert emptied <= sealed
