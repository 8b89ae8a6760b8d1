"""What every customer must be able to do, each written once as steps over a small driver that clicks or tabs.

A step names what is pressed by its address or its field, never by its words, so that it is the same in both languages.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from driving import Visitor
from payment_files import block, line, order

from holdfast.contracts.factors import STEP_S
from holdfast.contracts.kid import mod10_digit
from holdfast.signing.onetime import code_at

MAIN, SPARE = "primary", "standin"
BUTTON = "main form button.main"


@dataclass
class Walk:
    """Somebody in one way (mouse, keyboard alone, JavaScript off; a width; a language), with an account more; and
    somebody else in the same way who has every factor."""

    bank: Any
    visitor: Visitor
    enrolled: Visitor
    payee: dict[str, Any]
    scripts: bool
    second: str = ""
    secret: str = ""
    codes: list[str] = field(default_factory=list)
    step: int = 0
    by: Visitor | None = None
    """Who did the last task."""

    @property
    def account(self) -> int:
        """The account that pays."""
        found: int = self.visitor.person["accounts"][0]["id"]
        return found

    def home(self) -> Visitor:
        """On the overview, logged in by password if need be."""
        self.by = self.visitor
        self.visitor.open("/")
        if self.visitor.mark("page") == "login":
            self.visitor.log_in()
        return self.visitor.at("overview")

    def next_code(self) -> str:
        """A code of a half minute that none was used of before."""
        wanted = max(self.step + 1, int(time.time() // STEP_S) - 1)
        self.bank.wait_for("the next code", lambda: wanted <= int(time.time() // STEP_S) + 1, STEP_S + 5)
        self.step = wanted
        return code_at(self.secret, wanted)

    def menu(self, address: str) -> Visitor:
        """By the menu that this width has."""
        self.visitor.press(f"nav a[href='{address}']")
        return self.visitor


Steps = Callable[[Walk], None]
TASKS: dict[str, tuple[Steps, tuple[str, ...]]] = {}
"""Name → (steps, the banks that offer it)."""


def task(*banks: str) -> Callable[[Steps], Steps]:
    """Put it on the table."""

    def put(steps: Steps) -> Steps:
        TASKS[steps.__name__] = steps, banks or (MAIN, SPARE)
        return steps

    return put


def balance(walk: Walk, account: int | None = None) -> int:
    """As the overview says, in minor units."""
    walk.home()
    return int(walk.visitor.mark("balance-minor", f"[data-account='{account or walk.account}']"))


def receipt(visitor: Visitor, amount_minor: int) -> str:
    """The payment is done; its id."""
    visitor.at("receipt").check()
    assert visitor.mark("outcome", "[data-outcome]") == "done"
    assert visitor.mark("amount-minor", "[data-outcome]") == str(amount_minor)
    return visitor.mark("payment", "[data-outcome]")


def forget_login(visitor: Visitor) -> None:
    """The browser's sessions are gone; its language stays."""
    for name in ("hf_bank", "hf_standin"):
        visitor.page.context.clear_cookies(name=name)


@task()
def logs_in_by_password_and_logs_out(walk: Walk) -> None:
    visitor = walk.by = walk.visitor
    forget_login(visitor)
    visitor.open("/login")
    visitor.at("login").check()
    visitor.log_in("not this one")
    visitor.page.wait_for_selector("[data-problem=wrong]")
    visitor.check()
    visitor.log_in()
    visitor.at("overview").check()
    visitor.press("form[action='/logout'] button")
    visitor.at("login")
    visitor.open("/money")
    visitor.at("login")


def log_in_by_code(walk: Walk, code: Callable[[], str]) -> None:
    visitor = walk.by = walk.enrolled
    forget_login(visitor)
    visitor.log_in()
    visitor.at("login-code").check()
    visitor.type("#code", "000")
    visitor.press("button.main")
    visitor.page.wait_for_selector("[data-problem=wrong-code]")
    visitor.type("#code", code())
    visitor.press("button.main")
    visitor.at("overview").check()


@task()
def logs_in_by_authenticator_code(walk: Walk) -> None:
    log_in_by_code(walk, walk.next_code)


@task()
def recovers_by_recovery_code(walk: Walk) -> None:
    log_in_by_code(walk, walk.codes.pop)


@task()
def logs_in_by_passkey(walk: Walk) -> None:
    """Where there is JavaScript; without it the page offers password and code alone, and says nothing of passkeys."""
    visitor = walk.by = walk.enrolled
    forget_login(visitor)
    visitor.open("/login")
    form = visitor.page.locator("form[data-passkey] button")
    assert form.is_visible() == walk.scripts
    if walk.scripts:
        visitor.press("form[data-passkey] button")
        visitor.at("overview")


