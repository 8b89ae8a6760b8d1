"""Freeze and unfreeze everything of a customer, at both banks: the fact `frozen` of each account, and the cards.

An account of several owners pays nothing while one of them has it frozen; each opens only what they froze.

A freeze of the spare bank follows by replay (`follow_freeze`). The later change by its stamp stands, as for a card: a
replay that is repeated finds its own stamp and does nothing, also when everything was opened again meanwhile.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from holdfast.bank.api.tokens import revoke_all
from holdfast.bank.cards.freezing import cards_of, set_frozen
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.freezing.models import FreezeChange, Frozen
from holdfast.contracts import freezing
from holdfast.contracts.cards import next_change_us
from holdfast.contracts.freezing import Freeze
from holdfast.contracts.journal import Entry

KIND = "frozen"


def freeze_everything(customer: int, own_session: str) -> bool:
    """Stop cards, payments and standing orders, revoke the tokens of programs, and end all sessions but this one; False
    when that is so already."""
    with transaction.atomic():
        lock_customer(customer)
        if Frozen.objects.filter(customer=customer).exists():
            return False
        cards = tuple(card.id for card in cards_of(customer))
        now_us = time.time_ns() // 1000
        _freeze(Freeze(customer, next_change_us(_known_us(customer)), now_us, own_session, (), cards))
    frozen_now.forget()
    return True


def follow_freeze(entry: Entry) -> None:
    """Do here what a journal entry of kind `freeze` says, unless something later is known. Safe to repeat. Raises
    BadMessage."""
    said = freezing.freeze_from_body(entry.body)
    with transaction.atomic():
        lock_customer(said.customer)
        left = not Customer.objects.filter(id=said.customer, left=None).exists()
        if left or said.changed_us <= _known_us(said.customer):
            return
        _freeze(said)
    frozen_now.forget()


def _freeze(freeze: Freeze) -> None:
    """All of it, in the caller's transaction, which holds the customer's lock. Accounts are those that the customer has
    here and now; of the cards that were open some may be frozen or gone."""
    customer = freeze.customer
    accounts = list(Account.objects.filter(owner__customer=customer).order_by("id").values_list("id", flat=True))
    cards = [card.id for card in cards_of(customer) if card.id in freeze.cards and not card.frozen]
    since = datetime.fromtimestamp(freeze.at_us / 1e6, UTC)
    if not Frozen.objects.filter(customer=customer).update(since=since, accounts=accounts):
        Frozen.objects.create(customer_id=customer, since=since, accounts=accounts, cards=cards)
    for card in cards_of(customer):
        set_frozen(card.id, customer, True)
    FreezeChange.objects.update_or_create(
        customer_id=customer,
        defaults={"changed_us": freeze.changed_us, "frozen_us": freeze.at_us, "session": freeze.session},
    )
    _tell(accounts)
    revoke_all(customer)
    end_others(customer, freeze.session, "event.frozen", freeze.at_us)
    _tell_change(customer, freezing.FreezeChange(True, freeze.changed_us))


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
        changed_us = next_change_us(_known_us(customer))
        FreezeChange.objects.filter(customer=customer).update(changed_us=changed_us)
        _tell(accounts)
        _tell_change(customer, freezing.FreezeChange(False, changed_us))
        history.note(customer, "event.unfrozen")
    frozen_now.forget()
    return True


def frozen_since(customer: int) -> float:
    """Since when, in seconds since 1970 UTC; 0 when nothing is frozen."""
    found = Frozen.objects.filter(customer=customer).values_list("since", flat=True).first()
    return found.timestamp() if found else 0.0


def forget(customer: int) -> None:
    """Who left has nothing to freeze; in the caller's transaction."""
    Frozen.objects.filter(customer=customer).delete()
    if FreezeChange.objects.filter(customer=customer).delete()[0]:
        tell(freezing.KIND, [(str(customer), None)])


def _known_us(customer: int) -> int:
    """The stamp of the last change known here, 0 for none; the customer's lock is held."""
    return FreezeChange.objects.filter(customer=customer).values_list("changed_us", flat=True).first() or 0


def _tell_change(customer: int, change: freezing.FreezeChange) -> None:
    """Behind the accounts and tokens of the same change: who reads this has read them."""
    tell(freezing.KIND, [(str(customer), change.to_body())])


def _tell(accounts: Iterable[int]) -> None:
    """Tell which of these accounts are frozen now; in the transaction that changed it. The accounts are locked first,
    so that of two owners at the same time the second sees what the first has done."""
    locked = Account.objects.select_for_update().filter(id__in=accounts).order_by("id")
    accounts = list(locked.values_list("id", flat=True))
    held = {int(one) for every in Frozen.objects.values_list("accounts", flat=True) for one in every}
    tell(KIND, [(str(account), {} if account in held else None) for account in accounts])
