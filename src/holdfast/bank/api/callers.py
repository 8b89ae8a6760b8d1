"""Who asks: the token of a request, judged anew each time, so that a revoked one is refused at once."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from holdfast.bank.api.models import ApiToken
from holdfast.bank.api.problems import Problem
from holdfast.bank.api.tokens import find_token, note_used
from holdfast.bank.customers.models import Customer
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.web.visit import DoorRow, get_visit
from holdfast.contracts.api import Scope, read_token
from holdfast.guard.rates import NETWORK_MOST, TOKEN_MOST, Rate, Rates

by_token, by_network = Rates(TOKEN_MOST), Rates(NETWORK_MOST)
_RATE = "holdfast.rate"


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that may do what it asks for. row: under which the request is served."""

    token: ApiToken
    customer: Customer
    row: DoorRow


class OtherCohort(Exception):
    """The door's row is of another cohort than the token's customer; it sends the request again under the right one."""

    def __init__(self, cohort: int) -> None:
        super().__init__(f"the token's customer is of cohort {cohort}")
        self.cohort = cohort


class Bearer(HttpBearer):
    """The token of the header `Authorization: Bearer …`, which must have one of these scopes."""

    openapi_bearerFormat = "hfk_<group>_<customer>_<secret>"  # ninja's name

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller; raises Problem, or OtherCohort."""
        return admit(request, token, self.scopes)


def admit(request: HttpRequest, text: str, scopes: tuple[Scope, ...]) -> Caller:
    """Count the request and judge its token; raises Problem (401, 403, 429) or OtherCohort."""
    visit = get_visit(request)
    named = read_token(text)
    token = find_token(named) if named else None
    if token is None or token.revoked is not None or token.ends <= timezone.now():
        raise _not_let_in(token, visit.row.network)
    customer = token.customer
    if visit.row.cohort != customer.cohort:
        raise OtherCohort(customer.cohort)
    if not visit.accepted:
        visit.chosen = customer.language  # a program that asks for no language is answered in the customer's
    rate = by_token.take(token.id)
    request.META[_RATE] = rate
    if rate.over:
        raise too_many(rate)
    if not any(scope.value in token.scopes for scope in scopes):
        needed = " ".join(scope.value for scope in scopes)
        challenge = f'Bearer error="insufficient_scope", scope="{needed}"'
        raise Problem(403, "scope-missing", headers={"WWW-Authenticate": challenge}, scopes=needed.split())
    frozen_now.look()
    note_used(token)
    return Caller(token, customer, visit.row)


def _not_let_in(token: ApiToken | None, network: str) -> Problem:
    """Counted by network, so that whoever tries tokens is stopped and programs with good ones beside them are not."""
    rate = by_network.take(network)
    if rate.over:
        return too_many(rate)
    if token is None:
        return unauthorised("invalid_token", "token-unknown")
    return unauthorised("invalid_token", "token-revoked" if token.revoked is not None else "token-ended")


def rate_of(request: HttpRequest) -> Rate | None:
    """Where the token's counter stands; None when no token was found."""
    return request.META.get(_RATE)


def unauthorised(error: str, code: str) -> Problem:
    """401 with the challenge of RFC 6750; error is empty when no token was shown."""
    challenge = f'Bearer realm="api", error="{error}"' if error else 'Bearer realm="api"'
    return Problem(401, code, headers={"WWW-Authenticate": challenge})


def too_many(rate: Rate) -> Problem:
    """429, with the seconds after which it is worth asking again."""
    return Problem(429, "too-many-requests", headers={"Retry-After": str(rate.ends_s), **rate.headers()})
