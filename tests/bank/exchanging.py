"""What tests of exchange share: accounts of a person in several currencies, rates, an offer read and confirmed."""

import itertools
import re
import uuid
from dataclasses import dataclass

from holdfast.bank.books import reader
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.positions import position_of
from holdfast.bank.customers import opening
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.customers.models import Account, Customer, Owner

_numbers = itertools.count(700_000)


@dataclass
class Side:
    """An account of a person in some currency."""

    account: int
    number: str
    currency: str

    @property
    def balance(self):
        return reader().accounts([self.account])[self.account].balance_minor


def open_in(person, currency, flags=0):
    """One more account of the person, in this currency."""
    number = next(_numbers)
    made = Side(number, f"T{number}", currency)
    new = opening.NewAccount(
        number, made.number, f"My {currency}", "current", currency, person.cohort, (person.id,), flags=flags
    )
    opening.open_in_books([new])
    account = Account.objects.create(
        id=number, number=made.number, title=new.title, product="current", currency=currency, cohort=person.cohort
    )
    Owner.objects.create(account=account, customer=Customer.objects.get(id=person.id))
    known_accounts.forget()
    return made


def home_of(person):
    return Side(person.account, person.number, "NOK")


def form(person, debit, credit, amount, ident=None, **more):
    ident = ident or uuid.uuid4()
    sent = {"id": str(ident), "birth": person.birth(ident), "from": debit.account, "to": credit.number}
    return sent | {"name": "", "amount": amount, "text": "", **more}


def offered(answer):
    """The fields of an offer's page, to be sent on."""
    page = answer.content.decode()
    assert 'action="/exchange"' in page, page
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def confirm(person, fields, **more):
    return person.post("/exchange", fields | more)


def outcome(answer):
    return answer.headers.get("Holdfast-Outcome", "").partition(" ")[0]


def positions(*currencies):
    """What the bank holds of each currency beyond what it owes; 0 where it has no position account yet."""
    known = reader().accounts([position_of(one) for one in currencies])
    return [known[at].balance_minor if (at := position_of(one)) in known else 0 for one in currencies]


def newest_rates():
    return RateList.objects.latest("id")
