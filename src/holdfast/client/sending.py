"""Sending calls and waiting for their answers: one after the other, through the standard library.

What may be sent again is sent again a few times when nobody answered, or the bank asks for it; a payment has its key,
so it is made once however often it is sent.
"""

import http.client
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from holdfast.client.calls import Call
from holdfast.client.errors import ClientError, Unanswered

Answer = TypeVar("Answer")
TRIES_MAX = 5
WAIT_S_MAX = 30.0
ANSWER_S_MAX = 30.0
AGAIN = (409, 429, 503)
"""It was not done, or how it ended is not known yet: the same may be sent again, and is done once."""


class Client:
    """The API at an address (`http://localhost:8080`), by a token."""

    def __init__(
        self, address: str, token: str, *, tries_max: int = TRIES_MAX, pause: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ClientError(f"{address!r} is no address of a bank; write it as https://bank.example")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._token, self._tries_max, self._pause = token, tries_max, pause

    def send(self, call: Call[Answer]) -> Answer:
        """The answer; raises ProblemTold, Unanswered or BadAnswer."""
        for number in range(1, self._tries_max + 1):
            last = number == self._tries_max or not call.repeatable
            try:
                status, wait_s, raw = self._once(call)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise Unanswered(f"{call.method} {call.path} had no answer: {type(error).__name__}") from error
                self._pause(min(WAIT_S_MAX, 0.2 * 2**number))
                continue
            if status in AGAIN and not last:
                self._pause(min(WAIT_S_MAX, wait_s))
                continue
            return call.read(status, raw)
        raise Unanswered(f"{call.method} {call.path} was never sent")

    def _once(self, call: Call[Answer]) -> tuple[int, float, bytes]:
        """Status, the seconds after which it is worth asking again, and the body."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=ANSWER_S_MAX)
        try:
            connection.request(call.method, call.address, call.content(), call.sent(self._token))
            answer = connection.getresponse()
            told = answer.headers.get("Retry-After", "")
            return answer.status, float(told) if told.isdecimal() else 1.0, answer.read()
        finally:
            connection.close()
