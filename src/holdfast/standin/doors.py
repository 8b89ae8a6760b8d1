"""What the spare bank asks of the front doors: rows, claims on ids (protocol.md, rules 4 to 6), what is used once."""

import json
import time
import uuid
from collections.abc import Iterable
from typing import Any, Literal

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.epochs import Mode, Row, row_from_list
from holdfast.signing import Keyring
from holdfast.standin.errors import DoorsAway
from holdfast.telemetry.metrics import CALLS

CLAIMS_MAX = 1000
TIMEOUT_S = 2.0
USED_TIMEOUT_S = 0.5
REFUSED_KEPT_MAX = 100_000
ROWS_EVERY_S = 1.0

Claim = tuple[uuid.UUID, int, int]
"""(payment id, cohort, epoch served under)."""


def served_here(row: Row | None, known: int, closed: int) -> bool:
    """Whether the spare bank serves a cohort: its last row says so, and is neither older than known nor closed."""
    return row is not None and row.mode is Mode.STANDIN and row.epoch > closed and row.epoch >= known


class Doors:
    """A client of any front door, and the last rows seen (from polls and from requests' headers)."""

    def __init__(self, http: aiohttp.ClientSession, keyring: Keyring, port: int) -> None:
        self._http = http
        self._keyring = keyring
        self._base = f"https://127.0.0.1:{port}"
        self.rows: dict[int, Row] = {}
        self.refused: set[uuid.UUID] = set()

    def saw(self, row: Row) -> bool:
        """Remember a row unless a newer one is known; True when it is of a higher epoch than before."""
        old = self.rows.get(row.cohort)
        if old is None or row.epoch > old.epoch:
            self.rows[row.cohort] = row
            return True
        if row.epoch == old.epoch and row.mode != old.mode and old.mode.value == "standin":
            self.rows[row.cohort] = row  # only standin -> handing_back keeps its epoch
        return False

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, timeout_s: float = TIMEOUT_S
    ) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {CALLER_HEADER: self._keyring.call("door", path, raw), "Content-Type": "application/json"}
        began, result = time.monotonic(), "failed"
        try:
            async with self._http.request(
                method,
                self._base + path,
                data=raw or None,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
                server_hostname="door",
            ) as answer:
                if answer.status != 200:
                    raise DoorsAway(f"a door answered {answer.status}")
                said = json.loads(await answer.read())
                result = "answered"
                return said
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            result = "stalled" if isinstance(error, TimeoutError) else "failed"
            raise DoorsAway(f"no front door answered ({error or 'too slow'})") from error
        finally:
            CALLS.labels("doors", result).observe(time.monotonic() - began)

    async def use(self, text: str, request: str, keep_s: float) -> bool:
        """Claim what may be used once, for this request (contracts.factors); raises DoorsAway."""
        said = {"text": text, "request": request, "keep_s": keep_s}
        answer = await self._call("POST", "/-/used", said, USED_TIMEOUT_S)
        return isinstance(answer, dict) and answer.get("granted") is True

    async def read_rows(self) -> list[Row]:
        """Read all rows and return those of a higher epoch than seen before; raises DoorsAway."""
        answer = await self._call("GET", "/-/rows")
        try:
            rows = [row_from_list(raw) for raw in answer["rows"]]
        except (KeyError, ValueError, TypeError) as error:
            raise DoorsAway(f"a door's rows have not the agreed form ({error})") from error
        return [row for row in rows if self.saw(row)]

    async def claim(self, who: Literal["refused", "taken"], claims: Iterable[Claim]) -> set[uuid.UUID]:
        """The ids whose claim was granted; raises DoorsAway. At most CLAIMS_MAX go in one call."""
        granted: set[uuid.UUID] = set()
        everything = list(claims)
        for start in range(0, len(everything), CLAIMS_MAX):
            part = everything[start : start + CLAIMS_MAX]
            answer = await self._call(
                "POST",
                "/-/claims",
                {"who": who, "claims": [[ident.hex, cohort, epoch] for ident, cohort, epoch in part]},
            )
            try:
                granted.update(uuid.UUID(hex=str(ident)) for ident in answer["granted"])
            except (KeyError, ValueError, TypeError) as error:
                raise DoorsAway(f"a door's answer about claims has not the agreed form ({error})") from error
        if who == "refused":
            if len(self.refused) > REFUSED_KEPT_MAX:
                self.refused.clear()  # only a cache: they are claimed again when they are shown again
            self.refused |= granted
        return granted
