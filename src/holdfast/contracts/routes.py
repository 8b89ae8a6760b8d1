"""Every address customers may use: which banks offer it, how it may be retried, when it counts as stalled."""

import re
from dataclasses import dataclass

from holdfast.contracts.api import BODY_BYTES_MAX as API_BODY_BYTES_MAX
from holdfast.contracts.api import PREFIX
from holdfast.contracts.epochs import Bank

BOTH = (Bank.PRIMARY, Bank.STANDIN)
MAIN = (Bank.PRIMARY,)
READ_DEADLINE_S = 0.8
PAYMENT_DEADLINE_S = 1.0
LOGIN_DEADLINE_S = 2.0
STATEMENT_DEADLINE_S = 2.0
BODY_BYTES_MAX = 1_000_000
FILE_BYTES_MAX = 16_000_000
CLAIM_BYTES_MAX = 3_200_000


@dataclass(frozen=True, slots=True)
class Route:
    """One address. pattern: a regular expression over the path; changes: it changes something, so it is
    repeated at the other bank only under a new epoch; pays: its form carries `id` and `birth`;
    signed: it needs no cookie and no Origin, since its body is signed; deadline_s: None means long work; api:
    programs ask there, by a token and never by cookies (contracts.api)."""

    name: str
    method: str
    pattern: re.Pattern[str]
    offered: tuple[Bank, ...] = BOTH
    changes: bool = False
    pays: bool = False
    signed: bool = False
    deadline_s: float | None = READ_DEADLINE_S
    body_bytes_max: int = BODY_BYTES_MAX
    api: bool = False

    @property
    def only_shows(self) -> bool:
        """Whether it is a page that may be shown by either bank, whoever takes the customer's payments."""
        return self.method == "GET" and not (self.changes or self.signed) and not self.name.startswith("login")


def _route(name: str, method: str, pattern: str, **more: object) -> Route:
    return Route(name, method, re.compile(pattern), **more)  # type: ignore[arg-type]  # keywords as above


