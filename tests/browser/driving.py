"""Somebody at the bank in a browser: what they press, type, tick and choose, by mouse or by keyboard alone."""

import os
import random
from dataclasses import dataclass, field
from typing import Any, Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "reporter": "no-passes",
}
"""Every rule of A and AA; told is only what breaks one, since the rest is most of what axe works at and sends."""
SEED = int(os.environ.get("HOLDFAST_SEED") or random.SystemRandom().randrange(1_000_000))
"""What the run draws by."""
TABS_MAX = 90
BEFORE = """target => {
    const able = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((one) =>
        !one.disabled && one.tabIndex >= 0 && one.type !== "radio" && one.checkVisibility({visibilityProperty: true}));
    return able.indexOf(target) - able.indexOf(document.activeElement) - 1;
}"""
"""About how many stops lie between the focus and the target; radio buttons, of which a group has one, are not counted."""
LOOKED_AT: set[int] = set()
"""What axe found nothing wrong with in this run."""
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
OVER = """() => [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80)).slice(0, 5)"""
LOOK = """() => {
    const root = document.documentElement, kinds = new Set(), ids = new Set(), twice = [];
    const said = ["href", "action", "value", "content", "datetime", "src", "style"];
    const words = ["aria-label", "title", "alt", "placeholder"];
    const kind = (one) => one.tagName + [...one.attributes].filter((a) => !said.includes(a.name) && !a.name.startsWith("data-"))
        .map((a) => `[${a.name}=${words.includes(a.name) ? a.value !== "" : a.value.replace(/[0-9a-f-]{32,36}|[0-9]+/g, "#")}]`)
        .join("") + (one.textContent.trim() ? "t" : "");
    const walk = (one, within) => {
        const here = within + ">" + kind(one);
        kinds.add(here);
        if (one.id) { if (ids.has(one.id)) twice.push(one.id); ids.add(one.id); }
        for (const child of one.children) walk(child, here);
    };
    walk(root, "");
    return [root.scrollWidth - root.clientWidth, twice, [...kinds].sort().join(" ")];
}"""


class House(Protocol):
    """What a visitor needs to know of the running bank."""

    @property
    def door(self) -> str:
        """The address of the front doors."""

    def person(self) -> dict[str, Any]:
        """A customer whom no other test uses."""


