"""Freeze and unfreeze everything of a customer, at both banks: the fact `frozen` of each account, and the cards.

An account of several owners pays nothing while one of them has it frozen; each opens only what they froze.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from holdfast.bank.api.tokens import revoke_all
from holdfast.bank.cards.freezing import cards_of, set_frozen
from holdfast.bank.customers.models import Account
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.freezing.models import Frozen

KIND = "frozen"


def freeze_everything(customer: int, own_session: str) -> bool:
    """Stop cards, payments and standing orders, revoke the tokens of programs, and end all sessions but this one; False
    when that is so already."""
    with transaction.atomic():
        lock_customer(customer)
        if Frozen.objects.filter(customer=customer).exists():
            return False
        accounts = list(Account.objects.filter(owner__customer=customer).order_by("id").values_list("id", flat=True))
        cards = [card.id for card in cards_of(customer) if not card.frozen]
        Frozen.objects.create(customer_id=customer, since=timezone.now(), accounts=accounts, cards=cards)
        for card in cards:
            set_frozen(card, customer, True)
        _tell(accounts)
        revoke_all(customer)
        end_others(customer, own_session, "event.frozen")
    frozen_now.forget()
    return True


def unfreeze(customer: int) -> bool:
    """Open again what the customer froze, and the cards that were open before; False when nothing was frozen."""
    with transaction.atomic():
        lock_customer(customer)
        found = Frozen.objects.filter(customer=customer).first()
        if found is None:
            return False
        accounts, cards = list(found.accounts), list(found.cards)
        found.delete()
        for card in cards:
            set_frozen(card, customer, False)
        _tell(accounts)
        history.note(customer, "event.unfrozen")
    frozen_now.forget()
    return True


def frozen_since(customer: int) -> float:
    """Since when, in seconds since 1970 UTC; 0 when nothing is frozen."""
    found = Frozen.objects.filter(customer=customer).values_list("since", flat=True).first()
    return found.timestamp() if found else 0.0


def _tell(accounts: Iterable[int]) -> None:
    """Tell which of these accounts are frozen now; in the transaction that changed it. The accounts are locked first,
    so that of two owners at the same time the second sees what the first has done."""
    locked = Account.objects.select_for_update().filter(id__in=accounts).order_by("id")
    accounts = list(locked.values_list("id", flat=True))
    held = {int(one) for every in Frozen.objects.values_list("accounts", flat=True) for one in every}
    tell(KIND, [(str(account), {} if account in held else None) for account in accounts])
