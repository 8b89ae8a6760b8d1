"""Opening accounts, alone and together; naming them; what the spare bank is told of it."""

import uuid

import pytest
from django.utils import timezone

from holdfast.bank.accounts import asking
from holdfast.bank.accounts.models import ACCOUNTS_FROM, AccountRequest
from holdfast.bank.books import reader
from holdfast.bank.customers.models import Account, Owner
from holdfast.bank.exchange.models import Fact
from holdfast.contracts.numbers import iban_of, number_fits


def form(**more):
    return {
        "id": str(uuid.uuid4()),
        "product": "savings",
        "currency": "NOK",
        "title": "Holiday",
        "owners": "alone",
        **more,
    }


def open_one(person, **more):
    sent = form(**more)
    answer = person.post("/accounts/new", sent)
    made = AccountRequest.objects.filter(id=sent["id"]).first() if len(sent["id"]) == 36 else None
    return answer, made


def facts(kind, key):
    return [one.body for one in Fact.objects.filter(kind=kind, key=str(key)).order_by("id")]


def state_before(person):
    return Account.objects.count(), AccountRequest.objects.count(), len(facts("customer", person.id))


def test_an_account_alone_is_open_at_once_at_both_banks(town):
    answer, made = open_one(town.ann)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/accounts/new/{made.id}")
    assert (made.state, made.account) == ("opened", ACCOUNTS_FROM + made.number)
    state = reader().accounts([made.account])[made.account]
    assert (state.code, state.currency, state.floor_minor, state.cohort) == (made.account_number, "NOK", 0, town.cohort)
    assert number_fits(made.account_number)
    assert facts("account", made.account) == [
        {
            "number": made.account_number,
            "title": "Holiday",
            "product": "savings",
            "cohort": town.cohort,
            "owners": [town.ann.id],
        }
    ]
    assert facts("customer", town.ann.id)[-1]["accounts"] == [town.ann.account, made.account]
    assert f'data-opened="{made.account}"' in town.ann.get(answer.headers["Location"]).content.decode()
    assert "Holiday" in town.ann.get("/").content.decode()


def test_the_same_form_again_opens_nothing_more(town):
    sent = form()
    answers = [town.ann.post("/accounts/new", sent).headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert Owner.objects.filter(customer=town.ann.id).count() == 2


def test_money_can_be_paid_to_it_by_its_iban(town):
    _, made = open_one(town.ann, title="")
    asked = town.ann.form(town.ben, "25", name="") | {"to": iban_of(made.account_number)}
    assert town.ann.post("/pay", asked).status_code == 303
    assert reader().accounts([made.account])[made.account].balance_minor == 2500
    assert "Savings account" in town.ann.get(f"/accounts/{made.account}").content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [({"product": "gold"}, "Choose the kind"), ({"currency": "XYZ"}, "Choose the currency"), ({"owners": "cat"}, "Choose whose"),
     ({"id": "none"}, "did not arrive whole"), ({"owners": "joint"}, "Write the name of the other"),
     ({"owners": "joint", "partner_name": "Bo", "partner_number": "97120000019"}, "digits of this account number is wrong"),
     ({"owners": "joint", "partner_name": "Bo", "partner_number": "T1"}, "no customer of this name")],
)  # fmt: skip
def test_a_form_with_a_mistake_opens_nothing_and_keeps_what_was_typed(town, more, words):
    before = state_before(town.ann)
    answer, made = open_one(town.ann, **more)
    page = answer.content.decode()
    assert (answer.status_code, words in page, 'value="Holiday"' in page, made) == (422, True, True, None)
    assert state_before(town.ann) == before


def joint(town, partner, **more):
    return open_one(town.ann, owners="joint", partner_name=partner.name, partner_number=partner.number, **more)


def test_a_joint_account_is_opened_when_the_other_agrees(town):
    ben = town.ben.log_in()
    answer, made = joint(town, ben)
    assert made.state == "waiting" and not Account.objects.filter(id=made.account).exists()
    assert "data-asked" in town.ann.get(answer.headers["Location"]).content.decode()
    assert f'data-offered="{made.id}"' in ben.get("/accounts/new").content.decode()
    agreed = [ben.post(f"/accounts/new/{made.id}/agree", {}) for _ in range(2)]
    assert [one.status_code for one in agreed] == [303, 303]
    assert facts("account", made.account)[-1]["owners"] == [town.ann.id, ben.id]
    for person in (town.ann, ben):
        assert made.account in facts("customer", person.id)[-1]["accounts"]
        assert person.get(f"/accounts/{made.account}").status_code == 200
    assert len(facts("account", made.account)) == 1


