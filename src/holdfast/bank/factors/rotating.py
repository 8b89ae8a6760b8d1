"""Change the key that seals authenticators' secrets, while the bank works; what is sealed is read by old and new."""

from django.db import transaction

from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import Authenticator
from holdfast.bank.factors.sealing import keys, seal, unseal
from holdfast.bank.factors.stream import KIND

BATCH = 500


def rotate() -> tuple[int, int]:
    """Add a key, seal everything anew by it, in short transactions, and forget the keys before the last; how many
    secrets and facts. Raises SealBroken when one cannot be opened: then no key is forgotten. May be run again."""
    keys.add()
    secrets, facts = _authenticators(), _facts()
    keys.drop_old()
    return secrets, facts


def _authenticators() -> int:
    customers = list(Authenticator.objects.values_list("customer_id", flat=True))
    for customer in customers:
        with transaction.atomic():
            one = Authenticator.objects.select_for_update().filter(customer=customer).first()
            if one is not None:
                one.sealed = seal(unseal(one.sealed, customer), customer)
                one.save(update_fields=["sealed"])
    return len(customers)


def _facts() -> int:
    """What the facts hold too: a spare bank that is made anew reads them from the first on."""
    done, last = 0, 0
    while found := list(Fact.objects.filter(kind=KIND, id__gt=last, body__isnull=False).order_by("id")[:BATCH]):
        with transaction.atomic():
            for fact in found:
                body, customer = dict(fact.body or {}), int(fact.key)
                if body.get("authenticator"):
                    fact.body = {**body, "authenticator": seal(unseal(body["authenticator"], customer), customer)}
                    fact.save(update_fields=["body"])
                    done += 1
        last = found[-1].id
    return done
