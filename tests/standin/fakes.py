"""What the spare bank meets in tests in the place of the bank and of the doors: books that feed, rows and claims."""

import json
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inside import BuildingServer

from holdfast.contracts import blocks
from holdfast.contracts.epochs import COHORTS_COUNT, pack_epoch
from holdfast.settings import Installation

E1, E2, E3 = pack_epoch(1, 1), pack_epoch(1, 2), pack_epoch(1, 3)
DAY = date(2026, 11, 22)


def transfer(debit: int, credit: int, amount: int, **more: Any) -> blocks.Transfer:
    """A booked transfer with words."""
    note = blocks.Note(b"s" * 16, more.pop("payer", "Payer"), more.pop("payee", "Payee"), more.pop("text", ""))
    given: dict[str, Any] = {
        "id": uuid.uuid4(),
        "currency": "NOK",
        "kind": "payment",
        "value_date": DAY,
        "cohort": 5,
        "epoch": E1,
        "source": "own",
        "journal_number": -1,
        "cause": "form",
    } | more
    return blocks.Transfer(debit=debit, credit=credit, amount_minor=amount, note_hash=note.hash(), note=note, **given)


def refusal(ident: uuid.UUID, source: str = "own", **more: Any) -> blocks.Refusal:
    """A refusal in the books."""
    given: dict[str, Any] = {
        "debit": 10,
        "credit": 20,
        "amount_minor": 1000,
        "currency": "NOK",
        "kind": "payment",
        "reason": "not_enough_money",
        "rules_version": "2026.1",
        "cohort": 5,
        "epoch": E1,
        "journal_number": -1,
    } | more
    return blocks.Refusal(id=ident, source=source, **given)


LOST_S = 12.0
"""How long an answer that is to be lost is held: longer than anybody waits for it."""


class FakeBank:
    """Books and profile as the bank would feed them."""

    def __init__(self) -> None:
        self.blocks: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []
        self.last = blocks.GENESIS_HASH
        self.away = False
        self.asked_after = 0
        self.other_hash = ""
        self.differs: dict[int, int] = {}
        self.held_differs: dict[int, int] = {}
        self.rebuilds = 0
        self.slow_rebuild_s = 0.0
        self.to_lose = 0

    def add(self, *items: blocks.Item, at_us: int | None = None) -> int:
        """Append one block; its number."""
        block = blocks.Block(len(self.blocks) + 1, self.last, at_us or time.time_ns() // 1000, tuple(items))
        self.last = block.hash()
        self.blocks.append(blocks.block_to_wire(block, self.last))
        return block.number

    def say(self, kind: str, key: object, body: dict[str, Any] | None) -> None:
        """Append one fact; numbers have holes."""
        self.facts.append({"number": len(self.facts) * 3 + 1, "kind": kind, "key": str(key), "body": body})

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The feed's addresses."""
        if self.away:
            return 503, {}
        if path == "/-/feed/anchor":
            return 200, {"block": int(query["block"]), "hash": self._hash(int(query["block"]))}
        if path == "/-/feed/balances":
            asked = list(map(int, query["accounts"].split(",")))
            held = [[one, self.held_differs.get(one, 0)] for one in asked]
            return 200, {"accounts": self._balances(int(query["block"]), asked), "held": held}
        after, limit = int(query["after"]), int(query["limit"])
        if path == "/-/feed/books":
            if "rebuild" in query:
                self.rebuilds += 1
                time.sleep(self.slow_rebuild_s)
            else:
                self.asked_after = after
                if self.to_lose:
                    self.to_lose -= 1
                    time.sleep(LOST_S)  # who asked is long gone when it ends
            until = time.monotonic() + min(int(query["wait_ms"]) / 1000, 0.2)
            while len(self.blocks) <= after and time.monotonic() < until:
                time.sleep(0.01)
            return 200, {"head": len(self.blocks), "blocks": self.blocks[after : after + limit]}
        facts = [fact for fact in self.facts if fact["number"] > after][:limit]
        return 200, {"head": self.facts[-1]["number"], "facts": facts}

    def _hash(self, block: int) -> str | None:
        if block > len(self.blocks):
            return None
        return self.other_hash or self.blocks[block - 1]["hash"]

    def _balances(self, block: int, accounts: list[int]) -> list[list[int]]:
        found = dict.fromkeys(accounts, 0)
        sides = {}
        for raw in self.blocks[:block]:
            for item in map(blocks.item_from_wire, raw["items"]):
                if isinstance(item, blocks.AccountChange):
                    sides[item.account] = 1 if item.side == "credit" else -1
                if isinstance(item, blocks.Transfer):
                    for account, net in ((item.debit, -item.amount_minor), (item.credit, item.amount_minor)):
                        if account in found:
                            found[account] += sides[account] * net
        return [[account, balance + self.differs.get(account, 0)] for account, balance in found.items()]


class FakeDoors:
    """Rows, and claims by rule 4."""

    def __init__(self) -> None:
        self.rows = {cohort: ["standin", E2, 0] for cohort in range(COHORTS_COUNT)}
        self.claims: dict[str, tuple[str, int]] = {}
        self.used: dict[str, str] = {}
        self.away = False
        self.asked: list[tuple[str, list[str]]] = []

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The addresses of the doors."""
        if self.away:
            return 503, {}
        if path == "/-/used":
            return 200, {"granted": self.used.setdefault(body["text"], body["request"]) == body["request"]}
        if path == "/-/rows":
            return 200, {"generation": 1, "rows": [[cohort, *row] for cohort, row in self.rows.items()]}
        granted: list[str] = []
        denied: list[str] = []
        self.asked.append((body["who"], [one[0] for one in body["claims"]]))
        for ident, _, epoch in body["claims"]:
            old = self.claims.get(ident)
            if body["who"] == "refused":
                good = old is None or old[0] == "refused" or old[1] < epoch
            else:
                good = old is None or old[0] == "taken"
            if good:
                self.claims[ident] = (body["who"], epoch)
            (granted if good else denied).append(ident)
        return 200, {"granted": granted, "denied": denied}


def serve(
    place: Installation, name: str, answer: Callable[[str, dict[str, str], dict[str, Any]], tuple[int, dict[str, Any]]]
) -> ThreadingHTTPServer:
    """The server of building `name`, whose answer is (status, JSON) of (path, query, JSON body)."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            path, _, query = self.path.partition("?")
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = answer(path, dict(urllib.parse.parse_qsl(query)), json.loads(raw) if raw else {})
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do

        def log_message(self, *_: object) -> None:
            """Quiet."""

    port = place.bank_port if name == "primary" else place.door_internal_port
    server = BuildingServer(("127.0.0.1", port), Handler, place.keys, name)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server
