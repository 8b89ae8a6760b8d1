"""One bank in real processes and one real browser for the whole run; skipped by name where no Chromium is."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from holdfast_tests import free_port_base
from playwright.sync_api import Browser, Page, sync_playwright

from holdfast.contracts.factors import STEP_S, STEPS_ASIDE
from holdfast.contracts.sessions import IDLE_S
from holdfast.runtime import installing, launching
from holdfast.settings import Installation
from holdfast.signing import load_keyring
from holdfast.signing.lines import Lines
from holdfast.signing.onetime import code_at

sys.path.insert(0, str(Path(__file__).parent))  # what several test modules share: driving.py, joining.py
from driving import SEED, Visitor  # found by the line above

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CUSTOMERS = 120
WELL_OFF_MINOR = 800_000
ROOT = Path(__file__).resolve().parents[2]
PAGE_MS_MAX = 15_000
WAIT_S_MAX = 40.0


def pytest_report_header() -> str:
    return f"browser: {CHROMIUM or 'no Chromium'}; seed {SEED} (HOLDFAST_SEED repeats it)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"NO BROWSER: {item.name} was not run; install chromium"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not CHROMIUM:
        for report in terminalreporter.stats.get("skipped", []):
            terminalreporter.write_line(f"SKIPPED, no Chromium: {report.nodeid}", red=True)


@dataclass
class Bank:
    """The running bank, and the commands that a person would type."""

    installation: Installation
    people: list[dict[str, Any]]
    _next: int = 0
    _steps: dict[str, int] = field(default_factory=dict)
    _by_command: set[str] = field(default_factory=set)

    @property
    def door(self) -> str:
        return self.installation.door_origin

    @property
    def console(self) -> str:
        return self.installation.console_origin

    @property
    def mailbox(self) -> str:
        return f"http://localhost:{self.installation.mailbox_port}"

    def person(self) -> dict[str, Any]:
        """A customer whom no other test uses."""
        self._next += 1
        return self.people[self._next - 1]

    def well_off(self) -> dict[str, Any]:
        """A customer whom no other test uses, with money for every payment of a test."""
        enough = "SELECT balance_minor >= %s FROM ledger.account WHERE account = %s"
        with psycopg.connect(self.installation.database_url("bank")) as connection:
            while True:
                one = self.person()
                if connection.execute(enough, (WELL_OFF_MINOR, one["accounts"][0]["id"])).fetchone() == (True,):
                    return one

    def unknown_to(self, payer: dict[str, Any]) -> dict[str, Any]:
        """A customer whom no other test uses and whom this one never paid."""
        own = [one["id"] for one in payer["accounts"]]
        paid = "SELECT 1 FROM ledger.transfer WHERE debit = ANY (%s) AND credit = ANY (%s) LIMIT 1"
        with psycopg.connect(self.installation.database_url("bank")) as connection:
            while True:
                other = self.person()
                if not connection.execute(paid, (own, [one["id"] for one in other["accounts"]])).fetchone():
                    return other

    def holdfast(self, *words: str) -> str:
        """`./holdfast WORDS --data …`; fails with what it said."""
        ran = subprocess.run(
            [sys.executable, "-m", "holdfast", *words, "--data", str(self.installation.data)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @staticmethod
    def wait_for(what: str, holds: Callable[[], Any], limit_s: float = WAIT_S_MAX) -> None:
        """Wait until it holds; fails in words at the limit."""
        deadline = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < deadline, f"not within {limit_s:.0f} s: {what}"
            time.sleep(0.1)

    def modes(self) -> dict[str, int]:
        """Groups of customers by who serves them."""
        return launching.call_door(self.installation, "GET", "/-/health")["mode_counts"]

    def away(self) -> int:
        """How many groups the main bank does not serve."""
        modes = self.modes()
        return sum(modes.values()) - sum(modes.get(name, 0) for name in ("primary", "p"))

    def expired(self, token: str) -> str:
        """A session's token as it is when its browser idled for too long; signed by the main bank's own key."""
        keys = load_keyring(self.installation.keys, "primary")
        said = keys.verify("session", token, {"primary"})
        idled = {name: said[name] - IDLE_S - 60 for name in ("issued", "began")}
        return keys.sign("session", {**{k: v for k, v in said.items() if k != "signer"}, **idled})

    def staff_code(self, role: str) -> str:
        """A code of this member of staff's authenticator, later than those before: each is taken once. The earliest that
        still holds, but for one that ends before it can be typed."""
        early = time.time() % STEP_S < STEP_S - 10
        step = max(self._steps.get(role, 0) + 1, int(time.time() // STEP_S) - (STEPS_ASIDE if early else 0))
        limit_s = STEP_S + 5
        self.wait_for("the next code", lambda: step <= int(time.time() // STEP_S) + STEPS_ASIDE, limit_s)
        self._steps[role] = step
        return code_at(self.installation.secret(f"{role}-authenticator"), step)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """The mails to an address, the newest first."""
        found: list[dict[str, Any]] = self._read(self.installation.mailbox_port, f"/mails.json?to={to}")["mails"]
        return found

    def is_fed(self) -> bool:
        """Whether the spare bank knows every profile fact of the main bank."""
        token = load_keyring(self.installation.keys, "control").call("primary", "/-/feed/profile")
        head = self._ask("primary", self.installation.bank_port, "/-/feed/profile?after=0&limit=1", token)["head"]
        known: int = self._ask("standin", self.installation.standin_port, "/-/health")["profile"]
        return known >= head

    def _ask(self, to: str, port: int, path: str, token: str = "") -> dict[str, Any]:
        """What a building says to the control room."""
        sent: dict[str, Any] = {"headers": {"Holdfast-Caller": token}, "body": None, "timeout_s": 5, "bytes_max": 10**7}
        with contextlib.closing(Lines(self.installation.keys, "control")) as lines:
            answer: dict[str, Any] = json.loads(lines.exchange(to, port, "GET", path, **sent)[1])
        return answer

    @staticmethod
    def _read(port: int, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as got:  # our own processes
            answer: dict[str, Any] = json.loads(got.read())
        return answer

    def _order(self, word: str, *orders: str) -> None:
        """`./holdfast standin WORD` the first time; then what it orders at a door, without another Python to start."""
        if word not in self._by_command:
            self._by_command.add(word)
            self.holdfast("standin", word)
            return
        for what in orders:
            body = {"what": what, "cohorts": None, "why": "a test moves everybody", "by": "a test"}
            launching.call_door(self.installation, "POST", "/-/orders", body)

    def to_spare(self) -> None:
        """Move everyone to the spare bank by hand."""
        self._order("on", "standin_on", "reads_follow")
        self.wait_for("everyone at the spare bank", lambda: self.away() == 256)

    def to_main(self) -> None:
        """Hand everyone back."""
        if self.away():
            self._order("off", "hand_back", "reads_follow")
            self.wait_for("everyone back at the main bank", lambda: self.away() == 0, 60)


@pytest.fixture(scope="session")
def bank(request: pytest.FixtureRequest) -> Iterator[Bank]:
    data = Path(tempfile.mkdtemp(prefix="holdfast-browser-"))
    (data / installing.DEMO_MARK).touch()
    child, installation = launching.launch(data, free_port_base())
    try:
        customers = max(CUSTOMERS, len(request.session.items) * 2)  # each test has a customer of its own, some two
        launching.module(installation, "holdfast.bank", "fill", "--customers", str(customers), "--seed", str(SEED))
        launching.wait_until_served(installation)
        people = json.loads((data / "bank" / "logins.json").read_text())
        yield Bank(installation, [one for one in people if not one["role"] and one["accounts"]])
    finally:
        launching.end(child, data)
        if child.stdout:
            child.stdout.close()
        installing.remove_demo(data)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def open_visitor(bank: Bank, browser: Browser) -> Callable[..., Visitor]:
    """Make visitors who stay until closed: width, keyboard (with JavaScript off, unless it is said), dark;
    app: the browser keeps the app's worker, which takes what is asked before the tests can look at it."""

    def make(
        width: int = 1280,
        keyboard: bool = False,
        dark: bool = False,
        scripts: bool | None = None,
        language: str = "en",
        *,
        app: bool = False,
    ) -> Visitor:
        def page(with_scripts: bool) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                java_script_enabled=with_scripts,
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
                service_workers="allow" if app else "block",
            )
            context.set_default_timeout(PAGE_MS_MAX)
            context.add_cookies([{"name": "hf_language", "value": language, "url": bank.door}])
            return context.new_page()

        scripts = not keyboard if scripts is None else scripts
        return Visitor(bank, page(scripts), keyboard, None if scripts else page(True))

    return make


@pytest.fixture
def visit(open_visitor: Callable[..., Visitor]) -> Iterator[Callable[..., Visitor]]:
    """Make visitors who leave at the end of the test."""
    made: list[Visitor] = []

    def make(*how: Any, **more: Any) -> Visitor:
        made.append(open_visitor(*how, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def draw() -> random.Random:
    """The run's luck, by the seed in the header."""
    return random.Random(SEED)


WAYS = {"keyboard, no JavaScript, 360 px, Norwegian": (360, True, "nb"), "mouse, 1280 px, English": (1280, False, "en")}
"""The two ways in which each task is done; the second only in the long tests."""


@pytest.fixture(params=[pytest.param(way, marks=[pytest.mark.long] if "mouse" in way else []) for way in WAYS])
def visitor(request, bank, visit):
    """Somebody who is logged in at the main bank, on their overview."""
    bank.to_main()
    width, keyboard, language = WAYS[request.param]
    made = visit(width, keyboard, language=language)
    made.person = bank.well_off()
    made.log_in()
    made.at("overview").check()
    assert made.page.locator("html").get_attribute("lang") == language
    return made
