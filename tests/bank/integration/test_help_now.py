"""Emergency money at the main bank: once by its id, within its limits, owed without interest, paid back once; and the
file of help that the bank keeps."""

import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from holdfast.bank import books as bank_books
from holdfast.bank.accounting import closing, commands
from holdfast.bank.customers import needs
from holdfast.bank.exchange import replay
from holdfast.bank.exchange.facts import bank_facts, set_bank_fact
from holdfast.bank.exchange.models import Fact, HeldEpoch, Outage
from holdfast.bank.freezing.everything import freeze_everything, unfreeze
from holdfast.bank.hardship import giving, keeping, paying_back
from holdfast.bank.hardship.models import Advance, AdvanceDay
from holdfast.bank.leaving.obstacles import of_account
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_FROZEN_IN, FLAG_FROZEN_OUT, AccountChange
from holdfast.contracts.help_now import FACT, KIND, OWED_FACT, Opened, help_from_body, month_of
from holdfast.contracts.journal import Payment
from holdfast.contracts.needs import HARD_TIMES
from holdfast.ledger.api import LedgerError

HERE = "/help-now"
KR = 100
FILE = """
[money]
opened = "{opened}"
amount = "1000"
times_a_month = {times}
after_an_outage_days = 3
paid_back_after_days = 30
left_after_paying_back = "500"
main_bank_a_day = "{day}"
spare_bank_a_day = "100000"
[[area]]
code = "oslo"
name = "Oslo"
postcodes = ["01"]
[[place]]
name = "Made-up kitchen"
kind = "food"
areas = ["oslo"]
phone = "+1 202 555 0101"
about = {{ en = "Food for <today>", nb = "Mat for i dag" }}
[[place]]
name = "Made-up advice"
kind = "debt"
areas = ["everywhere"]
address = "1 Made-up Street"
"""


def keep(opened: str = "always", times: int = 2, day: str = "100000000") -> None:
    """The bank keeps this file, and its worker has looked at it."""
    path = bank_books.installation().folder("bank") / keeping.NAME
    path.write_text(FILE.format(opened=opened, times=times, day=day))
    keeping.keep_help()
    assert bank_facts.body(FACT)["trouble"] == ""


@pytest.fixture(autouse=True)
def kept(bank: Any) -> Iterator[None]:
    keep()
    yield
    (bank_books.installation().folder("bank") / keeping.NAME).unlink()


def form_of(page: Any) -> dict[str, str]:
    """The hidden fields of the button."""
    text = page.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', text).group(1) for name in ("id", "month", "number")}  # type: ignore[union-attr]


def said(page: Any) -> str:
    """What the page says of the offer: `offered`, or why not."""
    return re.search(r'data-help-now="([^"]*)"', page.content.decode()).group(1)  # type: ignore[union-attr]


def press(person: Any) -> Any:
    return person.post(HERE, form_of(person.get(HERE)))


def findings() -> list[Any]:
    return bank_books.reader().prove()


def owed_minor(person: Any) -> int:
    return sum(one.amount_minor for one in Advance.objects.filter(customer=person.id, state="given", paid_back=None))


def told(person: Any) -> Any:
    """What the spare bank was told last of what this customer owes."""
    return Fact.objects.filter(kind=OWED_FACT, key=str(person.id)).order_by("-id").first()


def entry(person: Any, number: int = 1, **more: Any) -> Payment:
    """An advance as the spare bank takes it."""
    day = bank_today()
    said = {"credit": person.account, "amount_minor": 1000 * KR} | more
    return Payment(
        ids.advance_id(person.id, month_of(day), number),
        keeping.HARDSHIP,
        said["credit"],
        said["amount_minor"],
        "NOK",
        KIND,
        day,
        person.cohort,
        f"advance:{month_of(day)}:{number}",
        "",
        "",
        "",
        person.id,
    )


