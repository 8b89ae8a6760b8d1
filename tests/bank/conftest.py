"""One PostgreSQL and one small bank for all tests of the primary bank; each test opens people of its own.

The spare bank and a door are small HTTP servers on the ports where the bank expects them.
"""

import contextlib
import itertools
import json
import os
import random
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from inside import BuildingServer, make_keys

from holdfast.contracts.epochs import FIRST_EPOCH, Mode
from holdfast.contracts.journal import GENESIS_HASH, Entry, Payment
from holdfast.settings import Installation, write
from holdfast.signing import load_keyring

sys.path.insert(0, str(Path(__file__).parent))  # what several test modules share: enrolling.py


def _free_base() -> int:
    for base in random.SystemRandom().sample(range(21000, 29000, 20), 400):  # other clones test at the same time
        try:
            for offset in (2, 3, 4):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        return base
    raise RuntimeError("no free ports")


DATA = Path(tempfile.mkdtemp(prefix="holdfast-bank-test-"))
HOME = Installation(data=DATA, port_base=_free_base())
write(HOME)
make_keys(HOME.keys, "door", "primary", "standin", "control", "runtime", "clearing", "network")
KEYS = {
    name: load_keyring(HOME.keys, name)
    for name in ("door", "standin", "control", "clearing", "primary", "runtime", "network")
}
os.environ["HOLDFAST_DATA"] = str(DATA)
os.environ["HOLDFAST_BANK_DATABASE_URL"] = "postgresql://nobody:none@127.0.0.1:1/none"
os.environ["HOLDFAST_BANK_ROLE"] = "job"
os.environ["DJANGO_SETTINGS_MODULE"] = "holdfast.bank.config"

import django  # noqa: E402
from argon2 import PasswordHasher, Type  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from holdfast.bank import books as bank_books  # noqa: E402
from holdfast.bank import commands  # noqa: E402
from holdfast.bank.customers import opening, passwords, sessions  # noqa: E402
from holdfast.bank.customers.models import Customer  # noqa: E402
from holdfast.bank.filling.fill import fill_bank  # noqa: E402
from holdfast.ledger.api import Post  # noqa: E402
from holdfast.runtime.postgres import temporary  # noqa: E402

REAL_HASHER = passwords._hasher
# The strength of passwords is no part of these tests, but for the one that looks at it (test_sessions.py).
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.ID)
passwords._NOBODY = passwords._hasher.hash("a password that nobody has")
_numbers = itertools.count(500_000)
_cohorts = itertools.count(0)


def _connect(url: str) -> None:
    """From now on the bank's own connections are to this database, under this role."""
    parts = urlsplit(url)
    settings.DATABASE_URL = url
    connections.close_all()
    for target in (settings.DATABASES["default"], connections["default"].settings_dict):
        target.update(
            HOST=parts.hostname,
            PORT=str(parts.port),
            USER=parts.username,
            PASSWORD=parts.password,
            NAME=parts.path.lstrip("/"),
        )


@pytest.fixture(scope="session", autouse=True)
def bank() -> Iterator[Installation]:
    """The bank, filled with six customers."""
    with temporary(lasting=False) as url:
        parts = urlsplit(url)
        settings.WORKING_URL = parts._replace(
            netloc=f"holdfast_working:of-the-tests@{parts.hostname}:{parts.port}"
        ).geturl()
        settings.OWNER_URL = url
        _connect(url)
        commands.migrate()
        _connect(settings.WORKING_URL)
        fill_bank(6, 1, 1, None)
        bank_books.rows.refresh(at_once=True)
        yield HOME
        connections.close_all()
        bank_books.books().close()
        bank_books.reader().close()


@contextlib.contextmanager
def _owner() -> Iterator[None]:
    known = settings.DATABASE_URL
    _connect(settings.OWNER_URL)
    try:
        yield
    finally:
        _connect(known)


@pytest.fixture
def as_owner(bank: Installation) -> Iterator[None]:
    """Under the role that owns the tables, as commands work; pages and jobs have less rights."""
    with _owner():
        yield


@pytest.fixture(scope="module")
def module_as_owner(bank: Installation) -> Iterator[None]:
    """As as_owner, for all tests of a module."""
    with _owner():
        yield


