"""Every page that a link leads to, at the main bank, at the spare bank, of strangers and at the console: no rule of WCAG A
or AA is broken, nothing hangs over the edge, and no link leads nowhere.
"""

import re
import socket
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest

pytestmark = pytest.mark.demand("B1", "B9")
PAGES_MAX = 60
WAYS = [
    (width, language, dark) for width in (360, 1280) for language in ("nb", "en") for dark in (False, True)
]  # fmt: skip
NOT_WALKED = re.compile(r"/(logout|break|assets/.*|metrics)")
CUSTOMERS = ["/", "/pay", "/exchange", "/money", "/cards", "/help", "/payees", "/limits", "/orders/new", "/accounts/new", "/disputes", "/claims",
             "/files", "/year", "/ahead", "/needs", "/told", "/security", "/security/freeze", "/security/tokens", "/nothing-here"]  # fmt: skip
STRANGERS = [
    "/login",
    "/register",
    "/login/forgot",
    "/status",
    "/status/subscribe",
    "/status/subscribe/confirm",
    "/genuine",
    "/papers/check",
    "/app",
]


@pytest.fixture(params=[0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, len(WAYS)))])
def way(request, draw):
    """A width, a language and an appearance: one drawn by the seed of the run, in the long tests every one."""
    first = draw.__dict__.setdefault("first_way", draw.randrange(len(WAYS)))
    return WAYS[(first + request.param) % len(WAYS)]


@pytest.fixture
def walker(way, visit):
    """A browser of that width, language and appearance, with JavaScript."""
    width, language, dark = way
    return visit(width, language=language, dark=dark)


def form_of(url):
    """A page's address without what differs from one thing to the next."""
    return re.sub(r"/([0-9a-f-]{32,36}|[0-9]+)(?=/|$)", "/N", urlsplit(url).path)


def links(page, origin):
    """Where the links of this page lead, within the same building."""
    found = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.getAttribute('href'))")
    return [url for one in found if (url := urljoin(page.url, one)).startswith(origin + "/")]


def as_fetched(shown):
    """Answers a request by what was fetched already."""
    return lambda route: route.fulfill(response=shown)


def walk(visitor, origin, starts):
    """Check each page that can be reached by links, one of each form; the forms that were seen."""
    waiting, seen = deque(origin + one for one in starts), {}
    while waiting and len(seen) < PAGES_MAX:
        url = waiting.popleft().partition("#")[0]
        if form_of(url) in seen or NOT_WALKED.fullmatch(urlsplit(url).path):
            continue
        shown = visitor.page.request.get(url, max_redirects=0)
        kind = shown.headers.get("content-type", "")
        seen[form_of(url)] = shown.status
        assert shown.status < 500, url
        if not kind.startswith("text/html") or "attachment" in shown.headers.get("content-disposition", ""):
            continue
        if shown.status == 200:  # what was fetched is shown, so that each page is made once
            visitor.page.route(url, as_fetched(shown))
        visitor.page.goto(url)
        visitor.page.unroute(url)
        visitor.check()
        waiting.extend(links(visitor.page, origin))
    nowhere = [form for form, status in seen.items() if status == 404 and form != "/nothing-here"]
    assert not nowhere, f"links lead nowhere: {nowhere}"
    return seen


@pytest.mark.parametrize("served_by", ["primary", "standin"])
def test_every_page_of_a_customer_is_for_everybody(bank, walker, served_by):
    bank.to_main()
    walker.log_in()
    walker.at("overview")
    if served_by == "standin":
        bank.to_spare()
    try:
        walker.open("/")
        assert walker.mark("bank") == served_by
        seen = walk(walker, bank.door, CUSTOMERS)
        assert {"/accounts/N", "/accounts/N/statement", "/pay", "/money"} <= set(seen)
    finally:
        bank.to_main()


def test_every_page_of_strangers_is_for_everybody(bank, walker):
    bank.to_main()
    assert {"/login", "/register", "/login/forgot", "/help"} <= set(walk(walker, bank.door, STRANGERS))


def test_every_page_of_the_console_is_for_everybody(bank, walker):
    def answers():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", bank.installation.console_port)) == 0

    bank.wait_for("the console answers", answers)
    page = walker.page
    page.goto(bank.console + "/login")
    walker.check()
    page.fill("[name=username]", "manager")
    page.fill("[name=password]", bank.installation.secret("manager"))
    page.fill("[name=code]", bank.staff_code("manager"))
    page.click("button.main")
    page.wait_for_selector("body[data-page=now]")
    seen = walk(walker, bank.console, ["/", "/access", "/payroll", "/limits", "/approvals", "/cases", "/incidents"])
    rooms = {
        "/measurements",
        "/alerts",
        "/service-levels",
        "/logs",
        "/changes",
        "/on-call",
        "/runbooks",
        "/closing",
        "/names",
    }
    assert {"/", "/access", "/messages", "/staff", "/sign-in", *rooms} <= set(seen)