@pytest.mark.demand("C2")
def test_one_button_gives_money_at_once_and_says_honestly_what_is_owed(town):
    page = town.ben.log_in().get(HERE)
    assert said(page) == "offered" and "1,000.00\u00a0NOK now" in page.content.decode()
    answer = town.ben.post(HERE, form_of(page))
    ident = ids.advance_id(town.ben.id, month_of(bank_today()), 1)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HERE}?given=1")
    assert answer.headers["Holdfast-Outcome"] == f"done {ident.hex}"
    assert town.ben.balance == 1000 * KR
    booked = bank_books.reader().booked([ident])[ident]
    assert (booked.debit, booked.credit) == (keeping.HARDSHIP, town.ben.account)
    shown = town.ben.get(answer.headers["Location"]).content.decode()
    assert f'data-given="{ident.hex}"' in shown and f'data-owed="{ident.hex}"' in shown
    assert "without interest or fee" in shown
    overview = town.ben.get("/").content.decode()
    assert 'data-owed-minor="100000"' in overview and "Emergency money" in overview
    body = told(town.ben).body
    assert [(one["number"], one["amount_minor"]) for one in body["open"]] == [(1, 1000 * KR)]
    assert findings() == []


def test_it_stands_in_the_trial_balance_on_a_line_of_its_own(town, capsys):
    press(town.ben.log_in())
    assert commands.chart() == 0
    assert "own:hardship" in capsys.readouterr().out
    assert commands.show_trial_balance(closing.bank_days().of(datetime.now(UTC))) == 0
    out = capsys.readouterr().out
    assert re.search(r"1400 +asset +Emergency money to customers", out) and "Debits and credits are equal" in out


def test_the_same_press_again_is_the_same_money(town):
    form = form_of(town.ben.log_in().get(HERE))
    answers = [town.ben.post(HERE, form) for _ in range(3)]
    assert [one.status_code for one in answers] == [303, 303, 303]
    assert (town.ben.balance, Advance.objects.filter(customer=town.ben.id).count()) == (1000 * KR, 1)


def test_a_month_has_so_many_and_no_more(town):
    town.ben.log_in()
    assert [press(town.ben).status_code for _ in range(2)] == [303, 303]
    page = town.ben.get(HERE)
    assert said(page) == "month" and 'action="/help-now"><input type="hidden"' not in page.content.decode()
    month = month_of(bank_today())
    for number in (1, 2):
        again = {"id": ids.advance_id(town.ben.id, month, number).hex, "month": month, "number": str(number)}
        assert town.ben.post(HERE, again).status_code == 303
    third = {"id": ids.advance_id(town.ben.id, month, 3).hex, "month": month, "number": "3"}
    assert town.ben.post(HERE, third).status_code == 422
    assert (town.ben.balance, owed_minor(town.ben)) == (2000 * KR, 2000 * KR)


@pytest.mark.parametrize(
    "change", [{"id": uuid.uuid4().hex}, {"number": "2"}, {"number": "x"}, {"month": "2020-01"}, {"id": ""}]
)
def test_a_form_of_another_id_month_or_number_gives_nothing(town, change):
    form = form_of(town.ben.log_in().get(HERE)) | change
    answer = town.ben.post(HERE, form)
    assert (answer.status_code, said(answer)) == (422, "later")
    assert (town.ben.balance, Advance.objects.filter(customer=town.ben.id).count()) == (0, 0)


def test_another_customers_form_gives_nothing(town):
    form = form_of(town.ann.get(HERE))
    assert town.ben.log_in().post(HERE, form).status_code == 422
    assert town.ben.balance == 0


def test_pressed_many_times_at_once_it_is_given_once_for_each_number(town):
    town.ben.log_in()
    form = form_of(town.ben.get(HERE))
    month = month_of(bank_today())
    second = {"id": ids.advance_id(town.ben.id, month, 2).hex, "month": month, "number": "2"}
    answers: list[int] = []

    def send(which: dict[str, str]) -> None:
        try:
            answers.append(town.ben.post(HERE, which).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(one,)) for one in [form, second] * 6]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [303] * 12
    assert (town.ben.balance, owed_minor(town.ben)) == (2000 * KR, 2000 * KR)


def test_a_day_has_a_limit_for_the_whole_bank_also_at_once(town):
    given = AdvanceDay.objects.filter(day=bank_today()).values_list("reserved_minor", flat=True).first() or 0
    keep(day=f"{given // KR + 3500}")
    people = [town.person(0).log_in() for _ in range(8)]
    forms = [form_of(one.get(HERE)) for one in people]
    answers: list[Any] = []

    def send(person: Any, form: dict[str, str]) -> None:
        try:
            answers.append(person.post(HERE, form))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(people, forms, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.status_code for one in answers) == [303] * 3 + [422] * 5
    assert {said(one) for one in answers if one.status_code == 422} == {"day"}
    assert sum(one.balance for one in people) == 3000 * KR
    assert said(town.person(0).log_in().get(HERE)) == "day"


