"""Small buildings that answer over real HTTP as docs/reference/wire.md says, and can be broken."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from inside import BuildingServer

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.settings import Installation
from holdfast.signing import Keyring, load_keyring

Answer = tuple[int, dict[str, Any]]
NAMES = {"bank": "primary", "standin": "standin", "doors": "door"}


class Building:
    """One building on its own port; `paths` maps a path to what answers it."""

    def __init__(self, installation: Installation, name: str) -> None:
        self.port = {
            "bank": installation.bank_port,
            "standin": installation.standin_port,
            "doors": installation.door_internal_port,
        }[name]
        self._keys = installation.keys
        self.keyring: Keyring = load_keyring(installation.keys, NAMES[name])
        self.paths: dict[str, Callable[[dict[str, str], bytes], Answer]] = {}
        self.calls: list[tuple[str, bytes]] = []
        self.stalled = False
        self._server: BuildingServer | None = None

    def start(self) -> None:
        """Listen."""
        building = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                building.answer(self, b"")

            def do_POST(self) -> None:
                building.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *args: object) -> None:
                pass

        self._server = BuildingServer(("127.0.0.1", self.port), Handler, self._keys, self.keyring.name)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """One request: check the caller, look the path up."""
        parts = urlsplit(handler.path)
        self.calls.append((parts.path, body))
        while self.stalled:
            time.sleep(0.05)
        found = self.paths.get(parts.path)
        status, said = (404, {}) if found is None else found({k: v[0] for k, v in parse_qs(parts.query).items()}, body)
        if parts.path != "/-/health":
            try:
                self.keyring.verify_call(handler.headers.get(CALLER_HEADER), parts.path, {"control"}, body)
            except BadToken:
                status, said = 403, {}
        raw = json.dumps(said).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)


class Town:
    """Bank, spare bank and doors together, and the register they act on."""

    def __init__(self, installation: Installation) -> None:
        self.bank, self.standin, self.doors = (Building(installation, name) for name in ("bank", "standin", "doors"))
        self.modes = ["primary"] * 256
        self.events: list[dict[str, Any]] = []
        self.bundles: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.findings: list[dict[str, Any]] = []
        self.bank.paths = {
            "/-/health": lambda _q, _b: (200, {"ok": True, "block": 100, "standin_block": 100}),
            "/-/feed/profile": self._profile,
            "/-/prove": lambda _q, _b: (200, {"findings": [], "block": 120, "hash": "00"}),
            "/-/refunds": lambda _q, _b: (200, {"refunds": self.refunds}),
        }
        self.standin.paths = {
            "/-/health": lambda _q, _b: (
                200,
                {"ok": True, "block": 100, "serving": self.modes.count("standin"), "unreplayed": 3},
            ),
            "/-/prove": lambda _q, _b: (200, {"findings": self.findings, "block": 100, "hash": "00", "position": 0}),
        }
        self.doors.paths = {
            "/-/health": lambda _q, _b: (
                200,
                {"ok": True, "door": "door 1", "mode_counts": {m: self.modes.count(m) for m in set(self.modes)}},
            ),
            "/-/rows": lambda _q, _b: (
                200,
                {"generation": 1, "rows": [[n, mode, 1, 0] for n, mode in enumerate(self.modes)]},
            ),
            "/-/events": self._events,
            "/-/bundle": self._bundle,
            "/-/orders": self._order,
        }

    def __enter__(self) -> "Town":
        for building in (self.bank, self.standin, self.doors):
            building.start()
        return self

    def __exit__(self, *_: object) -> None:
        for building in (self.bank, self.standin, self.doors):
            building.stalled = False
            building.stop()

    def tell(self, kind: str, words: str, **data: Any) -> None:
        """One event of door 1, now."""
        self.events.append(
            {
                "number": len(self.events) + 1,
                "at": time.time(),
                "door": "door 1",
                "kind": kind,
                "words": words,
                "data": data,
            }
        )

    def _profile(self, query: dict[str, str], _body: bytes) -> Answer:
        after = int(query["after"])
        return 200, {"head": len(self.facts), "facts": [fact for fact in self.facts if fact["number"] > after]}

    def _events(self, query: dict[str, str], _body: bytes) -> Answer:
        after, deadline = int(query["after"]), time.monotonic() + int(query.get("wait_ms", 0)) / 1000
        while (
            not (fresh := [event for event in self.events if event["number"] > after]) and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        return 200, {"events": fresh}

    def _bundle(self, _query: dict[str, str], body: bytes) -> Answer:
        try:
            bundle = self.doors.keyring.verify_large("bundle", body.decode(), {"control"})
        except BadToken as error:
            return 409, {"error": str(error)}
        if self.bundles and bundle["number"] <= self.bundles[-1]["number"]:
            return 409, {"error": "not newer"}
        self.bundles.append(bundle)
        return 200, {"number": bundle["number"]}

    def _order(self, _query: dict[str, str], body: bytes) -> Answer:
        self.orders.append(json.loads(body))
        return 200, {"order": len(self.orders)}


def customer_fact(
    number: int, cohort: int, language: str = "en", needs: tuple[str, ...] = (), name: str = ""
) -> dict[str, Any]:
    """A `customer` fact as the bank's feed tells it."""
    return {
        "number": number,
        "kind": "customer",
        "key": str(number),
        "body": {
            "name": name or f"Customer {number}",
            "username": f"u{number}",
            "cohort": cohort,
            "email": f"c{number}@mail.example",
            "language": language,
            "verifier": "",
            "accounts": [number],
            "needs": list(needs),
        },
    }


def wait_until(what: Callable[[], Any], seconds: float, words: str) -> Any:
    """Poll until it is so; fails with the words otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.03)
    raise AssertionError(f"after {seconds} s still not: {words}")
