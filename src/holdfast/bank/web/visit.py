"""What is known of a request: the door's row, the banner, who is logged in."""

from dataclasses import dataclass

from django.http import HttpRequest

from holdfast.bank.customers.sessions import LoggedIn, find_logged_in, read_session
from holdfast.contracts.epochs import Bank, Mode
from holdfast.contracts.languages import choose_language

_KEY = "holdfast.visit"


@dataclass(frozen=True, slots=True)
class DoorRow:
    """The row that the door vouches for; cohort None while nobody is known; request: the same however often the door
    sends the customer's request on; network: where it came from, as far as limits look."""

    cohort: int | None
    mode: Mode
    epoch: int
    forced: int
    bank: Bank
    request: str
    network: str = ""


@dataclass(slots=True)
class Visit:
    """One request: its row, the headers with the banner and with a tour (both in each language), the language that the
    customer chose (the cookie) and those that the browser asks for; logged_in is set by the pages that need a
    customer."""

    row: DoorRow
    banner: str = ""
    tour: str = ""
    chosen: str = ""
    accepted: str = ""
    logged_in: LoggedIn | None = None

    @property
    def language(self) -> str:
        """In which language this request is answered."""
        known = self.logged_in.customer.language if self.logged_in else None
        return choose_language(self.chosen, known, self.accepted)


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


def recognise(request: HttpRequest) -> None:
    """Say who is asking, on a page that needs nobody: it is then in their language and frame."""
    visit, found = find_visit(request), read_session(request.COOKIES)
    if visit is not None and found is not None and visit.row.cohort == found[0].cohort:
        visit.logged_in = None if found[0].by_password_alone else find_logged_in(*found)