def test_in_good_times_it_is_closed_unless_money_is_short_or_an_outage_was_lately(town):
    keep("in an outage")
    Outage.objects.all().delete()
    town.ben.log_in()
    page = town.ben.get(HERE)
    assert said(page) == "closed" and 'href="/needs"' in page.content.decode()
    month = month_of(bank_today())
    form = {"id": ids.advance_id(town.ben.id, month, 1).hex, "month": month, "number": "1"}
    assert (town.ben.post(HERE, form).status_code, town.ben.balance) == (422, 0)
    now = timezone.now()
    Outage.objects.create(
        incident="t", since=now - timedelta(days=5), until=now - timedelta(days=4), first_day=now, last_day=now
    )
    assert said(town.ben.get(HERE)) == "closed"
    Outage.objects.update(until=now - timedelta(days=2))
    assert said(town.ben.get(HERE)) == "offered"
    Outage.objects.all().delete()
    served = HeldEpoch.objects.create(cohort=town.cohort, epoch=999_999, mode="standin")
    assert said(town.ben.get(HERE)) == "offered"
    served.delete()
    assert said(town.ben.get(HERE)) == "closed"
    needs.keep_needs(town.ben.id, [HARD_TIMES])
    assert said(town.ben.get(HERE)) == "offered"
    assert (press(town.ben).status_code, town.ben.balance) == (303, 1000 * KR)


def test_a_bank_that_gives_none_says_so(town):
    keep("never")
    page = town.ann.get(HERE)
    assert said(page) == "closed" and "This bank gives no emergency money" in page.content.decode()
    assert "Made-up advice" in page.content.decode()


def test_what_is_frozen_gets_none_in_words(town):
    town.ben.log_in()
    form = form_of(town.ben.get(HERE))
    freeze_everything(town.ben.id, "")
    town.ben.log_in()
    answer = town.ben.post(HERE, form)
    assert (answer.status_code, said(answer), town.ben.balance) == (422, "frozen", 0)
    assert "Your account is frozen" in answer.content.decode()
    unfreeze(town.ben.id)
    for flag in (FLAG_FROZEN_IN, FLAG_FROZEN_OUT):
        one = town.person(0)
        change = AccountChange(one.account, one.number, "NOK", "credit", 0, flag, one.cohort)
        bank_books.books().change_accounts([change])
        assert said(one.log_in().get(HERE)) == "frozen"
        assert Advance.objects.filter(customer=one.id).count() == 0


def test_who_owes_from_an_earlier_month_pays_that_back_first(town):
    town.ben.log_in()
    press(town.ben)
    Advance.objects.filter(customer=town.ben.id).update(month="2026-01")
    assert said(town.ben.get(HERE)) == "owes"