@pytest.mark.parametrize(("who", "what", "state"), [("ben", "decline", "declined"), ("ann", "withdraw", "withdrawn")])
def test_a_joint_account_that_is_declined_or_withdrawn_is_never_opened(town, who, what, state):
    town.ben.log_in()
    _, made = joint(town, town.ben)
    assert getattr(town, who).post(f"/accounts/new/{made.id}/{what}", {}).status_code == 303
    town.ben.post(f"/accounts/new/{made.id}/agree", {})
    made.refresh_from_db()
    assert (made.state, Account.objects.filter(id=made.account).exists()) == (state, False)
    assert reader().accounts([made.account]) == {}


def test_only_the_two_whom_it_concerns_may_answer_or_see_it(town):
    _, made = joint(town, town.ben)
    stranger = town.person(0).log_in()
    for what in ("agree", "decline", "withdraw"):
        assert stranger.post(f"/accounts/new/{made.id}/{what}", {}).status_code == 404
    assert town.ann.post(f"/accounts/new/{made.id}/agree", {}).status_code == 404
    assert stranger.get(f"/accounts/new/{made.id}").status_code == 404
    assert AccountRequest.objects.get(number=made.number).state == "waiting"


def test_two_customers_of_different_cohorts_are_refused_in_words(town):
    other = town.person(0, cohort=(town.cohort + 1) % 256, name="Cleo Faraway")
    before = state_before(town.ann)
    answer, made = joint(town, other)
    assert (answer.status_code, made) == (422, None)
    assert "in different groups" in answer.content.decode()
    assert state_before(town.ann) == before


def test_accounts_of_one_customer_are_limited(town, monkeypatch):
    monkeypatch.setattr(asking, "ACCOUNTS_MAX", 1)
    answer, made = open_one(town.ann)
    assert (answer.status_code, "as many accounts" in answer.content.decode(), made) == (422, True, None)


def test_closed_accounts_do_not_count(town, monkeypatch):
    monkeypatch.setattr(asking, "ACCOUNTS_MAX", 1)
    Account.objects.filter(id=town.ann.account).update(closed=timezone.now())
    answer, made = open_one(town.ann)
    assert (answer.status_code, made.state) == (303, "opened")


def test_what_fell_between_books_and_pages_is_opened_by_the_worker(town, monkeypatch):
    monkeypatch.setattr(asking, "open_in_books", lambda _: (_ for _ in ()).throw(ConnectionError("killed here")))
    sent = form()
    town.ann.client.raise_request_exception = False
    assert town.ann.post("/accounts/new", sent).status_code == 500
    made = AccountRequest.objects.get(id=sent["id"])
    assert (made.state, Account.objects.filter(id=made.account).exists()) == ("agreed", False)
    monkeypatch.undo()
    assert asking.open_what_was_left() >= 1
    made.refresh_from_db()
    assert made.state == "opened" and reader().accounts([made.account])
    assert len(facts("account", made.account)) == 1


def test_a_name_is_told_to_the_spare_bank_once(town):
    path = f"/accounts/{town.ann.account}"
    assert [town.ann.post(f"{path}/name", {"title": " Food\tand  rent "}).status_code for _ in range(2)] == [303, 303]
    assert [one["title"] for one in facts("account", town.ann.account)] == ["Everyday", "Food and rent"]
    assert "Food and rent" in town.ann.get(path).content.decode()
    for wrong in ("", "x" * 41):
        answer = town.ann.post(f"{path}/name", {"title": wrong})
        assert (answer.status_code, "at most 40 characters" in answer.content.decode()) == (422, True)
    assert town.ben.log_in().post(f"{path}/name", {"title": "Mine"}).status_code == 404
    assert Account.objects.get(id=town.ann.account).title == "Food and rent"


def test_what_an_account_is_says_its_iban_owners_and_what_may_leave_it(town):
    overdrawn = town.person(1000, floor_minor=-50_000).log_in()
    _, made = open_one(town.ann)
    page = town.ann.get(f"/accounts/{made.account}/about").content.decode()
    assert iban_of(made.account_number) in page and town.ann.name in page and "Savings account" in page
    page = overdrawn.get(f"/accounts/{overdrawn.account}/about").content.decode()
    assert "It may be overdrawn by 500.00" in page and "510.00" in page
    assert town.ann.get(f"/accounts/{overdrawn.account}/about").status_code == 404
