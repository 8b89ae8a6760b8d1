"""Calls to the other buildings: signed, bounded in time and in size, never raising for a sick callee."""

import http.client
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.settings import Installation
from holdfast.signing import Keyring
from holdfast.signing.lines import Lines
from holdfast.telemetry.metrics import CALLS

PARTS = {"bank": "bank-web", "doors": "doors", "door 1": "door-1", "door 2": "door-2"}
"""Who is called, as measurements name them. A call that waits for news measures no answer and is not counted."""
ANSWER_BYTES_MAX = 8_000_000
TEXT_BYTES_MAX = 2_000_000
# PostgreSQL's SSLRequest: any living server answers it with one byte, without a login.
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Kind(StrEnum):
    """How a building took a call."""

    ANSWERS = "answers"
    UNWELL = "unwell"
    REFUSES = "refuses"
    STALLS = "stalls"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status 0 when nothing did; body {} when it was no JSON object."""

    kind: Kind
    status: int
    took_ms: float
    words: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Answered with a 2xx status."""
        return self.kind is Kind.ANSWERS


def _broken(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError | FileNotFoundError):
        return "refuses connections"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that does not hold ({error.verify_message}); ./holdfast keys list says more"
    return f"breaks off ({type(error).__name__})"


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


def knock(place: Path, timeout_s: float) -> Reply:
    """Does a PostgreSQL answer at this socket? One byte to its SSLRequest is enough; no login."""
    began = time.monotonic()
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(timeout_s)
            sock.connect(str(place))
            sock.sendall(SSL_REQUEST)
            got = sock.recv(1)
    except TimeoutError:
        return Reply(Kind.STALLS, 0, _ms(began), f"takes connections but says nothing within {timeout_s:g} s")
    except OSError as error:
        return Reply(Kind.REFUSES, 0, _ms(began), _broken(error))
    if got in (b"S", b"N"):
        return Reply(Kind.ANSWERS, 200, _ms(began), "answers")
    return Reply(Kind.UNWELL, 0, _ms(began), "closes connections at once")


@dataclass(frozen=True)
class Switchboard:
    """Knows each building's port and signs calls in the control room's name. Thread-safe."""

    installation: Installation
    keyring: Keyring
    lines: Lines

    def _port(self, building: str) -> tuple[int, str]:
        ports = {
            "bank": (self.installation.bank_port, "primary"),
            "standin": (self.installation.standin_port, "standin"),
            "doors": (self.installation.door_internal_port, "door"),
            "door 1": (self.installation.door_own_port(1), "door"),
            "door 2": (self.installation.door_own_port(2), "door"),
        }
        return ports[building]

    def ask(self, building: str, path: str, query: str = "", timeout_s: float = 0.8) -> Reply:
        """GET a building's internal address."""
        _, name = self._port(building)
        target = f"{path}?{query}" if query else path
        return self._exchange(building, "GET", target, {CALLER_HEADER: self.keyring.call(name, path)}, None, timeout_s)

    def text(self, building: str, path: str, timeout_s: float) -> str:
        """What a building's internal address answers, as text; raises OSError or http.client.HTTPException."""
        port, name = self._port(building)
        status, raw = self.lines.exchange(
            name,
            port,
            "GET",
            path,
            headers={CALLER_HEADER: self.keyring.call(name, path)},
            body=None,
            timeout_s=timeout_s,
            whole_s=timeout_s,
            bytes_max=TEXT_BYTES_MAX,
        )
        if status != 200:
            raise http.client.HTTPException(f"status {status}")
        return raw.decode("utf-8", "replace")

    def order(self, building: str, path: str, body: dict[str, Any] | bytes, timeout_s: float) -> Reply:
        """POST JSON, or raw bytes, to a building's internal address."""
        _, name = self._port(building)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/plain" if isinstance(body, bytes) else "application/json"
        headers = {CALLER_HEADER: self.keyring.call(name, path, raw), "Content-Type": kind}
        return self._exchange(building, "POST", path, headers, raw, timeout_s)

    def _exchange(  # noqa: PLR0917  # the order is the record's own
        self, building: str, method: str, path: str, headers: dict[str, str], body: bytes | None, timeout_s: float
    ) -> Reply:
        """One exchange with a building; every way it can fail is a Reply."""
        began = time.monotonic()
        waits = "wait_ms=" in path
        port, name = self._port(building)
        sent: dict[str, Any] = {"headers": headers, "body": body, "timeout_s": timeout_s, "whole_s": timeout_s}
        result = "failed"
        try:
            status, raw = self.lines.exchange(name, port, method, path, bytes_max=ANSWER_BYTES_MAX, **sent)
            result = "failed" if status >= 500 else "answered"
        except TimeoutError:
            result = "stalled"
            return Reply(Kind.STALLS, 0, _ms(began), f"no answer within {timeout_s:g} s")
        except (OSError, http.client.HTTPException) as error:
            return Reply(Kind.REFUSES, 0, _ms(began), _broken(error))
        finally:
            if not waits:
                CALLS.labels(PARTS.get(building, building), result).observe(time.monotonic() - began)
        try:
            parsed = json.loads(raw) if raw else {}
        except ValueError:
            parsed = {}
        kind = Kind.ANSWERS if 200 <= status < 300 else Kind.UNWELL
        return Reply(kind, status, _ms(began), f"status {status}", parsed if isinstance(parsed, dict) else {})
