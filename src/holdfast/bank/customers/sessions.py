"""Who is logged in: session tokens of both banks, and the end of a session."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction

from holdfast.bank.books import keyring, rows
from holdfast.bank.customers.known import ended_sessions, known_customers
from holdfast.bank.customers.models import Customer, RevokedSession, SessionsEnded
from holdfast.bank.exchange.facts import tell
from holdfast.contracts.errors import BadToken
from holdfast.contracts.sessions import (
    ALL_ENDED,
    BANK_COOKIE,
    SESSION_PURPOSE,
    STANDIN_COOKIE,
    AllEnded,
    Session,
    session_from_payload,
)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session that holds, its customer, and whether a new cookie goes out with the answer."""

    session: Session
    customer: Customer
    renew: bool


def begin_session(customer: Customer, epoch: int, factors: tuple[str, ...]) -> Session:
    """A new session after a login; factors: what the customer showed."""
    now = time.time()
    return Session(secrets.token_hex(16), customer.id, customer.cohort, factors, now, now, epoch)


def session_cookie(session: Session, epoch: int) -> str:
    """The session as a token of this bank, issued now."""
    issued = replace(session, issued=time.time(), epoch=epoch)
    return keyring().sign(SESSION_PURPOSE, issued.to_payload())


def _read(token: str | None, signer: str) -> Session | None:
    if not token:
        return None
    try:
        session = session_from_payload(keyring().verify(SESSION_PURPOSE, token, by={signer}))
    except (BadToken, KeyError, ValueError, TypeError):
        return None
    return None if session.over() else session


def read_session(cookies: Mapping[str, str]) -> tuple[Session, bool] | None:
    """The session of a request's cookies, and whether the spare bank signed it; of two the one issued later.

    The spare bank's token holds only for a cohort and epoch that it may have held.
    """
    own = _read(cookies.get(BANK_COOKIE), "primary")
    other = _read(cookies.get(STANDIN_COOKIE), "standin")
    if other is not None and not rows.held_by_standin(other.cohort, other.epoch):
        other = None
    if own is not None and (other is None or own.issued >= other.issued):
        return own, False
    return (other, True) if other is not None else None


def find_logged_in(session: Session, by_standin: bool) -> LoggedIn | None:
    """The session's customer, None when the session was ended or the customer is gone."""
    ended = ended_sessions.has(session.session, session.customer, session.began)
    customer = None if ended else known_customers.get(session.customer)
    if customer is None or customer.left or customer.cohort != session.cohort:
        return None
    return LoggedIn(session, customer, by_standin or session.stale())


def revoke(session: str, from_journal: bool = False) -> None:
    """End a session at both banks; one that the spare bank ended need not be told to it. Safe to repeat."""
    ended_sessions.add(session)
    try:
        with transaction.atomic():
            RevokedSession.objects.create(session=session)
            if not from_journal:
                tell("session_revoked", [(session, {})])
    except IntegrityError:
        return


def end_all(customer: int, ended: AllEnded) -> None:
    """End every session that the customer began before then, at both banks, whether this bank has seen it or not. What
    was said of a later instant stands."""
    with transaction.atomic():
        known = SessionsEnded.objects.select_for_update().filter(customer=customer).first()
        if known is not None and known.before_us >= ended.before_us:
            return
        said = {"before_us": ended.before_us, "but": ended.but}
        SessionsEnded.objects.update_or_create(customer_id=customer, defaults=said)
        tell(ALL_ENDED, [(str(customer), ended.to_body())])
        transaction.on_commit(ended_sessions.forget)
