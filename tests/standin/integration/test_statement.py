"""The statement: what is booked, what waits, where the copy begins, and nobody else's."""

import csv
import io
import re
import uuid

import pytest
from fakes import DAY, refusal, transfer
from world import World


def at(path: str, world: World, **cookies: str) -> str:
    """A page of the customer 17, whole."""
    answer = world.visit("GET", path, cookies=world.session() | cookies)
    assert answer.status == 200
    return answer.text


def table(text: str, between: str) -> tuple[list[list[str]], list[str]]:
    """(rows of the file, notes after them)."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=between))
    end = rows.index([])
    return rows[:end], [" ".join(row) for row in rows[end + 1 :]]


@pytest.fixture
def past(world: World) -> World:
    """A world whose account 10 has two movements after its opening, and pays once here."""
    taken_over = {"value_date": DAY.replace(year=2025), "cause": "fill"}
    world.bank.add(transfer(10, 20, 1234, payee='=HYPERLINK("x")', text="a;b", **taken_over))
    world.bank.add(transfer(20, 10, 500, payer="Bea", id=uuid.UUID(int=5)), refusal(uuid.uuid4(), "journal"))
    world.fed()
    assert world.pay(world.form(amount="100.00", text="rent")).outcome == "done"
    world.pay(world.form(amount="99,999.00"))
    return world


def test_the_file_has_each_movement_with_the_balance_after_it(past: World) -> None:
    text = at("/accounts/10/statement?as=csv&from=2020-01-01&to=2029-01-01", past)
    assert text.startswith("\ufeff")
    rows, notes = table(text, ",")
    assert rows[0] == [
        "Day", "Transaction", "Message", "Amount", "Balance after it", "Currency", "Where it stands", "Payment number",
    ]  # fmt: skip
    assert [row[1:7] for row in rows[1:]] == [
        ["Opening", "", "10000.00", "10000.00", "NOK", "in the books"],
        ['\'=HYPERLINK("x")', "a;b", "-12.34", "9987.66", "NOK", "in the books"],
        ["Bea", "", "5.00", "9992.66", "NOK", "in the books"],
        ["Bea Example", "rent", "-100.00", "9892.66", "NOK", "accepted by our spare bank, not yet in the books"],
    ]
    assert rows[2][0] == DAY.replace(year=2025).isoformat()
    assert rows[3][7] == uuid.UUID(int=5).hex
    told = " ".join(notes)
    assert "True at " in told
    assert "goes back to" in told
    assert "not yet in the books are marked" in told


def test_the_norwegian_file_has_semicolons_and_commas(past: World) -> None:
    text = at("/accounts/10/statement?as=csv&from=1.1.2020&to=1.1.2029", past, hf_language="nb")
    rows, notes = table(text, ";")
    assert rows[0][:4] == ["Dag", "Bevegelse", "Melding", "Beløp"]
    assert rows[2][2:6] == ["a;b", "-12,34", "9987,66", "NOK"]
    assert rows[2][0] == f"{DAY.day}.{DAY.month}.2025"
    assert rows[-1][6] == "godtatt av reservebanken vår, ikke i regnskapet ennå"
    assert "Gjelder" in " ".join(notes)


def test_the_page_has_the_same_lines_and_the_balance_around_them(past: World) -> None:
    page = at("/accounts/10/statement?as=page&from=2020-01-01&to=2025-12-31", past)
    found = re.findall(r'data-amount-minor="([-\d]+)" data-balance-minor="(\d+)"', page)
    assert found == [("-1234", "998766")]
    assert "Balance before: <strong>10,000.00" in page
    assert "Balance after: <strong>9,987.66" in page
    empty = at("/accounts/10/statement?as=page&from=2020-01-01&to=2020-12-31", past)
    assert "No transaction in these days." in empty


def test_a_payment_is_no_longer_marked_once_its_block_came_back(past: World) -> None:
    entry = past.journal()[0]
    past.bank.add(transfer(10, 20, 10_000, id=entry.payment().id, source="journal", journal_number=entry.number))
    past.fed()
    rows, _ = table(at("/accounts/10/statement?as=csv&from=2020-01-01&to=2029-01-01", past), ",")
    assert [row[4] for row in rows[1:]] == ["10000.00", "9987.66", "9992.66", "9892.66"]
    assert {row[6] for row in rows[1:]} == {"in the books"}


def test_a_payment_of_ours_that_went_to_suspense_leaves_the_other_side(past: World) -> None:
    form = past.form(cohort=9, amount="7.00", to="1234.56.00010", name="") | {"from": "20"}
    assert past.pay(form, past.row(9), past.session(18, 9)).outcome == "done"
    rows, _ = table(at("/accounts/10/statement?as=csv&from=2020-01-01&to=2029-01-01", past), ",")
    assert rows[-1][3:5] == ["7.00", "9899.66"]
    entry = past.journal()[-1]
    past.bank.add(transfer(20, 2, 700, id=entry.payment().id, source="journal", journal_number=entry.number))
    past.fed()
    rows, _ = table(at("/accounts/10/statement?as=csv&from=2020-01-01&to=2029-01-01", past), ",")
    assert rows[-1][3:5] == ["-100.00", "9892.66"]


def test_the_form_comes_first_and_comes_back_with_wrong_days(town: World) -> None:
    page = at("/accounts/10/statement", town)
    assert re.findall(r'type="date" value="([^"]*)"', page) == ["2026-11-01", "2026-11-22"]
    for days in ("from=2026-11-22&to=2026-11-01", "from=x&to=2026-11-01", "from=&to="):
        for form in ("csv", "page"):
            answer = town.visit("GET", f"/accounts/10/statement?as={form}&{days}", cookies=town.session())
            assert answer.status == 422
            assert "Write two days" in answer.text


def test_other_customers_accounts_are_not_found(town: World) -> None:
    for path in ("/accounts/20/statement", "/accounts/20/statement?as=csv", "/accounts/1/statement?as=page"):
        answer = town.visit("GET", path, cookies=town.session())
        assert answer.status == 404
        assert "Bea" not in answer.text
    assert town.visit("GET", "/accounts/10/statement?as=csv").status == 303


def test_the_file_is_downloaded_under_a_plain_name(town: World) -> None:
    answer = town.visit("GET", "/accounts/10/statement?as=csv&from=2026-11-01&to=2026-11-22", cookies=town.session())
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="statement-12345600010-2026-11-01-2026-11-22.csv"'
    )
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
