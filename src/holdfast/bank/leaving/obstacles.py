"""What stands in the way of closing an account, each with its words and where it is dealt with. Nothing is changed
here."""

from dataclasses import dataclass

from holdfast.bank.accounts.asking import OPEN_STATES
from holdfast.bank.accounts.models import AccountRequest
from holdfast.bank.books import reader, rows
from holdfast.bank.cases.models import Dispute
from holdfast.bank.charges.closing import accrued
from holdfast.bank.charges.engine.interest import round_minor
from holdfast.bank.charges.models import Booking, Loan
from holdfast.bank.customers.models import Account, Owner
from holdfast.bank.hardship.models import Advance
from holdfast.bank.orders.plans import open_plans
from holdfast.bank.payments.models import HeldPayment
from holdfast.bank.redress.models import Claim
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way. key: of its text; where: the address where it is dealt with, "" for none;
    amount_minor, currency: of what it speaks, 0 where it speaks of no amount."""

    key: str
    where: str = ""
    amount_minor: int = 0
    currency: str = ""
    account: int = 0
    title: str = ""

    @property
    def name(self) -> str:
        """As it stands in pages (`data-way`)."""
        return self.key.removeprefix("leave.way_")


def way_words(one: Obstacle, spoken: Writing) -> str:
    """One thing in the way, in words, with the account's name before it."""
    said = spoken.say(one.key, amount=spoken.amount(one.amount_minor, one.currency or "NOK"))
    return f"{one.title}: {said}" if one.title else said


def of_account(account: Account) -> list[Obstacle]:
    """What stands in the way of closing it; none when it can be closed now."""
    here, out = f"/accounts/{account.id}", []

    def add(key: str, where: str, amount_minor: int = 0) -> None:
        out.append(Obstacle(key, where, amount_minor, account.currency, account.id, account.title))

    state = reader().accounts([account.id])[account.id]
    if Owner.objects.filter(account=account.id).count() > 1:
        add("leave.way_joint", "/help")
    if state.held_minor:
        add("leave.way_held", here, state.held_minor)
    if state.balance_minor > 0:
        add("leave.way_money", "/pay", state.balance_minor)
    elif state.balance_minor < 0:
        add("leave.way_debt", "/pay", -state.balance_minor)
    if open_plans([account.id]):
        add("leave.way_orders", "/orders")
    if HeldPayment.objects.filter(debit=account.id, settled=None).exists():
        add("leave.way_undo", here)
    if Loan.objects.filter(account=account.id, repaid=None).exists():
        add("leave.way_loan", "/loans")
    if Advance.objects.filter(account=account.id, state__in=("asked", "given"), paid_back=None).exists():
        add("leave.way_advance", "/help-now")
    if _interest_to_come(account.id):
        add("leave.way_interest", f"{here}/prices")
    if Dispute.objects.filter(account=account.id, closed_at=None).exists():
        add("leave.way_dispute", "/disputes")
    if Claim.objects.filter(account=account.id, closed_at=None).exists():
        add("leave.way_claim", "/claims")
    if rows.row(account.cohort).forced:
        add("leave.way_later", "")
    return out


def of_customer(customer: int) -> list[Obstacle]:
    """What stands in the way of ending being a customer."""
    open_ones = Account.objects.filter(owner__customer=customer, closed=None).order_by("id")
    out = [one for account in open_ones for one in of_account(account)]
    asked = AccountRequest.objects.filter(asker=customer, state__in=OPEN_STATES)
    offered = AccountRequest.objects.filter(partner=customer, state__in=OPEN_STATES)
    if asked.exists() or offered.exists():
        out.append(Obstacle("leave.way_asked", "/accounts/new"))
    return out


def _interest_to_come(account: int) -> bool:
    """Whether the running period has brought half a minor unit of interest or more, or a charge is not booked yet."""
    to_come = any(round_minor(int(one.grains)) for one in accrued(account))
    return to_come or Booking.objects.filter(account=account, ended="").exists()