class Other:
    """Another building, as small as a test needs: answers by path, and what it was asked."""

    def __init__(self, name: str, port: int) -> None:
        self.answers: dict[str, Callable[[dict[str, str], Any], dict[str, Any]]] = {}
        self.asked: list[tuple[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                parts = urlsplit(self.path)
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
                outer.asked.append((parts.path, body))
                found = outer.answers.get(parts.path)
                raw = json.dumps(
                    found({k: v[0] for k, v in parse_qs(parts.query).items()}, body) if found else {}
                ).encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = _do

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = BuildingServer(("127.0.0.1", port), Handler, HOME.keys, name)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="session")
def door() -> Iterator[Other]:
    """A door that grants every claim but those in `denied`, and knows the rows in `rows`."""
    made = Other("door", HOME.door_internal_port)
    made.denied = set()  # type: ignore[attr-defined]
    made.rows = []  # type: ignore[attr-defined]
    made.answers["/-/claims"] = lambda _, body: {
        "granted": [c[0] for c in body["claims"] if c[0] not in made.denied],  # type: ignore[attr-defined]
        "denied": [c[0] for c in body["claims"] if c[0] in made.denied],
    }  # type: ignore[attr-defined]
    made.answers["/-/rows"] = lambda *_: {"generation": 1, "rows": made.rows}  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def control_desk() -> Iterator[Other]:
    """The control room's desk for customers, which answers nothing yet."""
    made = Other("control", HOME.support_port)
    yield made
    made.close()


class Journal:
    """The spare bank's journal; grows through all tests, as the real one does."""

    def __init__(self, other: Other) -> None:
        self.entries: list[Entry] = []
        other.answers["/-/journal"] = self._read

    def _read(self, query: dict[str, str], _: Any) -> dict[str, Any]:
        after = int(query["after"])
        return {
            "position": len(self.entries),
            "entries": [e.to_wire() for e in self.entries[after : after + int(query["limit"])]],
        }

    def add(self, kind: str, body: dict[str, Any], cohort: int = 0, epoch: int = FIRST_EPOCH + 1) -> Entry:
        previous = self.entries[-1].hash() if self.entries else GENESIS_HASH
        entry = Entry(len(self.entries) + 1, previous, kind, cohort, epoch, int(time.time() * 1e6), body)
        self.entries.append(entry)
        return entry

    def payment(self, kind: str, payment: Payment, reason: str = "ok", **more: Any) -> Entry:
        return self.add(
            kind,
            {
                "payment": payment.to_wire(),
                "reason": reason,
                "rules_version": "t",
                "fresh_block": 1,
                "birth": FIRST_EPOCH + 1,
                **more,
            },
            payment.cohort,
        )


@pytest.fixture(scope="session")
def standin() -> Iterator[Other]:
    made = Other("standin", HOME.standin_port)
    yield made
    made.close()


@pytest.fixture(scope="session")
def journal(standin: Other) -> Journal:
    return Journal(standin)


def epoch_served(cohort: int) -> int:
    """An epoch under which this bank serves a cohort."""
    known = bank_books.rows.row(cohort)
    return known.epoch if known.mode is Mode.PRIMARY else known.epoch + 1


class Person:
    """A customer with one account, and a browser behind a door."""

    def __init__(self, balance_minor: int, cohort: int, name: str = "", floor_minor: int = 0, flags: int = 0) -> None:
        number = next(_numbers)
        self.id, self.account, self.number, self.cohort = number, number, f"T{number}", cohort
        self.name = name or f"Person {number}"
        made = opening.Opening(
            [opening.NewCustomer(number, self.name, f"user{number}", cohort)],
            [opening.NewAccount(number, self.number, "Everyday", "current", "NOK", cohort, (number,), floor_minor)],
        )
        opening.open_all(made)
        if balance_minor:
            bank_books.books().post(
                Post(
                    id=uuid.uuid4(),
                    debit=1,
                    credit=number,
                    amount_minor=balance_minor,
                    currency="NOK",
                    kind="opening",
                    value_date=date(2026, 1, 1),
                    cohort=cohort,
                    epoch=bank_books.rows.row(cohort).epoch,
                    cause="test",
                )
            )
        self.client = Client()
        self.epoch = bank_books.rows.row(cohort).epoch

    def log_in(self, *factors: str) -> "Person":
        """factors: what was shown, a password and a code without any."""
        factors = factors or ("password", "authenticator")
        customer = Customer.objects.get(id=self.id)
        session = sessions.begin_session(customer, self.epoch, factors)
        self.client.cookies["hf_bank"] = sessions.session_cookie(session, self.epoch)
        return self

    def row(self, **more: Any) -> str:
        """A door's row, by default this person's; of another cohort under the epoch in which this bank serves it, as
        other tests may have moved it."""
        cohort = more.get("cohort")
        if cohort is not None and cohort != self.cohort:
            more = {"epoch": epoch_served(cohort), **more}
        return KEYS["door"].sign(
            "row",
            {
                "cohort": self.cohort,
                "mode": "primary",
                "epoch": self.epoch,
                "forced": 0,
                "bank": "primary",
                "request": uuid.uuid4().hex,
                "at": time.time(),
                **more,
            },
        )

    def get(self, path: str, **row: Any) -> Any:
        return self.client.get(path, headers={"Holdfast-Row": self.row(**row)})

    def post(self, path: str, form: dict[str, Any], headers: dict[str, str] | None = None, **row: Any) -> Any:
        return self.client.post(
            path, form, headers={"Holdfast-Row": self.row(**row), "Origin": HOME.door_origin, **(headers or {})}
        )

    def birth(self, ident: uuid.UUID, epoch: int | None = None, signer: str = "primary") -> str:
        return KEYS[signer].sign("birth", {"id": ident.hex, "cohort": self.cohort, "epoch": epoch or self.epoch})

    def form(self, to: "Person", amount: str, ident: uuid.UUID | None = None, **more: Any) -> dict[str, Any]:
        ident = ident or uuid.uuid4()
        return {
            "id": str(ident),
            "birth": self.birth(ident),
            "from": self.account,
            "to": to.number,
            "name": to.name,
            "amount": amount,
            "text": "for lunch",
            **more,
        }

    @property
    def balance(self) -> int:
        return bank_books.reader().accounts([self.account])[self.account].balance_minor


def _clean_cohort() -> int:
    """A cohort that no test has moved yet; there are fewer of them than tests."""
    for _ in range(256):
        cohort = next(_cohorts) % 256
        row = bank_books.rows.row(cohort)
        if (row.mode, row.epoch, row.forced) == (Mode.PRIMARY, FIRST_EPOCH, 0):
            return cohort
    raise RuntimeError("every cohort was moved by some test")


class Town:
    """People of one test, in a cohort of their own."""

    def __init__(self) -> None:
        self.cohort = _clean_cohort()
        self.ann = Person(100_000, self.cohort).log_in()
        self.ben = Person(0, self.cohort, name="Ben Builder")

    def person(self, balance_minor: int, **more: Any) -> Person:
        return Person(balance_minor, more.pop("cohort", self.cohort), **more)

    def payment(self, debit: int, credit: int, amount_minor: int, ident: uuid.UUID | None = None) -> Payment:
        return Payment(
            ident or uuid.uuid4(),
            debit,
            credit,
            amount_minor,
            "NOK",
            "payment",
            date(2026, 3, 2),
            self.cohort,
            "form",
            "Ann",
            "Ben",
            "by the spare bank",
            self.ann.id,
        )


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost customers."""
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    monkeypatch.setattr(passwords, "_NOBODY", REAL_HASHER.hash("a password that nobody has"))


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def call() -> Callable[..., Any]:
    """Call an internal address as another building."""

    def _call(path: str, body: Any = None, by: str = "door", **query: Any) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"Holdfast-Caller": KEYS[by].call("primary", path, raw)}
        if body is None:
            return Client().get(path, query, headers=headers)
        return Client().post(path, raw, content_type="application/json", headers=headers)

    return _call


@pytest.fixture
def keys() -> dict[str, Any]:
    return KEYS


@pytest.fixture
def register(door: Other) -> Iterator[Any]:
    """The doors' register of what was used once."""
    from enrolling import Used

    made = Used(door)
    yield made
    made.away()


@pytest.fixture
def no_other_loans(bank: Installation) -> None:
    """Loans of other tests are no matter of this one."""
    from holdfast.bank.charges.models import Loan

    Loan.objects.update(next_pay_on=None)
