"""Who asks on the community's pages: a customer by a bank's session, or by the doors' own cookie while no bank renews
that; as for the chat, and beside it, so that neither leads to the other."""

import time
from dataclasses import dataclass

from aiohttp import web

from holdfast.contracts.community import COOKIE, IDLE_S, PURPOSE, Who
from holdfast.contracts.errors import BadToken
from holdfast.contracts.networks import network_of
from holdfast.contracts.sessions import ABSOLUTE_S
from holdfast.edge.chat.visitor import NOBODY, TOKEN_CHARACTERS_MAX, logged_in
from holdfast.edge.pages import language_of
from holdfast.signing import Keyring


@dataclass(frozen=True, slots=True)
class Visitor:
    """customer 0 for a stranger; began: when the cookie was first given, seconds since 1970 UTC."""

    customer: int
    began: float
    language: str
    network: str

    @property
    def who(self) -> Who:
        """As the control room is asked."""
        return Who(self.customer, self.language)


def read_visitor(keyring: Keyring, request: web.Request) -> Visitor:
    """Who sent this request. A session counts more than the cookie of who was here before."""
    customer, began = _kept(keyring, request.cookies.get(COOKIE, ""))
    now_in = logged_in(keyring, request)
    if now_in and now_in != customer:
        customer, began = now_in, time.time()
    return Visitor(customer, began, language_of(request), network_of(request.remote or ""))


def _kept(keyring: Keyring, token: str) -> tuple[int, float]:
    now = time.time()
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        return NOBODY, now
    try:
        said = keyring.verify(PURPOSE, token, {"door"})
        customer, began, at = int(said["customer"]), float(said["began"]), float(said["at"])
    except (BadToken, KeyError, ValueError, TypeError):
        return NOBODY, now
    if now - at > IDLE_S or now - began > ABSOLUTE_S:
        return NOBODY, now
    return customer, began


def give_cookie(keyring: Keyring, answer: web.StreamResponse, visitor: Visitor) -> None:
    """Their cookie, its idle time begun anew; it ends with the browser. A stranger gets none."""
    if visitor.customer:
        said = {"customer": visitor.customer, "began": visitor.began, "at": time.time()}
        answer.set_cookie(COOKIE, keyring.sign(PURPOSE, said), httponly=True, samesite="Lax", path="/")
