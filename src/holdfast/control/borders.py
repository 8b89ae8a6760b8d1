"""Who may reach a screen, and from where: one middleware in front of every view.

Each view declares the roles it is for with `allowed`; a view that declares none is refused to everyone, so
that a forgotten declaration opens nothing.
"""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.contracts.origins import cross_site_reason
from holdfast.control.place import installation, switchboard
from holdfast.control.staff import log, people
from holdfast.control.staff.models import ROLES, Person
from holdfast.telemetry import get_log

EVERYONE = frozenset(ROLES)
ANYBODY = frozenset({"anybody"})
BY_TOKEN = frozenset({"whoever has a token"})
"""Programs outside, which show a token and never a cookie; the view itself looks at it."""
RENEWS_HEADER = "Holdfast-Renews"
"""A page renews itself by its script: that is nobody at work."""
HSTS = "max-age=31536000; includeSubDomains"
View = TypeVar("View", bound=Callable[..., HttpResponse])
ROLES_OF: dict[Callable[..., HttpResponse], frozenset[str]] = {}
MACHINES_OF: dict[Callable[..., HttpResponse], frozenset[str]] = {}


def allowed(roles: frozenset[str], machines: frozenset[str] = frozenset()) -> Callable[[View], View]:
    """Declare who may use a view: staff of these roles, and these buildings by a signed call."""

    def declare(view: View) -> View:
        ROLES_OF[view] = roles
        MACHINES_OF[view] = machines
        return view

    return declare


def person_of(request: HttpRequest) -> Person:
    """The member of staff of a request that the border let in."""
    person = getattr(request, "person", None)
    if not isinstance(person, Person):
        raise TypeError("the border let nobody in")
    return person


class Borders:
    """Checks each request, and adds the headers that keep a page to itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and seal the answer."""
        answer = self._next(request)
        door = installation().door_origin
        answer.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; frame-src {door}; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; "
            "object-src 'none'",
        )
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if installation().tls_cert:
            answer.headers["Strict-Transport-Security"] = HSTS
        return answer

    def process_view(  # noqa: PLR0911  # each refusal ends here
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """None lets the request in; otherwise the answer that keeps it out."""
        roles = ROLES_OF.get(view, frozenset())
        if roles == BY_TOKEN:
            return None
        refused = cross_site_reason(
            request.method or "GET",
            bool(request.COOKIES),
            request.headers.get("Origin"),
            request.headers.get("Sec-Fetch-Site"),
            installation().console_origin,
        )
        if refused is not None:
            get_log().warning("other_site", path=request.path[:200], origin=str(request.headers.get("Origin"))[:200])
            return _words(request, refused, 403)
        if roles == ANYBODY:
            return None
        if _machine(request, MACHINES_OF.get(view, frozenset())):
            return None
        session = people.session_of(request.COOKIES.get(people.cookie_name()), RENEWS_HEADER in request.headers)
        if session is None:
            if request.method == "GET" and not request.path.endswith(".json"):
                return HttpResponseRedirect("/login")
            return _words(request, "Log in first; nothing was done.", 403)
        person = session.person
        if person.role not in roles:
            log.write(person.username, person.role, "refused", {"path": request.path[:200], "method": request.method})
            return _words(request, f"This is not for the role {person.role}; nothing was done.", 403)
        request.person = person  # type: ignore[attr-defined]  # the border's own mark on the request
        request.left_s = people.left_s(session)  # type: ignore[attr-defined]  # as above
        return None


def _machine(request: HttpRequest, machines: frozenset[str]) -> bool:
    if not machines:
        return False
    try:
        switchboard().keyring.verify_call(request.headers.get(CALLER_HEADER), request.path, machines, request.body)
    except BadToken:
        return False
    return True


def _words(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return render(request, "now/words.html", {"words": words}, status=status)
