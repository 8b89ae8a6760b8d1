"""What is known of a request: the door's row, the banner, who is logged in."""

from dataclasses import dataclass

from django.http import HttpRequest

from holdfast.bank.customers.sessions import LoggedIn
from holdfast.contracts.epochs import Bank, Mode
from holdfast.look import Banner

_KEY = "holdfast.visit"


@dataclass(frozen=True, slots=True)
class DoorRow:
    """The row that the door vouches for; cohort None while nobody is known; request: the same however often the door
    sends the customer's request on."""

    cohort: int | None
    mode: Mode
    epoch: int
    forced: int
    bank: Bank
    request: str


@dataclass(slots=True)
class Visit:
    """One request's row and banner; logged_in is set by the pages that need a customer."""

    row: DoorRow
    banner: Banner | None = None
    logged_in: LoggedIn | None = None


def set_visit(request: HttpRequest, visit: Visit) -> None:
    """Keep the visit with its request."""
    request.META[_KEY] = visit


def get_visit(request: HttpRequest) -> Visit:
    """The request's visit; raises KeyError where no door came before."""
    found: Visit = request.META[_KEY]
    return found


def find_visit(request: HttpRequest) -> Visit | None:
    """The request's visit, None on internal addresses and refused requests."""
    return request.META.get(_KEY)