@task()
def sees_balances_and_an_accounts_lines(walk: Walk) -> None:
    visitor = walk.home()
    visitor.check()
    visitor.press(f"main a[href='/accounts/{walk.account}']")
    visitor.at("account").check()
    assert visitor.page.locator("li[data-payment]").count() >= 1
    visitor.press("main a[href$='/statement']")
    visitor.at("statement").check()


@task()
def pays_a_person_whose_name_is_checked(walk: Walk) -> None:
    before, visitor = balance(walk), walk.visitor
    walk.menu("/pay").at("pay").check()
    visitor.pay({**walk.payee, "name": "Somebody Else Entirely"}, "12.50")
    visitor.at("pay").check()
    visitor.type("#name", walk.payee["name"])
    visitor.press(BUTTON)
    payment = receipt(visitor, 1250)
    walk.menu("/money").at("money").check()
    assert visitor.mark("state", f"li[data-payment='{payment}']") == "done"
    assert balance(walk) == before - 1250


@task()
def mends_a_form_with_mistakes(walk: Walk) -> None:
    visitor = walk.home()
    walk.menu("/pay").at("pay")
    visitor.pay({"accounts": [{"number": "1234"}], "name": "Nobody"}, "12,,x", "typed words")
    visitor.at("pay").check()
    assert visitor.page.input_value("#text") == "typed words"
    assert [visitor.page.locator(f"#{one}").get_attribute("aria-invalid") for one in ("to", "amount")] == ["true"] * 2
    visitor.pay(walk.payee, "1")
    receipt(visitor, 100)


@task()
def pays_between_own_accounts(walk: Walk) -> None:
    before, visitor = balance(walk), walk.visitor
    walk.menu("/pay").at("pay")
    visitor.choose("#from", str(walk.account))
    visitor.type("#to", walk.second)
    visitor.type("#amount", "3")
    visitor.press(BUTTON)
    receipt(visitor, 300)
    assert balance(walk) == before - 300


@task()
def pays_by_kid(walk: Walk) -> None:
    visitor, digits = walk.home(), "20261123"
    walk.menu("/pay").at("pay")
    for name, words in (("to", walk.payee["accounts"][0]["number"]), ("amount", "2"), ("kid", digits + "x")):
        visitor.type(f"#{name}", words)
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("#kid-wrong")
    visitor.check()
    visitor.type("#kid", digits + mod10_digit(digits))
    visitor.press(BUTTON)
    receipt(visitor, 200)


@task()
def freezes_a_card_and_opens_it(walk: Walk) -> None:
    visitor = walk.home()
    visitor.press("main a[href='/cards']")
    visitor.at("cards").check()
    for frozen in ("true", "false"):
        visitor.press("main section form button")
        visitor.page.wait_for_selector(f"[data-card][data-frozen={frozen}]")
        visitor.check()


@task()
def reads_help_and_changes_the_language(walk: Walk) -> None:
    visitor = walk.home()
    before = visitor.page.locator("html").get_attribute("lang")
    walk.menu("/help").at("help").check()
    for language in ("en" if before == "nb" else "nb", before):
        visitor.press("main a[hreflang]")
        visitor.page.wait_for_selector(f"html[lang={language}]")
        visitor.check()


@task(MAIN)
def searches(walk: Walk) -> None:
    visitor = walk.home()
    visitor.press(f"main a[href='/accounts/{walk.account}']")
    visitor.at("account").press("main a[href$='/search']")
    visitor.at("search").check()
    visitor.type("#least", "x")
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("#least-wrong")
    visitor.check()
    visitor.type("#least", "1")
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("[data-found]")
    visitor.check()
    assert int(visitor.mark("found", "[data-found]")) >= 1


@task(MAIN)
def disputes_a_line(walk: Walk) -> None:
    visitor = walk.home()
    visitor.press(f"main a[href='/accounts/{walk.account}']")
    lines = visitor.at("account").page.eval_on_selector_all(
        "main li a[href*='/lines/']", "all => all.map(one => one.getAttribute('href'))"
    )
    visitor.press(f"main li a[href='{lines[len(lines) // 2]}']")
    visitor.at("line").check()
    if visitor.page.locator("#ask").count():
        visitor.choose("#reason", "not_mine")
        visitor.type("#words", "That was not me")
        visitor.press("#ask form button")
    visitor.page.wait_for_selector("[data-dispute]")
    visitor.check()


@task(MAIN)
def proves_a_risky_payment(walk: Walk) -> None:
    visitor = walk.home()
    walk.menu("/pay").at("pay")
    visitor.pay(walk.bank.unknown_to(visitor.person), "5001", "invest now")
    visitor.at("warning").check()
    visitor.press("main form button")
    visitor.at("prove").check()
    visitor.type_code()
    visitor.press("main form[action='/pay/confirm'] button.main")
    receipt(visitor, 500_100)


