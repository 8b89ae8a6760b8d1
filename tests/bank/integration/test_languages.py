"""Every page in the customer's language: by their choice, else what we know of them, else their browser."""

import html
import re
import uuid

import pytest

from holdfast.bank.customers.models import Customer
from holdfast.bank.web.words import writings
from holdfast.bank.web.words.tags import places_of

OTHER_LANGUAGES_NAME = {"common.to_other", "common.to_other_label"}
"""Said in the other language on purpose."""


def pages_of(person):
    return ("/", f"/accounts/{person.account}", f"/accounts/{person.account}/statement", "/pay", "/money", "/cards",
            "/security", "/help", "/no/such/page", "/accounts/new", f"/accounts/{person.account}/about",
            f"/accounts/{person.account}/search?text=e", "/disputes")  # fmt: skip


def text_of(answer):
    return html.unescape(re.sub(r"<style>.*?</style>", "", answer.content.decode(), flags=re.DOTALL))


def left_in_english(text):
    """Texts of the English words of three words and more that the page holds."""
    nb, en = writings()["nb"].words.texts, writings()["en"].words.texts
    return [
        key
        for key, said in en.items()
        if key not in OTHER_LANGUAGES_NAME and not places_of(said) and said.count(" ") >= 2 and said != nb[key]
        and said in text
    ]  # fmt: skip


@pytest.fixture
def kari(town):
    """A customer whose fact says Norwegian."""
    made = town.person(123_450, name="Kari Nordmann")
    Customer.objects.filter(id=made.id).update(language="nb")
    return made.log_in()


def test_every_page_is_in_norwegian_for_a_customer_who_reads_norwegian(kari, town):
    kari.post("/pay", kari.form(town.ben, "12.50"))
    for path in pages_of(kari):
        answer = kari.get(path)
        assert ('<html lang="nb">' in answer.content.decode(), answer.headers["Content-Language"]) == (True, "nb")
        assert left_in_english(text_of(answer)) == [], path


def test_amounts_and_account_numbers_are_written_as_in_norway(kari):
    page = kari.get("/").content.decode()
    assert '<span class="small">kr</span>\u00a01\u00a0234,50' in page
    account = kari.get(f"/accounts/{kari.account}").content.decode()
    assert "På kontoen: " in account
    assert " kl. " in account


def test_the_choice_comes_first_then_the_fact_then_the_browser(kari, town):
    assert 'lang="nb"' in kari.get("/").content.decode().partition(">")[2][:40]
    kari.client.cookies["hf_language"] = "en"
    assert '<html lang="en">' in kari.get("/").content.decode()
    for accepted, language in (("nb-NO,nb;q=0.9", "nb"), ("de", "en")):
        headers = {"Holdfast-Row": town.ann.row(cohort=None), "Accept-Language": accepted}
        assert f'<html lang="{language}">' in town.ben.client.get("/login", headers=headers).content.decode()


def test_the_other_language_is_one_link_away_and_leads_back_to_the_page(kari):
    path = f"/accounts/{kari.account}"
    assert f'href="/language?to=en&amp;next=%2Faccounts%2F{kari.account}" lang="en"' in kari.get(path).content.decode()
    refused = kari.post("/pay", {"id": str(uuid.uuid4())})
    assert (refused.status_code, 'next=%2Fpay"' in refused.content.decode()) == (422, True)


def test_what_is_wrong_with_a_form_is_said_in_norwegian_and_keeps_what_was_typed(kari):
    form = {"id": str(uuid.uuid4()), "from": str(kari.account), "to": "", "amount": "mye", "text": "til lunsj"}
    page = text_of(kari.post("/pay", form))
    for words in ("Skriv kontonummeret du vil betale til.", "Skriv beløpet med tall, for eksempel 250,00."):
        assert words in page
    assert 'value="mye"' in page and 'value="til lunsj"' in page
    assert left_in_english(page) == []


def test_a_refused_payment_says_why_in_norwegian(kari, town):
    answer = kari.post("/pay", kari.form(town.ben, "4999"))
    receipt = text_of(kari.get(answer.headers["Location"]))
    assert "Det var ikke nok penger på kontoen. Ingen penger ble trukket." in receipt
    assert left_in_english(receipt) == []
    assert kari.balance == 123_450


def test_the_statement_is_a_norwegian_spreadsheets_file(kari):
    answer = kari.get(f"/accounts/{kari.account}/statement?as=csv&from=2020-01-01&to=2030-01-01")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Dag;Bevegelse;Melding;Beløp;Saldo etter;Valuta;Hvor den står;Betalingsnummer"
    assert "1234,50" in text and "Gjelder " in text
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="kontoutskrift-')
