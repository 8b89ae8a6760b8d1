"""Pictures of the main pages of a running bank into docs/pictures: on a quiet day, then in an outage made for them.

    ./holdfast up            (in one terminal)
    make pictures            (in another; `--data FOLDER` names another bank, `--to FOLDER` another place)

It pays a little between made-up customers, kills the bank's processes, mends them and hands customers back.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from holdfast.contracts.factors import STEP_S
from holdfast.runtime import installing, launching
from holdfast.settings import Installation, SettingsError, ask_supervisor, load
from holdfast.signing.onetime import code_at

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CONSOLE = (
    ("/measurements?part=bank-web", "console-measurements", "What the bank's web measures of itself"),
    ("/alerts", "console-alerts", "Alerts on a quiet day"),
    ("/service-levels", "console-levels", "Service levels and rules"),
    ("/changes", "console-changes", "What changed, and how parts are set"),
)
WIDE, PHONE = 1280, 390
HEIGHT_MIN, HEIGHT_MAX = 640, 1280
WAIT_S_MAX = 60.0


class Camera:
    """Takes pictures of one bank, and remembers what each shows."""

    def __init__(self, browser: Browser, place: Installation, out: Path) -> None:
        self.browser, self.place, self.out = browser, place, out
        self.taken: list[tuple[str, str]] = []
        people = json.loads((place.data / "bank" / "logins.json").read_text())
        plain = [one for one in people if not one.get("role") and one["accounts"]]
        self.who, self.other = plain[0], plain[1]
        self.otto = next((one for one in people if one.get("role") == "aside"), None)

    @contextmanager
    def page(self, width: int, dark: bool = False) -> Iterator[Page]:
        """A page of this width in a browser of its own."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT_MIN}, color_scheme="dark" if dark else "light"
        )
        context.add_cookies([{"name": "hf_language", "value": "en", "url": self.place.door_origin}])
        yield context.new_page()
        context.close()

    def take(self, page: Page, name: str, words: str) -> None:
        """One picture, as high as the page is, within limits."""
        width = page.viewport_size["width"] if page.viewport_size else WIDE
        page.set_viewport_size({"width": width, "height": HEIGHT_MIN})
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": min(max(height, HEIGHT_MIN), HEIGHT_MAX)})
        page.screenshot(path=str(self.out / f"{name}.png"))
        page.set_viewport_size({"width": width, "height": HEIGHT_MIN})
        self.taken.append((f"{name}.png", words))

    def open(self, page: Page, path: str) -> None:
        """An address at the front doors."""
        page.goto(self.place.door_origin + path)

    def type_password(self, page: Page, who: dict[str, Any]) -> None:
        """Username and password of a made-up customer."""
        self.open(page, "/login")
        page.fill("#username", who["username"])
        page.fill("#password", who["password"])
        page.click("button.main")

    def log_in(self, page: Page) -> None:
        """The customer of these pictures."""
        self.type_password(page, self.who)
        page.fill("#code", self.who["recovery"].pop())
        page.click("button.main")
        page.wait_for_selector("body[data-page=overview]", state="attached")

    def pay(self, page: Page, amount: str, text: str) -> None:
        """A payment, up to its receipt."""
        self.open(page, "/pay")
        page.fill("#to", self.other["accounts"][0]["number"])
        page.fill("#name", self.other["name"])
        page.fill("#amount", amount)
        page.fill("#text", text)
        page.click("main form button.main")
        page.wait_for_selector("body[data-page=receipt]", state="attached")

    def staff(self, page: Page) -> None:
        """The responder at the console."""
        page.goto(self.place.console_origin + "/login")
        page.fill("input[name=username]", "responder")
        page.fill("input[name=password]", self.place.secret("responder"))
        secret = self.place.secret("responder-authenticator")
        page.fill("input[name=code]", code_at(secret, int(time.time() // STEP_S)))
        page.click("button.main")
        page.wait_for_selector("body[data-page=now]", state="attached")


def quiet_day(camera: Camera) -> None:
    """Both widths, nothing wrong."""
    with camera.page(PHONE) as page:
        camera.open(page, "/login")
        camera.take(page, "login-phone", "Log in")
        camera.log_in(page)
        camera.take(page, "overview-phone", "Overview, on a phone")
        camera.open(page, "/pay")
        page.fill("#to", "1234")
        page.fill("#amount", "12,,x")
        page.click("main form button.main")
        camera.take(page, "pay-mistakes-phone", "A payment form with mistakes: what was typed is kept")
        camera.pay(page, "120.00", "Dinner")
        camera.take(page, "receipt-phone", "The receipt")
    if camera.otto:
        with camera.page(PHONE) as page:
            camera.type_password(page, camera.otto)
            page.wait_for_selector("body[data-page=login-code]", state="attached")
            camera.take(page, "login-code-phone", "The code, after the password")
    with camera.page(WIDE) as page:
        camera.log_in(page)
        camera.take(page, "overview", "Overview")
        camera.open(page, f"/accounts/{camera.who['accounts'][0]['id']}")
        camera.take(page, "account", "One account with its transactions")
        camera.open(page, "/money")
        camera.take(page, "money", "What happened to my money")
        camera.open(page, "/security")
        camera.take(page, "security", "Signing in and security")
        camera.staff(page)
        camera.take(page, "console-now", "The control room on a quiet day")
        for path, name, words in CONSOLE:
            page.goto(camera.place.console_origin + path)
            camera.take(page, name, words)


def outage(camera: Camera) -> None:
    """The same customer while the bank is dead."""
    with camera.page(WIDE) as page:
        camera.open(page, "/login")
        until("the banner", lambda: page.reload() and page.locator(".banner").count())
        camera.take(page, "outage-login", "Log in, in the outage")
        camera.log_in(page)
        camera.pay(page, "80.00", "Taxi in the outage")
        camera.take(page, "outage-receipt", "A receipt of the spare bank")
        camera.open(page, "/")
        camera.take(page, "outage-overview", "Overview, at the spare bank")
        camera.open(page, "/status")
        camera.take(page, "outage-status", "The public status page")
        page.goto(f"http://localhost:{camera.place.mailbox_port}")
        until("a mail", lambda: page.reload() and page.locator("li.row a").count())
        camera.take(page, "outage-mailbox", "The local mailbox")
        page.locator("li.row a").first.click()
        camera.take(page, "outage-mail", "A mail to a customer, with the code that proves it")
    with camera.page(PHONE) as page:
        camera.log_in(page)
        camera.take(page, "outage-overview-phone", "Overview at the spare bank, on a phone: the banner is folded")
        page.click(".banner summary")
        camera.take(page, "outage-banner-phone", "The same with the banner unfolded")
        camera.open(page, "/money")
        camera.take(page, "outage-money-phone", "What happened to my money, at the spare bank")
        camera.open(page, "/genuine?code=0000000000")
        camera.take(page, "genuine-phone", "A code that is not ours")
    with camera.page(PHONE, dark=True) as page:
        camera.log_in(page)
        camera.take(page, "outage-overview-phone-dark", "Overview at the spare bank, dark")
        camera.open(page, "/status")
        camera.take(page, "outage-status-phone-dark", "Status, dark")
    with camera.page(WIDE) as page:
        camera.staff(page)
        camera.take(page, "outage-console-now", "The control room: what is wrong, what to do next")
        page.goto(camera.place.console_origin + "/both")
        page.frame_locator("iframe").locator("body[data-page=status]").wait_for()
        camera.take(page, "outage-console-both", "Both sides at the same moment")
        page.goto(camera.place.console_origin + "/incidents")
        page.locator("main table a").first.click()
        camera.take(page, "outage-console-incident", "The incident")


def until(what: str, holds: Callable[[], Any]) -> None:
    """Wait until it holds; ends the program in words at the limit."""
    deadline = time.monotonic() + WAIT_S_MAX
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {WAIT_S_MAX:.0f} s")
        time.sleep(0.2)


def holdfast(data: Path, *words: str) -> None:
    """One command of the project."""
    source = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run(
        [sys.executable, "-m", "holdfast", *words, "--data", str(data)],
        env=source,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def hand_back(place: Installation) -> None:
    """Mend the bank and hand everyone back, as it was before."""
    holdfast(place.data, "mend", "bank")

    def away() -> int:
        modes = launching.call_door(place, "GET", "/-/health")["mode_counts"]
        return sum(modes.values()) - sum(modes.get(name, 0) for name in ("primary", "p"))

    launching.wait_until_served(place)
    if away():
        holdfast(place.data, "standin", "off")
        until("everyone back at the main bank", lambda: away() == 0)


def running(given: Path | None) -> Path:
    """The data folder of the bank that runs."""
    for folder in [given] if given else [installing.default_data("bank"), installing.default_data("demo")]:
        try:
            ask_supervisor(folder, do="status")
        except SettingsError:
            continue
        return folder
    sys.exit("no bank runs; start one with ./holdfast up")


def main() -> None:
    """Take them all, and write the list."""
    asked = argparse.ArgumentParser(description="Pictures of the main pages of a running bank.")
    asked.add_argument("--data", type=Path, help="data folder of the running bank")
    asked.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures", help="where the pictures go")
    given = asked.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is missing: sudo apt-get install chromium")
    place = load(running(given.data))
    given.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        camera = Camera(browser, place, given.to)
        quiet_day(camera)
        holdfast(place.data, "break", "bank")
        try:
            outage(camera)
        finally:
            hand_back(place)
        browser.close()
    lines = [f"- [{name}]({name}): {words}" for name, words in camera.taken]
    (given.to / "README.md").write_text(
        "# Pictures\n\nTaken by `make pictures` from a running bank with made-up customers.\n\n"
        + "\n".join(lines)
        + "\n"
    )
    size = sum((given.to / name).stat().st_size for name, _ in camera.taken)
    sys.stdout.write(f"{len(camera.taken)} pictures, {size / 1e6:.1f} MB, in {given.to}\n")


if __name__ == "__main__":
    main()