@dataclass
class Visitor:
    """A person at the bank in a browser: by mouse at a computer, or by keyboard on a narrow screen."""

    bank: House
    page: Page
    keyboard: bool = False
    twin: Page | None = None
    person: dict[str, Any] = field(default_factory=dict)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.bank.door + path)

    def hold_passkeys(self) -> None:
        """From now on this browser has an authenticator that makes passkeys and says yes by itself."""
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    def at(self, name: str) -> "Visitor":
        """Wait until this page is shown."""
        self.page.wait_for_selector(f"body[data-page={name}]", state="attached")
        return self

    def mark(self, name: str, where: str = "body") -> str:
        """A machine-readable mark of the page."""
        return self.page.locator(where).first.get_attribute(f"data-{name}") or ""

    def _focus(self, selector: str) -> None:
        """Go there by Tab alone, and see that the focus can be seen on the way's end."""
        target = self.page.locator(selector).locator("visible=true").first
        target.wait_for()
        for _ in range(min(max(target.evaluate(BEFORE), 0), TABS_MAX)):
            self.page.keyboard.press("Tab")
        for _ in range(TABS_MAX):
            if target.evaluate("one => one === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"Tab does not reach {selector} on {self.page.url}")
        self.see_focus()

    def see_focus(self) -> None:
        """What has the focus shows it, and nothing covers it."""
        seen = self.page.evaluate("""() => {
            const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return {outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                    free: !!top && (top === one || one.contains(top) || top.contains(one)), what: one.outerHTML};
        }""")
        assert seen["outline"], f"the focus cannot be seen: {seen['what'][:200]}"
        assert seen["free"], f"the focus is covered: {seen['what'][:200]}"

    def press(self, selector: str) -> None:
        """Press a link or button, by mouse or by Tab and Enter."""
        if self.keyboard:
            self._focus(selector)
            self.page.keyboard.press("Enter")
        else:
            self.page.locator(selector).locator("visible=true").first.click()

    def send(self, selector: str) -> None:
        """Press it, and wait for the page that answers: it may have the same name as this one."""
        with self.page.expect_navigation():
            self.press(selector)

    def type(self, selector: str, words: str) -> None:
        """Write into a field, over what it holds."""
        if self.keyboard:
            self._focus(selector)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(words)
        else:
            self.page.fill(selector, words)

    def tick(self, selector: str) -> None:
        """Tick a box, by mouse or by Tab and Space."""
        if self.keyboard:
            self._focus(selector)
            self.page.keyboard.press("Space")
        else:
            self.page.check(selector)

    def choose(self, selector: str, value: str) -> None:
        """Choose from a list, by mouse or by Tab and the arrows."""
        if not self.keyboard:
            self.page.select_option(selector, value)
            return
        self._focus(selector)
        values = self.page.eval_on_selector_all(f"{selector} option", "all => all.map(one => one.value)")
        self.page.keyboard.press("Home")
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        assert self.page.input_value(selector) == value

    def go(self, words: str) -> None:
        """Follow the main navigation, in the form this width has."""
        self.press(f"nav >> text='{words}'")

    def log_in(self, password: str | None = None) -> None:
        """Log in as this visitor's customer."""
        self.person = self.person or self.bank.person()
        self.open("/login")
        self.type("#username", self.person["username"])
        self.prove(password)

    def prove(self, password: str | None = None) -> None:
        """The password in the open form, and the code that follows it, of who was filled with codes."""
        self.type("#password", password or self.person["password"])
        self.press("button.main")
        self.page.wait_for_selector("body:not([data-page=login]), [data-problem]", state="attached")
        if self.mark("page") == "login-code" and self.person.get("recovery"):
            self.type_code()
            self.press("button.main")

    def type_code(self) -> None:
        """A code of this visitor's customer: a recovery code, which no time binds."""
        self.type("#code", self.person["recovery"].pop())

    def pay(self, other: dict[str, Any], amount: str, text: str = "Lunch") -> None:
        """Fill the open form in and send it."""
        self.type("#to", other["accounts"][0]["number"])
        self.type("#name", other["name"])
        self.type("#amount", amount)
        self.type("#text", text)
        self.press("main form button.main")

    def close(self) -> None:
        """Leave."""
        self.page.context.close()
        if self.twin is not None:
            self.twin.context.close()

    def log_out(self) -> None:
        """By the button."""
        self.press("text='Log out'")
        self.at("login")

    def _axe(self) -> list[dict[str, Any]]:
        """What axe finds. It needs scripts: where they are off, it looks at the same markup in a twin of the page."""
        page = self.page
        if self.twin is not None:
            url, markup = page.url, page.content()
            page = self.twin
            page.route(url, lambda route: route.fulfill(body=markup, content_type="text/html; charset=utf-8"))
            page.goto(url)
            page.unroute(url)
        violations: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
        return violations

    def check(self) -> None:
        """No rule of WCAG A or AA is broken, nothing hangs over the edge, and no id stands twice.

        Axe takes seconds, so it looks once at what is built alike (elements, their attributes but for what they say,
        in whom they stand) at one width, in one language and appearance."""
        width, dark = self.page.viewport_size["width"], self.page.evaluate(DARK)
        over, twice, built = self.page.evaluate(LOOK)
        assert over <= 0, f"{self.page.url} hangs over the edge by {over} px: {self.page.evaluate(OVER)}"
        assert not twice, f"{self.page.url} has ids twice: {twice}"
        looked_at = hash((built, width, dark))
        if looked_at in LOOKED_AT:
            return
        found = self._axe()
        words = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"][:3]]
        assert not words, f"{self.page.url}: " + "; ".join(words)
        LOOKED_AT.add(looked_at)