ROUTES: tuple[Route, ...] = (
    _route("overview", "GET", r"/"),
    _route("login-form", "GET", r"/login"),
    _route("login", "POST", r"/login", deadline_s=LOGIN_DEADLINE_S),
    _route("logout", "POST", r"/logout"),
    _route("forgot-form", "GET", r"/login/forgot", offered=MAIN),
    _route("forgot", "POST", r"/login/forgot(/code|/new)?", offered=MAIN, changes=True, deadline_s=None),
    _route("register-form", "GET", r"/register", offered=MAIN),
    _route("register", "POST", r"/register(/code)?", offered=MAIN, changes=True, deadline_s=None),
    _route("account", "GET", r"/accounts/[0-9]{1,19}"),
    _route("statement", "GET", r"/accounts/[0-9]{1,19}/statement", deadline_s=STATEMENT_DEADLINE_S),
    _route("statement-paper", "GET", r"/accounts/[0-9]{1,19}/statement/paper", offered=MAIN, deadline_s=None),
    _route("ahead", "GET", r"/ahead", offered=MAIN, deadline_s=STATEMENT_DEADLINE_S),
    _route("year-form", "GET", r"/year", offered=MAIN),
    _route("year", "GET", r"/year/paper", offered=MAIN, deadline_s=None),
    _route("account-new", "GET", r"/accounts/new(/[0-9a-f-]{36})?", offered=MAIN),
    _route("account-open", "POST", r"/accounts/new", offered=MAIN, changes=True, deadline_s=None),
    _route(
        "account-answer",
        "POST",
        r"/accounts/new/[0-9a-f-]{36}/(agree|decline|withdraw)",
        offered=MAIN,
        changes=True,
        deadline_s=None,
    ),
    _route("account-about", "GET", r"/accounts/[0-9]{1,19}/about", offered=MAIN),
    _route("account-name", "POST", r"/accounts/[0-9]{1,19}/name", offered=MAIN, changes=True, deadline_s=None),
    _route("close-form", "GET", r"/accounts/[0-9]{1,19}/close|/leave", offered=MAIN),
    _route("close", "POST", r"/accounts/[0-9]{1,19}/close|/leave", offered=MAIN, changes=True, deadline_s=None),
    _route("my-data", "GET", r"/my-data(/download)?", offered=MAIN, deadline_s=None),
    _route("my-name", "POST", r"/my-data/name", offered=MAIN, changes=True, deadline_s=None),
    _route("my-email", "POST", r"/my-data/email(/code)?", offered=MAIN, changes=True, deadline_s=None),
    _route("needs-form", "GET", r"/needs", offered=MAIN),
    _route("needs", "POST", r"/needs", offered=MAIN, changes=True, deadline_s=None),
    _route("told", "GET", r"/told"),
    _route(
        "told-change",
        "POST",
        r"/told/(quiet|sms|sms/code|sms/remove|browsers|browsers/remove)",
        offered=MAIN,
        changes=True,
        deadline_s=None,
    ),
    _route("search", "GET", r"/accounts/[0-9]{1,19}/search", offered=MAIN),
    _route("line", "GET", r"/accounts/[0-9]{1,19}/lines/[0-9]{1,18}", offered=MAIN),
    _route(
        "dispute",
        "POST",
        r"/accounts/[0-9]{1,19}/lines/[0-9]{1,18}/dispute",
        offered=MAIN,
        changes=True,
        deadline_s=None,
    ),
    _route("disputes", "GET", r"/disputes", offered=MAIN),
    _route("claims", "GET", r"/claims(/[0-9]{1,18}/file)?", offered=MAIN, deadline_s=STATEMENT_DEADLINE_S),
    _route(
        "claim",
        "POST",
        r"/claims",
        offered=MAIN,
        changes=True,
        deadline_s=None,
        body_bytes_max=CLAIM_BYTES_MAX,
    ),
    _route("costs", "GET", r"/accounts/[0-9]{1,19}/(prices|charges/[0-9a-f-]{36})", offered=MAIN),
    _route("prices", "GET", r"/prices", offered=MAIN),
    _route("loans", "GET", r"/loans(/[0-9]{1,18}(/repay)?)?", offered=MAIN),
    _route("loan-repay", "POST", r"/loans/[0-9]{1,18}/repay", offered=MAIN, changes=True, deadline_s=None),
    _route("pay-form", "GET", r"/pay"),
    _route("pay", "POST", r"/pay", changes=True, pays=True, deadline_s=PAYMENT_DEADLINE_S),
    _route("pay-waiting", "GET", r"/pay/confirm", offered=MAIN),
    _route("pay-confirm", "POST", r"/pay/confirm", changes=True, pays=True, deadline_s=None),
    _route("exchange-rates", "GET", r"/exchange", offered=MAIN),
    _route("exchange", "POST", r"/exchange", offered=MAIN, changes=True, pays=True, deadline_s=None),
    _route("payees", "GET", r"/payees", offered=MAIN),
    _route("payees-change", "POST", r"/payees(/remove)?", offered=MAIN, changes=True, deadline_s=None),
    _route("limits", "GET", r"/limits", offered=MAIN),
    _route("limits-change", "POST", r"/limits(/keep|/undo)?", offered=MAIN, changes=True, deadline_s=None),
    _route("orders", "GET", r"/orders(/new|/[0-9]{1,18})?", offered=MAIN),
    _route("orders-change", "POST", r"/orders(/[0-9]{1,18}(/cancel)?)?", offered=MAIN, changes=True, deadline_s=None),
    _route(
        "files",
        "GET",
        r"/files(/[0-9a-f-]{36}(/pain\.002|/camt\.054)?)?",
        offered=MAIN,
        deadline_s=STATEMENT_DEADLINE_S,
    ),
    _route(
        "files-change",
        "POST",
        r"/files(/[0-9a-f-]{36}/(confirm|drop))?",
        offered=MAIN,
        changes=True,
        deadline_s=None,
    ),
    _route("receipt", "GET", r"/receipt/[0-9a-f-]{32,36}"),
    _route("receipt-undo", "POST", r"/receipt/[0-9a-f-]{32,36}/undo", offered=MAIN, changes=True, deadline_s=None),
    _route("money", "GET", r"/money"),
    _route("confirmation", "GET", r"/money/[0-9a-f-]{32,36}/confirmation"),
    _route("help", "GET", r"/help"),
    _route("help-now", "GET", r"/help-now"),
    _route("pay-help", "POST", r"/help-now", changes=True, pays=True, deadline_s=PAYMENT_DEADLINE_S),
    _route("pay-help-back", "POST", r"/help-now/back", offered=MAIN, changes=True, deadline_s=PAYMENT_DEADLINE_S),
    _route("security", "GET", r"/security", offered=MAIN),
    _route("security-confirm", "POST", r"/security/confirm", offered=MAIN, changes=True, deadline_s=None),
    _route("second-factor", "GET", r"/security/begin(/authenticator)?", offered=MAIN),
    _route("authenticator", "GET", r"/security/authenticator", offered=MAIN),
    _route(
        "security-change",
        "POST",
        r"/security/(begin/passkey|begin/authenticator|authenticator|authenticator/remove|recovery|passkeys|passkeys/rename|passkeys/remove|sessions/end"
        r"|devices/remove|freeze/open|password)",
        offered=MAIN,
        changes=True,
        deadline_s=None,
    ),
    _route("tokens", "GET", r"/security/tokens", offered=MAIN),
    _route("tokens-change", "POST", r"/security/tokens(/revoke)?", offered=MAIN, changes=True, deadline_s=None),
    _route("freeze-form", "GET", r"/security/freeze"),
    _route("freeze", "POST", r"/security/freeze", changes=True, deadline_s=LOGIN_DEADLINE_S),
    _route("cards", "GET", r"/cards"),
    _route("card-limits", "GET", r"/cards/[0-9a-f]{32}/limits", offered=MAIN),
    _route("card-limits-change", "POST", r"/cards/[0-9a-f]{32}/limits", offered=MAIN, changes=True, deadline_s=None),
    _route(
        "card-freeze",
        "POST",
        r"/cards/[0-9a-f]{32}/(freeze|unfreeze)",
        changes=True,
        deadline_s=PAYMENT_DEADLINE_S,
    ),
    _route(
        "card-use",
        "POST",
        r"/cards/authorisations",
        changes=True,
        signed=True,
        deadline_s=PAYMENT_DEADLINE_S,
    ),
    _route(
        "payroll-file",
        "POST",
        r"/clearing/pain\.001",
        offered=MAIN,
        changes=True,
        signed=True,
        deadline_s=None,
        body_bytes_max=FILE_BYTES_MAX,
    ),
    _route(
        "clearing-file",
        "POST",
        r"/clearing/pacs\.008",
        changes=True,
        signed=True,
        deadline_s=None,
        body_bytes_max=FILE_BYTES_MAX,
    ),
    *(
        _route(f"api-{name}", "GET", PREFIX + pattern, offered=offered, api=True)
        for name, pattern, offered in (
            ("openapi", r"/openapi\.json", MAIN),
            ("accounts", r"/accounts(/[0-9]{1,18}(/balance)?)?", BOTH),
            ("transactions", r"/accounts/[0-9]{1,18}/transactions(/[0-9]{1,18})?", MAIN),
            ("payees", r"/payees", BOTH),
            ("payment", r"/payments/[0-9a-f-]{32,36}", BOTH),
            ("orders", r"/orders", MAIN),
            ("cards", r"/cards", BOTH),
        )
    ),
    _route(
        "api-pay",
        "POST",
        PREFIX + r"/payments",
        changes=True,
        pays=True,
        deadline_s=PAYMENT_DEADLINE_S,
        body_bytes_max=API_BODY_BYTES_MAX,
        api=True,
    ),
    _route(
        "api-exchange-quote",
        "POST",
        PREFIX + r"/exchange-quotes",
        offered=MAIN,
        body_bytes_max=API_BODY_BYTES_MAX,
        api=True,
    ),
    _route(
        "api-exchange",
        "POST",
        PREFIX + r"/exchanges",
        offered=MAIN,
        changes=True,
        pays=True,
        deadline_s=None,
        body_bytes_max=API_BODY_BYTES_MAX,
        api=True,
    ),
    _route(
        "api-card-freeze",
        "POST",
        PREFIX + r"/cards/[0-9a-f]{32}/freeze",
        changes=True,
        deadline_s=PAYMENT_DEADLINE_S,
        body_bytes_max=API_BODY_BYTES_MAX,
        api=True,
    ),
)
"""A login changes nothing that money hangs on: it is repeated at the other bank like a read. Changes of how one logs in
are long work: a slow password check there must move nobody to the spare bank, which does not offer them. So is the
proof before a risky payment; the spare bank takes its form as it takes any payment form, under its own tighter
limits."""


def methods_of(path: str) -> list[str]:
    """The methods that this address takes, none when there is no such address."""
    return sorted({route.method for route in ROUTES if route.pattern.fullmatch(path)})


def find_route(method: str, path: str) -> Route | None:
    """The route of a request, None when there is no such address; HEAD counts as GET."""
    method = "GET" if method == "HEAD" else method
    for route in ROUTES:
        if route.method == method and route.pattern.fullmatch(path):
            return route
    return None