@task(MAIN)
def orders_a_monthly_payment_and_cancels_it(walk: Walk) -> None:
    visitor = walk.home()
    walk.menu("/pay").at("pay").press("main a[href='/orders']")
    visitor.at("orders").check()
    visitor.press("main a[href='/orders/new']")
    visitor.at("order").check()
    visitor.choose("#rhythm", "monthly")
    visitor.pay(walk.payee, "120")
    visitor.at("orders").check()
    mine = f"li[data-plan]:has-text({walk.payee['name']!r})"
    assert visitor.mark("amount-minor", mine) == "12000"
    visitor.send(f"{mine} form button")
    visitor.at("orders").check()
    walk.bank.wait_for("the cancelling", lambda: visitor.page.reload() and not visitor.page.locator(mine).count(), 15)


@task(MAIN)
def adds_a_payee_and_removes_it(walk: Walk) -> None:
    visitor = walk.home()
    walk.menu("/pay").at("pay").press("main a[href='/payees']")
    visitor.at("payees").check()
    visitor.type("#to", walk.payee["accounts"][0]["number"])
    visitor.type("#name", walk.payee["name"])
    visitor.press("main form[action='/payees'] button.main")
    visitor.page.wait_for_selector("li[data-payee]")
    visitor.check()
    visitor.press("main form[action='/payees/remove'] button")
    visitor.page.wait_for_selector("[data-payees='0']")


@task(MAIN)
def lowers_a_limit(walk: Walk) -> None:
    visitor = walk.home()
    walk.menu("/pay").at("pay").press("main a[href='/limits']")
    visitor.at("limits").check()
    visitor.type("#day", "90000")
    visitor.press("main form[action='/limits'] button.main")
    visitor.page.wait_for_selector("section[data-held-day='9000000']")
    visitor.check()


@task(MAIN)
def sends_a_file_looks_at_it_and_confirms(walk: Walk) -> None:
    visitor, today = walk.home(), datetime.now(ZoneInfo("Europe/Oslo")).date()
    walk.menu("/pay").at("pay").press("main a[href='/files']")
    visitor.at("files").check()
    lines = [
        line(walk.payee["accounts"][0]["number"], "2.50", walk.payee["name"], "E1", text="First"),
        line("97129999999", "1", "Nobody", "E2"),
    ]
    raw = order(block(visitor.person["accounts"][0]["number"], lines, today), message=uuid.uuid4().hex)
    # The dialog that chooses a file is the system's own, for mouse and keyboard alike.
    visitor.page.set_input_files("#file", {"name": "wages.xml", "mimeType": "application/xml", "buffer": raw})
    visitor.press("main form[action='/files'] button.main")
    visitor.at("file").check()
    assert (visitor.mark("count", "[data-count]"), visitor.mark("problem", "li[data-line='2']")) == ("1", "unknown_to")
    visitor.type_code()
    visitor.press("form[action$='/confirm'] button.main")
    visitor.page.wait_for_selector("[data-counted]")
    done = "div[data-file][data-state=done]"
    walk.bank.wait_for("the end", lambda: visitor.page.reload() and visitor.page.locator(done).count(), 20)
    visitor.check()


@task(MAIN)
def opens_an_account(walk: Walk) -> None:
    visitor = walk.home()
    visitor.press("main a[href='/accounts/new']")
    visitor.at("open").check()
    visitor.type("#title", "Ferie")
    visitor.press(BUTTON)
    visitor.at("opened").check()
    account = visitor.mark("opened", "[data-opened]")
    walk.home()
    walk.second = visitor.mark("number", f"[data-account='{account}']")
    assert walk.second


@task(MAIN)
def freezes_everything_and_opens_it(walk: Walk) -> None:
    visitor = walk.home()
    visitor.press("main a[href='/security']")
    visitor.at("security").check()
    visitor.press("main a[href='/security/freeze']")
    visitor.at("freeze").check()
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("[data-frozen=true]")
    visitor.check()
    visitor.press("main a[href='/security?confirm=yes']")
    visitor.type("#password", visitor.person["password"])
    visitor.type_code()
    visitor.press("#confirm button.main")
    visitor.at("freeze").press("main form button")
    visitor.page.wait_for_selector("[data-frozen=false]")
    visitor.check()


def enrol(walk: Walk) -> None:
    """Whoever logs in by each factor: made up with an app and recovery codes; where there is JavaScript a passkey more."""
    visitor = walk.enrolled
    if walk.scripts:
        visitor.hold_passkeys()
        visitor.log_in()
        visitor.at("overview").press("main a[href='/security']")
        visitor.at("security").check()
        had = int(visitor.mark("passkeys", "[data-passkeys]"))
        visitor.type("#passkey-name", "My laptop")
        visitor.press("form[data-passkey=create] button")
        visitor.page.wait_for_selector(f"section[data-passkeys='{had + 1}']")
    walk.secret, walk.codes = visitor.person["authenticator"], visitor.person.pop("recovery")
