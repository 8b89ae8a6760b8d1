"""The statement of the main bank, and the banner in the customer's language."""

import csv
import io

import pytest

from holdfast.bank.customers.models import Customer
from holdfast.bank.papers import period
from holdfast.bank.web import statement
from holdfast.look import Banner, banner_to_header

PERIOD = "&from=2020-01-01&to=2030-01-01"


def rows_of(answer):
    """(rows of the file, notes after them)."""
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    end = rows.index([])
    return rows[:end], [" ".join(row) for row in rows[end + 1 :]]


def test_the_statement_has_each_line_with_the_balance_after_it(town):
    assert town.ann.post("/pay", town.ann.form(town.ben, "12.50", text="=1+1")).status_code == 303
    answer = town.ann.get(f"/accounts/{town.ann.account}/statement?as=csv{PERIOD}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="statement-{town.ann.number}-2020-01-01-2030-01-01.csv"'
    )
    rows, notes = rows_of(answer)
    assert rows[0] == [
        "Day", "Transaction", "Message", "Amount", "Balance after it", "Currency", "Where it stands", "Payment number",
    ]  # fmt: skip
    assert [row[2:7] for row in rows[1:]] == [
        ["", "1000.00", "1000.00", "NOK", "in the books"],
        ["'=1+1", "-12.50", "987.50", "NOK", "in the books"],
    ]
    assert rows[1][0] == "2026-01-01"
    assert rows[2][1] == "Ben Builder"
    assert notes[1].startswith("True at ")


def test_only_the_days_asked_for_are_in_it(town):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50"))
    rows, _ = rows_of(town.ann.get(f"/accounts/{town.ann.account}/statement?as=csv&from=2026-01-01&to=2026-01-01"))
    assert [row[3] for row in rows[1:]] == ["1000.00"]


def test_a_long_account_is_read_page_by_page_up_to_a_limit(town, monkeypatch):
    for _ in range(3):
        town.ann.post("/pay", town.ann.form(town.ben, "1.00"))
    monkeypatch.setattr(period, "PAGE_LINES", 2)
    path = f"/accounts/{town.ann.account}/statement?as=csv{PERIOD}"
    rows, notes = rows_of(town.ann.get(path))
    assert [row[4] for row in rows[1:]] == ["1000.00", "999.00", "998.00", "997.00"]
    assert not any("Only the newest" in note for note in notes)
    monkeypatch.setattr(period, "LINES_MAX", 2)
    monkeypatch.setattr(statement, "LINES_MAX", 2)
    rows, notes = rows_of(town.ann.get(path))
    assert [row[4] for row in rows[1:]] == ["998.00", "997.00"]
    assert any("Only the newest 2" in note for note in notes)


def test_the_form_comes_first_and_comes_back_with_wrong_days(town):
    path = f"/accounts/{town.ann.account}/statement"
    page = town.ann.get(path)
    assert (page.status_code, page.content.count(b'type="date"')) == (200, 2)
    page = town.ann.get(f"{path}?as=csv&from=2026-02-01&to=2026-01-01")
    assert page.status_code == 422
    assert b"Write two days" in page.content
    assert b'value="2026-02-01"' in page.content


def test_other_customers_statements_are_not_found(town):
    path = f"/accounts/{town.ben.account}/statement?as=csv{PERIOD}"
    assert town.ann.get(path).status_code == 404
    assert town.ben.get(path).status_code == 303


@pytest.mark.parametrize(
    ("cookie", "known", "browser", "words"),
    [("nb", "en", "", "Vi har en feil."), ("", "nb", "", "Vi har en feil."), ("", "", "nb-NO", "Vi har en feil."),
     ("en", "nb", "nb-NO", "We have a fault."), ("", "en", "nb-NO", "We have a fault.")],
)  # fmt: skip
def test_the_banner_is_shown_in_the_language_of_the_page(town, cookie, known, browser, words):
    Customer.objects.filter(id=town.ann.id).update(language=known)
    header = banner_to_header(
        Banner(1, 7, "notice", "We have a fault.", ()), Banner(1, 7, "notice", "Vi har en feil.", (), "nb")
    )
    if cookie:
        town.ann.client.cookies["hf_language"] = cookie
    headers = {"Holdfast-Row": town.ann.row(), "Holdfast-Banner": header, "Accept-Language": browser}
    page = town.ann.client.get("/", headers=headers).content.decode()
    assert words in page
    assert page.count("data-incident") == 1


def test_a_form_that_the_spare_bank_warned_about_can_be_sent_here(town):
    """The spare bank's button sends `checked`: the number as it is stored, and the name in small letters."""
    form = town.ann.form(town.ben, "3.00", name="Somebody Else")
    assert town.ann.post("/pay", form).status_code == 422
    assert town.ann.post("/pay", form | {"checked": f"{town.ben.number}|somebody else"}).status_code == 303
