"""What the waiting room says: to people a page that renews itself, to programs a problem (429, Retry-After)."""

import html
import math
from urllib.parse import quote

from aiohttp import web

from holdfast.edge import pages, problems
from holdfast.edge.pages import WORDS
from holdfast.edge.waiting.room import Place

STILL = "still"
"""The query that asks for the page without renewing itself."""
HIDDEN = ("password", "code", "proof", "passkey", "new", "again")
"""Fields that are never sent back: what proves who somebody is."""
KEPT_CHARACTERS_MAX = 100_000


def waits(place: Place, language: str, here: str, form: dict[str, str] | None = None, *, still: bool) -> web.Response:
    """The page of who waits. here: the address to come back to; form: what was typed and is kept, to be sent by a
    button (then nothing renews itself, since that would lose it); still: it was asked not to renew itself."""
    words = WORDS[language]
    again_s = math.ceil(place.again_s)
    kept = {name: value for name, value in (form or {}).items() if name not in HIDDEN}
    body = (
        f'<p class="big" data-place="{place.number}" data-ahead="{place.ahead}" data-again-s="{again_s}"'
        f' data-wait-s="{"" if place.wait_s is None else math.ceil(place.wait_s)}">'
        f"{_said('waiting.place', language, place=_number(place.number, language))}</p>"
        f"<p><strong>{_ahead(place.ahead, language)} {html.escape(_wait(place.wait_s, language))}</strong></p>"
        f"<p>{_said('waiting.words', language)}</p>"
    )
    renews = not still and not kept
    if kept:
        body += f"<p>{_said('waiting.kept', language)}</p>{_button(here, kept, language)}"
    elif renews:
        body += (
            f"<p>{_said('waiting.renews', language, seconds=again_s)} "
            f'<a href="/login?{STILL}=yes">{_said("waiting.stop", language)}</a></p>'
        )
    else:
        body += f'<p><a class="button main" href="{html.escape(here)}">{_said("waiting.look", language)}</a></p>'
    body += (
        f'<p>{_said("waiting.meanwhile", language)}</p><p><a href="/status">{_said("nobody.status", language)}</a></p>'
    )
    answer = pages.page("waiting", words.say("waiting.title"), body, language, here=here)
    if renews:
        answer.headers["Refresh"] = f"{again_s}; url={quote(here, safe='/?=&%')}"
    return answer


def turned_away(again_s: float, language: str, here: str) -> web.Response:
    """Very many ask from one network: not yet a place, and when to ask again."""
    seconds = math.ceil(again_s)
    body = (
        f"<p>{_said('waiting.network_words', language, seconds=seconds)}</p>"
        f'<p><a class="button main" href="{html.escape(here)}">{_said("waiting.look", language)}</a></p>'
    )
    answer = pages.page("turned-away", WORDS[language].say("waiting.network"), body, language, status=429, here=here)
    answer.headers["Retry-After"] = str(seconds)
    answer.headers["Refresh"] = f"{seconds}; url={quote(here, safe='/?=&%')}"
    return answer


def program(again_s: float, language: str) -> web.Response:
    """The same to a program."""
    return problems.waiting(math.ceil(again_s), language)


def _button(here: str, kept: dict[str, str], language: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in kept.items()
    )
    return (
        f'<form method="post" action="{html.escape(here)}">{fields}'
        f'<button class="button main">{_said("waiting.look", language)}</button></form>'
    )


def _ahead(ahead: int, language: str) -> str:
    if ahead == 0:
        return _said("waiting.next", language)
    if ahead == 1:
        return _said("waiting.ahead_one", language)
    return _said("waiting.ahead", language, ahead=_number(ahead, language))


def _wait(wait_s: float | None, language: str) -> str:
    words = WORDS[language]
    if wait_s is None:
        return words.say("waiting.closed")
    minutes = math.ceil(wait_s / 60)
    if wait_s < 60:
        return words.say("waiting.soon")
    return words.say("waiting.minutes", minutes=_number(minutes, language))


def _number(number: int, language: str) -> str:
    return f"{number:,}".replace(",", "\u00a0") if language == "nb" else f"{number:,}"


def _said(key: str, language: str, **values: object) -> str:
    """A text of ours as markup."""
    return html.escape(WORDS[language].say(key, **values))
