"""Tokens: made, found, revoked. The spare bank is told of each (fact `api_token`); the text of a token is shown
once."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from holdfast.bank.api.models import ApiToken
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.contracts.api import Grant, NamedToken, new_token, read_token

TOKENS_MAX = 20
"""That many can hold at once for one customer."""
SHOWN_MAX = 40
NAME_MAX = 40
DAYS = (30, 90, 365)
"""For how many days a token can be made."""
USED_EVERY = timedelta(minutes=1)
KIND = "api_token"


def make_token(customer: Customer, name: str, scopes: frozenset[str], days: int, day_minor: int) -> str | None:
    """A new token, in its whole text, which is kept nowhere; None when the customer has TOKENS_MAX. day_minor: what it
    may pay on one day. The customer is told by mail."""
    text = new_token(customer.cohort, customer.id)
    with transaction.atomic():
        lock_customer(customer.id)
        if _holding(customer.id).count() >= TOKENS_MAX:
            return None
        open_token(customer, text, name=name, scopes=scopes, days=days, day_minor=day_minor)
        history.note(customer.id, "event.token_made", name=name)
    return text


def open_token(customer: Customer, text: str, *, name: str, scopes: frozenset[str], days: int, day_minor: int) -> None:
    """This token holds from now on, at both banks."""
    named, now = read_token(text), timezone.now()
    if named is None:
        raise ValueError("what should be a token has not the form of one")
    with transaction.atomic():
        made = ApiToken.objects.create(
            customer=customer,
            name=name,
            digest=named.digest,
            scopes=sorted(scopes),
            day_minor=day_minor,
            made=now,
            ends=now + timedelta(days=days),
        )
        tell(KIND, [(made.digest, grant_of(made).to_body())])


def grant_of(token: ApiToken) -> Grant:
    """What it may do, as it is told."""
    return Grant(
        token.id, token.customer_id, frozenset(token.scopes), int(token.ends.timestamp() * 1_000_000), token.day_minor
    )


def find_token(named: NamedToken) -> ApiToken | None:
    """The token that a program shows, as it stands now, with its customer; None when nobody made it. One query."""
    return ApiToken.objects.select_related("customer").filter(digest=named.digest, customer=named.customer).first()


def note_used(token: ApiToken) -> None:
    """Remember that it is used, to the minute, so that most requests write nothing."""
    now = timezone.now()
    if token.used is None or now - token.used >= USED_EVERY:
        ApiToken.objects.filter(id=token.id).update(used=now)


def tokens_of(customer: int) -> list[ApiToken]:
    """The customer's tokens, the newest first, revoked and ended ones too."""
    return list(ApiToken.objects.filter(customer=customer).order_by("-id")[:SHOWN_MAX])


def revoke_token(customer: int, token: int) -> bool:
    """Refuse it from now on; False when the customer has none such. Again: changes nothing."""
    with transaction.atomic():
        found = ApiToken.objects.select_for_update().filter(id=token, customer=customer).first()
        if found is None:
            return False
        if found.revoked is None:
            _revoke([found])
            history.note(customer, "event.token_revoked", name=found.name)
    return True


def revoke_all(customer: int) -> None:
    """Refuse all tokens of a customer from now on, in the caller's transaction, which tells the customer why."""
    _revoke(list(_holding(customer).select_for_update()))


def _holding(customer: int) -> models.QuerySet[ApiToken]:
    return ApiToken.objects.filter(customer=customer, revoked=None, ends__gt=timezone.now())


def _revoke(tokens: list[ApiToken]) -> None:
    ApiToken.objects.filter(id__in=[one.id for one in tokens]).update(revoked=timezone.now())
    tell(KIND, [(one.digest, None) for one in tokens])
