"""Who asks at the chat: the browser's own conversation, and the customer, as far as a bank's session says who it is.

A session lasts a quarter of an hour without use, and no bank renews it while both are down: the customer whom it named
is therefore kept in the conversation's cookie, signed by the doors, for as long as that is used. It leads to this one
conversation and to nothing else. Logging out ends it.
"""

import time
from dataclasses import dataclass

from aiohttp import web

from holdfast.contracts.errors import BadToken
from holdfast.contracts.networks import network_of
from holdfast.contracts.sessions import (
    ABSOLUTE_S,
    BANK_COOKIE,
    SESSION_PURPOSE,
    STANDIN_COOKIE,
    Session,
    session_from_payload,
)
from holdfast.contracts.support import COOKIE, IDLE_S, PURPOSE, Asking
from holdfast.edge.pages import language_of
from holdfast.signing import Keyring

TOKEN_CHARACTERS_MAX = 4_000
SIGNERS = ((BANK_COOKIE, "primary"), (STANDIN_COOKIE, "standin"))
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Visitor:
    """conversation "" and customer 0 where there is none; began: when the conversation's cookie was first given,
    seconds since 1970 UTC."""

    conversation: str
    customer: int
    began: float
    language: str
    network: str

    def asking(self, place: str = "") -> Asking:
        """As the control room is asked."""
        return Asking(self.conversation, self.customer, self.language, place)


def read_visitor(keyring: Keyring, request: web.Request) -> Visitor:
    """Who sent this request. A conversation of another customer than who is logged in now is left alone."""
    customer = logged_in(keyring, request)
    conversation, kept, began = _kept(keyring, request.cookies.get(COOKIE, ""))
    if customer and kept and kept != customer:
        conversation, began = "", time.time()
    return Visitor(conversation, customer or kept, began, language_of(request), network_of(request.remote or ""))


def logged_in(keyring: Keyring, request: web.Request) -> int:
    """The customer of a session that a bank signed and that is not over; NOBODY without, or by a password alone."""
    session = live_session(keyring, request)
    return session.customer if session else NOBODY


def live_session(keyring: Keyring, request: web.Request) -> Session | None:
    """A session that a bank signed and that is not over; None without, or by a password alone."""
    for cookie, signer in SIGNERS:
        token = request.cookies.get(cookie, "")
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            continue
        try:
            session = session_from_payload(keyring.verify(SESSION_PURPOSE, token, {signer}))
        except (BadToken, KeyError, ValueError, TypeError):
            continue
        if not session.over() and not session.by_password_alone:
            return session
    return None


def _kept(keyring: Keyring, token: str) -> tuple[str, int, float]:
    now = time.time()
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        return "", NOBODY, now
    try:
        said = keyring.verify(PURPOSE, token, {"door"})
        conversation, customer = str(said["conversation"]), int(said["customer"])
        began, at = float(said["began"]), float(said["at"])
    except (BadToken, KeyError, ValueError, TypeError):
        return "", NOBODY, now
    if now - at > IDLE_S or now - began > ABSOLUTE_S:
        return "", NOBODY, now
    return conversation, customer, began


def give_cookie(keyring: Keyring, answer: web.StreamResponse, visitor: Visitor, conversation: str) -> None:
    """The conversation's cookie, with its idle time begun anew. It ends with the browser."""
    said = {
        "conversation": conversation,
        "customer": visitor.customer,
        "began": visitor.began if conversation == visitor.conversation else time.time(),
        "at": time.time(),
    }
    answer.set_cookie(COOKIE, keyring.sign(PURPOSE, said), httponly=True, samesite="Lax", path="/")
