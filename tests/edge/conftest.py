"""Two real door processes before two pretended banks, whose behaviour each test sets."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from holdfast_tests import free_port_base
from inside import make_keys

from holdfast.contracts.epochs import Row
from holdfast.edge.register import Register, create
from holdfast.settings import Installation, write
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.inside import Inside
from holdfast.signing.lines import Line

sys.path.insert(0, str(Path(__file__).parent))  # what several test modules share: behaviours.py

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PretendBank:
    """One bank outside the doors: records what it was asked, answers as `behave` says."""

    def __init__(self, name: str, port: int, keyring: Keyring, keys: Path) -> None:
        self.inside = Inside(keys, name, serves=True)
        self.name, self.port, self.keyring = name, port, keyring
        self.asked: list[tuple[str, str, dict[str, Any], bytes]] = []
        self.headers: list[Mapping[str, str]] = []
        self.behave: Behaviour | None = None
        self.position = 0
        self.closed: list[list[int]] = []
        self.differences: list[Any] = []
        self.findings: list[Any] = []
        self.newest = 0
        self.loop = asyncio.new_event_loop()
        self.runner: web.AppRunner | None = None
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.open()

    def open(self) -> None:
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(5)

    def shut(self) -> None:
        if self.runner:
            asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(5)
            self.runner = None

    def end(self) -> None:
        self.shut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    async def _open(self) -> None:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/-/{rest:.*}", self._internal)
        app.router.add_route("*", "/{rest:.*}", self._customer)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.inside)
        await site.start()

    async def _internal(self, request: web.Request) -> web.Response:
        if request.path == "/-/health":
            return web.json_response({"ok": True})
        said, raw = request.headers.get("Holdfast-Caller"), await request.read()
        assert self.keyring.verify_call(said, request.path, {"door"}, raw) == "door"
        body = json.loads(raw) if raw else {}
        match request.path:
            case "/-/epochs":
                return web.json_response({"newest": self.newest})
            case "/-/position":
                return web.json_response({"position": self.position})
            case "/-/close":
                self.closed += [row for row in body["rows"] if row not in self.closed]
                return web.json_response({"position": self.position})
            case "/-/replay":
                return web.json_response({"replayed_to": body["to"]})
            case "/-/reconcile":
                return web.json_response({"accounts": 3, "differences": self.differences, "block": 9})
            case "/-/prove":
                return web.json_response({"findings": self.findings, "block": 9, "hash": ""})
        return web.Response(status=404)

    async def _customer(self, request: web.Request) -> web.StreamResponse:
        row = self.keyring.verify("row", request.headers["Holdfast-Row"], {"door"})
        self.headers.append(request.headers.copy())
        self.asked.append((request.method, request.path_qs, row, await request.read()))
        if self.behave:
            return await self.behave(request)
        return web.Response(text=f"{self.name} {row['cohort']} {row['epoch']}")


class Doors:
    """The doors, their banks and a customer's view of them."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        make_keys(installation.keys, "door", "primary", "standin", "control", "runtime")
        self.calling = Inside(installation.keys, "runtime", serves=False)
        self.keys = {
            name: load_keyring(installation.keys, name) for name in ("door", "primary", "standin", "control", "runtime")
        }
        create(installation.folder("edge") / "register.sqlite")
        self.open_register()
        self.primary = PretendBank("primary", installation.bank_port, self.keys["primary"], installation.keys)
        self.standin = PretendBank("standin", installation.standin_port, self.keys["standin"], installation.keys)
        self.children: dict[int, subprocess.Popen[bytes]] = {}
        for number in (1, 2):
            self.start(number)
        self.wait(lambda: len([e for e in self.register.events(0) if e["kind"] == "door"]) >= 2)

    def start(self, number: int) -> None:
        environment = {**os.environ, "HOLDFAST_DATA": str(self.installation.data), "PYTHONPATH": "src"}
        with (self.installation.data / f"door-{number}.log").open("ab") as log:
            self.children[number] = subprocess.Popen(
                [sys.executable, "-m", "holdfast.edge", str(number)], env=environment, stdout=log
            )

    def open_register(self) -> None:
        """Look at the register as it is now."""
        self.register = Register(self.installation.folder("edge") / "register.sqlite", "test")

    def end_doors(self) -> None:
        for child in self.children.values():
            child.send_signal(signal.SIGTERM)
        for child in self.children.values():
            child.wait(8)

    def forget(self) -> None:
        """Wait until both doors have forgotten what failed in earlier tests."""
        self.wait(lambda: not any(self.health(n)["failing_groups"] for n in (1, 2)))

    def reset(self) -> None:
        """Both banks well and every cohort at the primary again."""
        for bank in (self.primary, self.standin):
            bank.behave = None
            bank.asked.clear()
            bank.closed.clear()
            bank.differences = []
            bank.findings = []
            if bank.runner is None:
                bank.open()
        with contextlib.suppress(sqlite_error()):
            self.register._db.execute("UPDATE row SET mode = 'primary', epoch = epoch + 2, forced = 0")
            self.register._db.execute("UPDATE standing SET ended = 0 WHERE ended IS NULL")
            self.register._db.execute("DELETE FROM reading")
        rows = self.register.rows()
        self.wait(lambda: all(self.rows_of(n) == {"primary": 256} for n in (1, 2)))
        newest = max(row.epoch for row in rows)
        self.wait(
            lambda: all(self.health(n)["standin_answers"] and self.health(n)["newest_epoch"] == newest for n in (1, 2))
        )
        assert len(rows) == 256

    def rows_of(self, number: int) -> dict[str, int]:
        return self.health(number)["mode_counts"]

    def health(self, number: int) -> dict[str, Any]:
        import json

        status, _, body = self.request("GET", "/-/health", port=self.installation.door_own_port(number))
        assert status == 200
        return json.loads(body)

    def row(self, cohort: int) -> Row:
        return self.register.rows()[cohort]

    def wait(self, done: Callable[[], bool], wait_s: float = 8.0) -> None:
        deadline = time.monotonic() + wait_s
        while True:
            with contextlib.suppress(OSError, AssertionError, http.client.HTTPException):
                if done():
                    return
            assert time.monotonic() < deadline, "not within its time"
            time.sleep(0.02)

    def cookie(self, cohort: int) -> str:
        return f"hf_cohort={self.keys['door'].sign('cohort', {'cohort': cohort})}"

    def birth(self, ident: str, cohort: int, epoch: int | None = None, signer: str = "primary") -> str:
        return self.keys[signer].sign(
            "birth", {"id": ident, "cohort": cohort, "epoch": self.row(cohort).epoch if epoch is None else epoch}
        )

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        port: int | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """As a customer; on another port as a building."""
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.door_port, timeout=8)
        if port:
            connection = Line("door", port, self.calling, 8)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def pay(self, cohort: int, ident: str | None = None, birth: str | None = None) -> tuple[int, dict[str, str], bytes]:
        from urllib.parse import urlencode

        ident = ident or uuid.uuid4().hex
        body = urlencode(
            {"id": ident, "birth": self.birth(ident, cohort) if birth is None else birth, "amount": "1"}
        ).encode()
        return self.request(
            "POST", "/pay", body, {"Cookie": self.cookie(cohort), "Content-Type": "application/x-www-form-urlencoded"}
        )

    def internal(self, method: str, path: str, body: Any = None, caller: str = "control") -> tuple[int, Any]:
        import json

        sent = None if body is None else json.dumps(body).encode()
        headers = {"Holdfast-Caller": self.keys[caller].call("door", path.partition("?")[0], sent or b"")}
        status, _, raw = self.request(
            method,
            path,
            sent,
            headers,
            port=self.installation.door_internal_port,
        )
        return status, json.loads(raw)

    def end(self) -> None:
        self.end_doors()
        self.primary.end()
        self.standin.end()
        self.register.close()


def sqlite_error() -> type[Exception]:
    import sqlite3

    return sqlite3.OperationalError


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    installation = Installation(data=Path(tmp_path_factory.mktemp("doors")), port_base=free_port_base())
    write(installation)
    made = Doors(installation)
    yield made
    made.end()


@pytest.fixture
def doors(running: Doors) -> Doors:
    running.reset()
    return running
