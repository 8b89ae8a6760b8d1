"""Close an account in the books, and end being a customer at both banks. Nothing that was booked is touched.

An account is closed by the books' own flag, so whatever would move money there is refused from that block on (a file of
the clearing goes to the suspense account, as for an unknown one). Whether it was empty is looked at again once it is
closed, when nothing can change it any more: money that came in between opens it again. It is marked before the books
are asked, so that a job goes on where the bank fell between. A closed account stays with its lines for as long as the
law wants them.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.api.tokens import revoke_all
from holdfast.bank.books import books, reader
from holdfast.bank.cards.models import Card
from holdfast.bank.customers.known import accounts_by_number, known_accounts, known_customers
from holdfast.bank.customers.models import Account, Customer, Owner
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.seconds import forget_factors
from holdfast.bank.freezing import everything
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.leaving.models import StaffClosing
from holdfast.bank.leaving.obstacles import Obstacle, of_account, of_customer
from holdfast.bank.payments.models import SavedPayee
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange

NO_PASSWORD = ""
"""A verifier that no password fits, at the cost of one that does."""
LEFT = timedelta(seconds=30)
"""After so long nobody is at a closing any more that was begun."""


def close_account(account: Account, customer: int = 0) -> list[Obstacle]:
    """Close it; what stands in the way, with nothing changed, or nothing. Safe to repeat, and wherever it fell.
    customer: who closes it; 0 for two of staff, who close a shared one too, and every holder is told."""
    in_the_way = _in_the_way(account, customer)
    if in_the_way:
        _reopen(account.id)
        return in_the_way
    Account.objects.filter(id=account.id, closed=None).update(closing=timezone.now())
    _flag(account.id, closed=True)
    state = reader().accounts([account.id])[account.id]
    if state.balance_minor or state.held_minor:
        _reopen(account.id)
        return _in_the_way(account, customer)
    event = "event.account_closed" if customer else "event.account_closed_by_staff"
    owners = Owner.objects.filter(account=account.id).order_by("customer_id").values_list("customer_id", flat=True)
    told = [customer] if customer else list(owners)
    with transaction.atomic():
        for one in told:
            lock_customer(one)
        if Account.objects.filter(id=account.id, closed=None, closing__isnull=False).update(
            closed=timezone.now(), closing=None
        ):
            _end_cards(account.id)
            for one in told:
                history.note(one, event, name=account.title)
    known_accounts.forget()
    accounts_by_number.forget()
    if Account.objects.filter(id=account.id, closed=None).exists():  # somebody else opened it again meanwhile
        return close_account(account, customer)
    return []


def close_what_was_left() -> int:
    """A job: an account whose closing fell half-way is closed, or opened again when something stands in the way; how
    many there were."""
    since = timezone.now() - LEFT
    by_staff = StaffClosing.objects.filter(ended=None).values("account")  # those go on by a job of their own
    begun = Owner.objects.filter(account__closed=None, account__closing__lt=since).exclude(account__in=by_staff)
    left = list(begun.select_related("account").order_by("account__closing", "id")[:20])
    for one in left:
        close_account(one.account, one.customer_id)
    return len(left)


def _in_the_way(account: Account, customer: int) -> list[Obstacle]:
    return [one for one in of_account(account) if customer or one.name != "joint"]


def _reopen(account: int) -> None:
    """A closing that was begun is none: the flag goes, then the mark. Nothing where none was begun, or it ended."""
    with transaction.atomic():
        begun = Account.objects.select_for_update().filter(id=account, closed=None, closing__isnull=False).first()
        if begun is not None:
            _flag(account, closed=False)
            Account.objects.filter(id=account).update(closing=None)


def leave(customer: int, event: str = "event.left") -> list[Obstacle]:
    """End being a customer: every account, session, token, card and factor, at both banks; what stands in the way, with
    nothing ended, or nothing. event: as it is told. Safe to repeat."""
    in_the_way = _close_all(customer)
    while not in_the_way and not _end(customer, event):
        in_the_way = _close_all(customer)
    known_customers.forget()
    frozen_now.forget()
    return in_the_way


def _close_all(customer: int) -> list[Obstacle]:
    in_the_way = of_customer(customer)
    for account in Account.objects.filter(owner__customer=customer, closed=None) if not in_the_way else ():
        in_the_way += close_account(account, customer)
    return in_the_way


def _end(customer: int, event: str) -> bool:
    """End everything but accounts; False, with nothing ended, when one was opened or asked for meanwhile."""
    with transaction.atomic():
        lock_customer(customer)
        if Account.objects.filter(owner__customer=customer, closed=None).exists() or of_customer(customer):
            return False
        if not Customer.objects.filter(id=customer, left=None).update(left=timezone.now(), verifier=NO_PASSWORD):
            return True
        revoke_all(customer)
        payees = SavedPayee.objects.filter(customer=customer)
        tell("payee", [(f"{customer}:{account}", None) for account in payees.values_list("account", flat=True)])
        payees.delete()
        everything.forget(customer)
        end_others(customer, "", event)
        forget_factors(customer)
        tell_customer(customer)
    return True


def _flag(account: int, *, closed: bool) -> None:
    """Set or take the books' flag; under the books' own lock."""
    state = reader().accounts([account])[account]
    flags = state.flags | FLAG_CLOSED if closed else state.flags & ~FLAG_CLOSED
    if flags == state.flags:
        return
    known = AccountChange(
        state.account, state.code, state.currency, state.side, state.floor_minor, state.flags, state.cohort
    )
    books().change_accounts([replace(known, flags=flags)])


def _end_cards(account: int) -> None:
    """The account's cards pay nothing any more; in the caller's transaction."""
    cards = Card.objects.filter(account=account)
    tell("card", [(one, None) for one in cards.values_list("id", flat=True)])
    cards.delete()