@pytest.mark.demand("C2")
def test_it_is_paid_back_whole_and_once_by_the_customers_own_button(town):
    town.ben.log_in()
    press(town.ben)
    one = Advance.objects.get(customer=town.ben.id)
    answers = [town.ben.post(f"{HERE}/back", {"advance": one.id.hex}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (town.ben.balance, owed_minor(town.ben)) == (0, 0)
    assert "data-paid-back" in town.ben.get(answers[0].headers["Location"]).content.decode()
    assert "data-owed-minor" not in town.ben.get("/").content.decode()
    assert told(town.ben).body is None
    assert findings() == []


def test_without_enough_money_nothing_is_taken_and_later_it_is(town):
    town.ben.log_in()
    press(town.ben)
    town.ben.post("/pay", town.ben.form(town.ann, "600.00"))
    one = Advance.objects.get(customer=town.ben.id)
    answer = town.ben.post(f"{HERE}/back", {"advance": one.id.hex})
    assert (answer.status_code, town.ben.balance, owed_minor(town.ben)) == (422, 400 * KR, 1000 * KR)
    assert "There is not enough on the account" in answer.content.decode()
    town.ann.post("/pay", town.ann.form(town.ben, "600.00"))
    assert town.ben.post(f"{HERE}/back", {"advance": one.id.hex}).status_code == 303
    assert (town.ben.balance, owed_minor(town.ben)) == (0, 0)


def test_a_try_that_the_books_refused_is_followed_by_one_of_another_id(town):
    town.ben.log_in()
    press(town.ben)
    town.ben.post("/pay", town.ben.form(town.ann, "600.00"))
    one = Advance.objects.get(customer=town.ben.id)
    Advance.objects.filter(id=one.id).update(back_asked=timezone.now())  # as if a process fell behind its first look
    assert paying_back.pay_back(town.ben.id, one.id, town.ben.epoch) is paying_back.Back.NO_MONEY
    one.refresh_from_db()
    assert (one.back_attempts, one.back_asked, one.paid_back) == (1, None, None)
    town.ann.post("/pay", town.ann.form(town.ben, "600.00"))
    assert paying_back.pay_back(town.ben.id, one.id, town.ben.epoch) is paying_back.Back.DONE
    assert town.ben.balance == 0


def test_nobody_pays_back_for_somebody_else(town):
    town.ben.log_in()
    press(town.ben)
    one = Advance.objects.get(customer=town.ben.id)
    for wanted in (one.id.hex, "x", uuid.uuid4().hex):
        assert town.ann.post(f"{HERE}/back", {"advance": wanted}).status_code == 422
    assert (town.ann.balance, owed_minor(town.ben)) == (100_000, 1000 * KR)


def test_from_the_due_day_on_it_is_taken_once_the_agreed_amount_stays(town):
    town.ben.log_in()
    press(town.ben)
    town.ann.post("/pay", town.ann.form(town.ben, "499.99"))
    paying_back._Place.after = uuid.UUID(int=0)
    before = owed_minor(town.ben)
    paying_back.take_back_due()
    assert owed_minor(town.ben) == before  # it is not due
    Advance.objects.filter(customer=town.ben.id).update(due=bank_today())
    paying_back.take_back_due()
    assert owed_minor(town.ben) == before  # too little would stay
    town.ann.post("/pay", town.ann.form(town.ben, "0.01"))
    freeze_everything(town.ben.id, "")
    paying_back.take_back_due()
    assert owed_minor(town.ben) == before  # nothing leaves a frozen account
    unfreeze(town.ben.id)
    paying_back.take_back_due()
    assert (town.ben.balance, owed_minor(town.ben)) == (500 * KR, 0)
    paying_back.take_back_due()
    assert town.ben.balance == 500 * KR


def test_two_that_are_due_on_one_account_leave_the_agreed_amount(town):
    town.ben.log_in()
    for _ in range(2):
        press(town.ben)
    town.ann.post("/pay", town.ann.form(town.ben, "500.00"))
    Advance.objects.filter(customer=town.ben.id).update(due=bank_today())
    paying_back._Place.after = uuid.UUID(int=0)
    paying_back.take_back_due()
    assert (town.ben.balance, owed_minor(town.ben)) == (500 * KR, 0)


@pytest.mark.demand("S5")
def test_what_the_spare_bank_gave_is_entered_once_and_owed(town, journal):
    given = entry(town.ben)
    journal.payment("accept", given, value_minor=given.amount_minor)
    replay.replay(None)
    replay.replay(None)
    assert (town.ben.balance, owed_minor(town.ben)) == (1000 * KR, 1000 * KR)
    one = Advance.objects.get(id=given.id)
    assert (one.source, one.number, one.due) == ("journal", 1, bank_today() + timedelta(days=30))
    assert len(told(town.ben).body["open"]) == 1
    town.ben.log_in()
    assert form_of(town.ben.get(HERE))["number"] == "2"
    assert findings() == []


@pytest.mark.demand("S5")
def test_pressed_at_both_banks_it_is_given_once(town, journal):
    town.ben.log_in()
    press(town.ben)
    journal.payment("accept", entry(town.ben))
    journal.payment("accept", entry(town.ben, 2))
    replay.replay(None)
    assert (town.ben.balance, owed_minor(town.ben)) == (2000 * KR, 2000 * KR)
    assert said(town.ben.get(HERE)) == "month"


def test_what_was_refused_here_unheard_is_given_when_the_spare_bank_gave_it(town, journal):
    town.ben.log_in()
    form = form_of(town.ben.get(HERE))
    offer = giving.Offer(keeping.help_known().terms, form["month"], 1)
    begun = giving._begin(_customer(town.ben), offer, incident=False)
    assert isinstance(begun, Advance)
    Advance.objects.filter(id=begun.id).update(asked=timezone.now() - timedelta(minutes=2))
    paying_back.settle_open()
    begun.refresh_from_db()
    assert (begun.state, town.ben.balance) == ("refused", 0)
    journal.payment("accept", entry(town.ben))
    replay.replay(None)
    begun.refresh_from_db()
    assert (begun.state, town.ben.balance, owed_minor(town.ben)) == ("given", 1000 * KR, 1000 * KR)


def _customer(person: Any) -> Any:
    from holdfast.bank.customers.models import Customer

    return Customer.objects.get(id=person.id)


def test_an_outcome_that_nobody_heard_is_settled_by_the_books(town, monkeypatch):
    town.ben.log_in()
    form = form_of(town.ben.get(HERE))
    real = giving.books

    class Deaf:
        """Posts, and loses the answer."""

        def post(self, *args: Any, **named: Any) -> Any:
            real().post(*args, **named)
            raise LedgerError("nobody hears this")

    monkeypatch.setattr(giving, "books", Deaf)
    assert town.ben.post(HERE, form).status_code == 503
    monkeypatch.setattr(giving, "books", real)
    assert "Being checked" in town.ben.get(HERE).content.decode()
    assert paying_back.settle_open() == 0  # whoever asked may still be at it
    Advance.objects.filter(customer=town.ben.id).update(asked=timezone.now() - timedelta(minutes=2))
    assert paying_back.settle_open() >= 1
    assert (town.ben.balance, owed_minor(town.ben)) == (1000 * KR, 1000 * KR)


def test_an_account_is_not_closed_while_it_owes(town):
    town.ben.log_in()
    press(town.ben)
    from holdfast.bank.customers.models import Account

    ways = {one.name for one in of_account(Account.objects.get(id=town.ben.account))}
    assert ways == {"money", "advance"}


@pytest.mark.demand("C2")
def test_help_is_near_by_place_and_postcode_in_both_languages(town):
    nowhere = town.ann.get(HERE).content.decode()
    assert "Made-up advice" in nowhere and "Made-up kitchen" not in nowhere
    for query in ("?area=oslo", "?postcode=0150"):
        page = town.ann.get(HERE + query).content.decode()
        assert 'data-area="oslo"' in page and page.index("Made-up kitchen") < page.index("Made-up advice")
        assert "Food for &lt;today&gt;" in page and 'href="tel:+12025550101"' in page
    assert "data-unknown" in town.ann.get(f"{HERE}?postcode=9999").content.decode()
    town.ann.client.cookies["hf_language"] = "nb"
    assert "Mat for i dag" in town.ann.get(f"{HERE}?area=oslo").content.decode()


@pytest.mark.demand("C2")
def test_a_broken_file_changes_nothing_and_is_told_in_words(town):
    before = keeping.help_known()
    path = bank_books.installation().folder("bank") / keeping.NAME
    path.write_text(path.read_text().replace("+1 202 555 0101", "112"))
    assert keeping.keep_help()
    now = keeping.help_known()
    assert (now.terms, now.places) == (before.terms, before.places)
    assert "Made-up kitchen" in now.trouble and "is no number in international form" in now.trouble
    assert not keeping.keep_help()  # it is told once
    assert (press(town.ben.log_in()).status_code, town.ben.balance) == (303, 1000 * KR)
    path.write_text(FILE.format(opened="always", times=2, day="100000000"))
    assert keeping.keep_help() and keeping.help_known().trouble == ""
    assert help_from_body(Fact.objects.filter(kind=FACT).order_by("-id")[0].body).trouble == ""


def test_without_a_file_of_its_own_the_bank_shows_the_sample_which_says_that_it_is_made_up(town):
    path = bank_books.installation().folder("bank") / keeping.NAME
    path.rename(path.with_suffix(".away"))
    try:
        keeping.keep_help()
        known = keeping.help_known()
        assert known.trouble == "" and known.terms.opened is Opened.IN_AN_OUTAGE
        assert len(known.places) == 6 and all("(made up)" in one.name for one in known.places)
    finally:
        path.with_suffix(".away").rename(path)


def test_a_fact_that_cannot_be_read_gives_nothing_and_breaks_no_page(town):
    set_bank_fact(FACT, {"terms": "odd"})
    page = town.ann.get(HERE)
    assert (page.status_code, said(page)) == (200, "closed")


def test_a_refused_payment_for_want_of_money_leads_there(town):
    answer = town.ann.post("/pay", town.ann.form(town.ben, "5000.00"))
    page = town.ann.get(answer.headers["Location"])
    assert "data-short" in page.content.decode()
    done = town.ann.post("/pay", town.ann.form(town.ben, "1.00"))
    assert "data-short" not in town.ann.get(done.headers["Location"]).content.decode()
