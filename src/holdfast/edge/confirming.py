"""The page on which a payee reads what the bank confirms: `/confirmation?proof=…`, by this door alone."""

import html

from aiohttp import web

from holdfast.contracts.confirmation import (
    ADDRESS,
    PURPOSE,
    SIGNERS,
    TOKEN_CHARACTERS_MAX,
    Confirmation,
    confirmation_from_payload,
)
from holdfast.contracts.errors import BadToken
from holdfast.edge.pages import WORDS, page
from holdfast.look import Writing, with_shared
from holdfast.signing import Keyring

ALL_WORDS = with_shared(WORDS)


def _read(keyring: Keyring, token: str) -> Confirmation:
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise BadToken("the confirmation is too long")
    return confirmation_from_payload(keyring.verify(PURPOSE, token, SIGNERS))


def show(keyring: Keyring, token: str, *, language: str, bank: str, zone: str) -> web.Response:
    """What is confirmed, or that the address holds nothing that the bank signed. bank: its name; zone: its time
    zone."""
    spoken = Writing(ALL_WORDS[language], zone)
    try:
        found = _read(keyring, token)
    except (BadToken, KeyError, ValueError, TypeError, OverflowError, OSError):
        body = f'<p data-holds="no">{_said(spoken, "confirmed.no_words", bank=bank)}</p>'
        return page("confirmation", spoken.say("confirmed.no_title"), body, language, status=404, here=ADDRESS)
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(said)}</dd>" for name, said in _rows(found, spoken))
    said = _said(spoken, f"confirmed.{found.how.value}", bank=bank, **_instants(found, spoken))
    marks = f'data-holds="yes" data-payment="{html.escape(found.payment)}" data-how="{found.how.value}"'
    body = (
        f'<p {marks}>{said}</p><p>{_outage(found, spoken, bank)}</p><dl class="facts">{rows}</dl>'
        f'<p class="small">{_said(spoken, "confirmed.check", bank=bank)}</p>'
        f'<p class="small">{_said(spoken, "confirmed.print")}</p>'
    )
    here = f"{ADDRESS}?proof={token}"
    return page("confirmation", spoken.say("confirmed.title"), body, language, here=here)


def _said(spoken: Writing, key: str, **values: object) -> str:
    return html.escape(spoken.say(key, **values))


def _instants(found: Confirmation, spoken: Writing) -> dict[str, str]:
    made = spoken.moment(found.made_at) if found.made_at else spoken.say("day.unknown")
    return {"due": spoken.day(found.due), "made": made, "at": spoken.moment(found.at)}


def _outage(found: Confirmation, spoken: Writing, bank: str) -> str:
    since = spoken.moment(found.since)
    if found.until is None:
        return _said(spoken, "confirmed.outage_lasts", bank=bank, since=since)
    return _said(spoken, "confirmed.outage", bank=bank, since=since, until=spoken.moment(found.until))


def _rows(found: Confirmation, spoken: Writing) -> list[tuple[str, str]]:
    return [
        (spoken.say("confirmed.payer"), found.payer),
        (spoken.say("confirmed.payee"), found.payee),
        (spoken.say("confirmed.amount"), spoken.amount(found.amount_minor, found.currency)),
        (spoken.say("confirmed.due"), spoken.day(found.due)),
        (spoken.say("confirmed.payment"), found.payment),
        (spoken.say("confirmed.written"), spoken.moment(found.at)),
    ]
