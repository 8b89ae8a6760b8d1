"""The spare bank as a process in tests, with its keys and those of who calls it, between a fake bank and fake doors."""

import http.client
import http.cookies
import itertools
import json
import random
import re
import select
import shutil
import signal
import socket
import threading
import time
import urllib.parse
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fakes import DAY, E2, FakeBank, FakeDoors, serve, transfer
from nursery import CHEAP, Child, Nursery

from holdfast import settings
from holdfast.contracts import blocks
from holdfast.contracts.factors import Factors, plain_code, recovery_digest
from holdfast.contracts.journal import Entry, entry_from_wire
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.inside import Inside
from holdfast.signing.lines import Line
from holdfast.standin.vault import FILE, Vault

PASSWORD = "correct horse"
VERIFIER = PasswordHasher(**CHEAP).hash(PASSWORD)
SALT = "5a" * 32
WORLD_CODES = [f"wxyz-efgh-jkmn-pqr{one}" for one in "abcdefghjk"]
LIMITS = {
    "normal": {"per_payment_minor": 10**9, "per_day_minor": 10**9, "payments_per_minute_max": 100},
    "spare": {"per_payment_minor": 500_000, "per_day_minor": 900_000, "payments_per_minute_max": 40},
    "spare_cohort_minor": 800_000,
    "spare_total_minor": 1_500_000,
}
BANK = {
    "name": "Test Bank",
    "currency": "NOK",
    "business_date": DAY.isoformat(),
    "settlement": 1,
    "suspense": 2,
    "clearing": 3,
    "loss": 4,
    "compensation": 5,
    "fees": 6,
}
# account: (number, title, cohort, owner)
ACCOUNTS = {
    10: ("1234.56.00010", "Everyday", 5, 17),
    11: ("1234.56.00011", "Savings", 5, 17),
    20: ("1234.56.00020", "Bea Example", 9, 18),
    30: ("1234.56.00030", "Cam Example", 7, 19),
}


def vault(folder: Path) -> Vault:
    """The keys of stores in this folder."""
    return Vault(folder / "keys" / FILE)


def free_base() -> int:
    """A port base whose ports 2 to 4 are free."""
    for _ in range(200):
        base = random.randrange(12_000, 32_000, 12)
        try:
            for offset in (2, 3, 4):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        return base
    raise RuntimeError("no free ports")


class Answer:
    """One HTTP answer, read whole."""

    def __init__(self, raw: http.client.HTTPResponse) -> None:
        self.status = raw.status
        self.headers = raw.headers
        self.text = raw.read().decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    def mark(self, name: str) -> str:
        """The first value of a data mark on the page, empty without one."""
        found = re.search(rf'{name}="([^"]*)"', self.text)
        return found.group(1) if found else ""

    @property
    def outcome(self) -> str:
        """The outcome header's first word."""
        return (self.headers.get("Holdfast-Outcome") or " ").split(" ")[0]


class World:
    """Keys, folders, fakes and the process."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self.nursery = nursery
        self.place = settings.Installation(data=folder, port_base=free_base(), bank_name="Test Bank")
        settings.write(self.place)
        shutil.copytree(nursery.keys(), self.place.keys, dirs_exist_ok=True)
        self.calling = Inside(self.place.keys, "door", serves=False)
        self.bank, self.doors = FakeBank(), FakeDoors()
        self.codes_used: dict[int, int] = {}
        self._seed()
        self._servers = [
            serve(self.place, "primary", lambda path, query, _: self.bank.answer(path, query)),
            serve(self.place, "door", lambda path, _, body: self.doors.answer(path, body)),
        ]
        self.process: Child | None = None
        self._kept, self._thread = self.link(), threading.get_ident()

    def key(self, name: str) -> Keyring:
        """A building's keyring."""
        return load_keyring(self.place.keys, name)

    def _seed(self) -> None:
        own = [
            blocks.AccountChange(number, f"bank-{number}", "NOK", "debit" if number == 1 else "credit", -(10**15), 0, 0)
            for number in range(1, 7)
        ]
        theirs = [
            blocks.AccountChange(number, "customer", "NOK", "credit", 0, 0, body[2])
            for number, body in ACCOUNTS.items()
        ]
        self.bank.add(*own, *theirs)
        self.bank.add(*(transfer(1, number, 1_000_000, kind="deposit", payer="Opening") for number in ACCOUNTS))
        self.bank.say("bank", "bank", BANK)
        self.bank.say("limits", "limits", LIMITS)
        for number, (written, title, cohort, owner) in ACCOUNTS.items():
            self.bank.say(
                "account",
                number,
                {"number": written, "title": title, "product": "current", "cohort": cohort, "owners": [owner]},
            )
        for customer, name, cohort, accounts in (
            (17, "Ann Example", 5, [10, 11]),
            (18, "Bea Example", 9, [20]),
            (19, "Cam Example", 7, [30]),
        ):
            self.open_customer(customer, name.split()[0].lower(), cohort, accounts, name)

    def open_customer(
        self, number: int, username: str, cohort: int = 5, accounts: Sequence[int] = (), name: str = "Ann Example"
    ) -> None:
        """The bank tells of a customer; all have the same password, and the same recovery codes."""
        digests = tuple(recovery_digest(SALT, plain_code(code)) for code in WORLD_CODES)
        self.bank.say("factors", number, Factors("", SALT, digests).to_body())
        self.bank.say(
            "customer",
            number,
            {
                "name": name,
                "username": username,
                "cohort": cohort,
                "email": "x@example.org",
                "language": "en",
                "verifier": VERIFIER,
                "accounts": list(accounts),
                "needs": [],
            },
        )

    def second_step(self, answer: "Answer", number: int, row: str | None = None, **more: Any) -> "Answer":
        """What follows a right password, by a recovery code of this customer; the answer itself where it was wrong."""
        proof = re.search(r'name="proof" value="([^"]*)"', answer.text)
        if proof is None:
            return answer
        self.codes_used[number] = self.codes_used.get(number, 0) + 1
        form = {"proof": proof.group(1), "code": WORLD_CODES[self.codes_used[number] - 1], "kept": more.pop("kept", "")}
        return self.visit("POST", "/login", row, form=form, **more)

    def start(self, wait: bool = True) -> None:
        """Start the process and wait until it is fed."""
        self.process = self.nursery.start(self.place.data, self.place.data / "standin.log")
        if wait:
            self.until(
                lambda: (
                    self.health()["ok"]
                    and self.health()["block"] >= len(self.bank.blocks)
                    and self.health()["serving"] > 0
                )
            )

    def log(self) -> str:
        """What the process wrote."""
        return (self.place.data / "standin.log").read_text()

    def until(self, holds: Any, within_s: float = 8.0) -> None:
        """Wait until it holds, or fail with the process's log."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise AssertionError(f"it did not come to hold\n{self.log()[-3000:]}")

    def fed(self) -> None:
        """Wait until the copy has all blocks and facts."""
        self.until(
            lambda: (
                self.health()["block"] == len(self.bank.blocks)
                and self.health()["profile"] == self.bank.facts[-1]["number"]
            )
        )

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the process; its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(5)

    def end(self) -> None:
        """End everything."""
        self._kept.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def link(self) -> Line:
        """A connection to the spare bank, as a door has one."""
        return Line("standin", self.place.standin_port, self.calling, 10)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request by a door's certificate: on a connection that is kept, as a door keeps them, but for threads of a
        test's own."""
        if threading.get_ident() == self._thread:
            return self._ask_kept(method, path, body, headers)
        link = self.link()
        try:
            link.request(method, path, body, headers or {})
            return Answer(link.getresponse())
        finally:
            link.close()

    def _ask_kept(self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None) -> Answer:
        sock = self._kept.sock
        if sock is not None and select.select([sock], [], [], 0)[0]:
            self._kept.close()  # the other end closed it; it is opened anew
        try:
            self._kept.request(method, path, body, headers or {})
            return Answer(self._kept.getresponse())
        except BaseException:
            self._kept.close()
            raise

    def health(self) -> Any:
        """The health page."""
        return self.request("GET", "/-/health").json()

    def call(self, who: str, method: str, path: str, body: Any = None) -> Answer:
        """One building's signed call."""
        raw = json.dumps(body).encode() if body is not None else None
        headers = {"Holdfast-Caller": self.key(who).call("standin", path.partition("?")[0], raw or b"")}
        return self.request(method, path, raw, headers)

    def journal(self) -> list[Entry]:
        """All entries, each checked and in a whole chain."""
        answer = self.call("primary", "GET", "/-/journal?after=0&limit=5000").json()
        entries = [entry_from_wire(raw) for raw in answer["entries"]]
        assert answer["position"] == len(entries)
        for before, after in itertools.pairwise(entries):
            assert (after.number, after.previous) == (before.number + 1, before.hash())
        return entries

    def row(  # noqa: PLR0917  # as a door writes it
        self,
        cohort: int | None = 5,
        epoch: int = E2,
        mode: str = "standin",
        bank: str = "standin",
        request: str = "",
        network: str = "",
    ) -> str:
        """A signed row."""
        return self.key("door").sign(
            "row",
            {
                "cohort": cohort,
                "mode": mode,
                "epoch": epoch,
                "forced": 0,
                "bank": bank,
                "request": request or uuid.uuid4().hex,
                "network": network,
                "at": time.time(),
            },
        )

    def visit(  # noqa: PLR0917  # read in this order everywhere
        self,
        method: str,
        path: str,
        row: str | None = None,
        cookies: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One customer's request as a door sends it."""
        given = {"Holdfast-Row": row if row is not None else self.row()}
        if method != "GET":
            given["Origin"] = self.place.door_origin
        if cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form).encode()
            given["Content-Type"] = "application/x-www-form-urlencoded"
        return self.request(method, path, body, given | (headers or {}))

    def session(self, customer: int = 17, cohort: int = 5, signer: str = "standin", **more: Any) -> dict[str, str]:
        """A session cookie signed by a bank."""
        now = time.time()
        said = {
            "session": uuid.uuid4().hex,
            "customer": customer,
            "cohort": cohort,
            "factors": ["passkey"],
            "began": now,
            "issued": now,
            "epoch": E2,
        } | more
        return {"hf_standin" if signer == "standin" else "hf_bank": self.key(signer).sign("session", said)}

    def form(
        self, ident: uuid.UUID | None = None, epoch: int = E2, signer: str = "standin", cohort: int = 5, **fields: str
    ) -> dict[str, str]:
        """A filled pay form with a birth."""
        ident = ident or uuid.uuid4()
        birth = self.key(signer).sign("birth", {"id": ident.hex, "cohort": cohort, "epoch": epoch})
        return {
            "id": str(ident),
            "birth": birth,
            "from": "10",
            "to": "1234.56.00020",
            "name": "Bea Example",
            "amount": "10.00",
            "text": "hello",
        } | fields

    def pay(self, form: dict[str, str], row: str | None = None, cookies: dict[str, str] | None = None) -> Answer:
        """Send the pay form."""
        return self.visit("POST", "/pay", row, cookies or self.session(), form)


def cookies_of(answer: Answer) -> dict[str, str]:
    """The cookies that an answer sets."""
    jar = http.cookies.SimpleCookie()
    for value in answer.headers.get_all("Set-Cookie") or []:
        jar.load(value)
    return {name: morsel.value for name, morsel in jar.items()}
