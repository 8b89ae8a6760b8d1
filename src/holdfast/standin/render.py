"""Pages from templates: the frame, the banner, the words of one language."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from holdfast.contracts.sessions import IDLE_S
from holdfast.standin.bank import SpareBank
from holdfast.standin.phrases import Phrases
from holdfast.telemetry import get_log

NAV = (("overview", "/"), ("pay", "/pay"), ("cards", "/cards"), ("money", "/money"), ("help", "/help"))
"""(page, address); the word is the text frame.<page>."""
OTHER_LANGUAGE = {"en": "nb", "nb": "en"}

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page is set in. banner: ready markup of look; here: the address to come back to in another
    language; customer: 0 for nobody; left_s: until the session ends if nothing more happens; frozen: the customer has
    everything frozen; large: reads large print."""

    banner: str
    phrases: Phrases
    here: str
    customer: int = 0
    left_s: int = 0
    frozen: bool = False
    large: bool = False


def render(
    bank: SpareBank,
    page: str,
    frame: Frame,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """One page; templates say words by `say(key)`, everything but the banner is escaped."""
    phrases, other = frame.phrases, OTHER_LANGUAGE[frame.phrases.language]
    html = PAGES.get_template(f"{page}.html").render(
        page=page,
        language=phrases.language,
        other_language=other,
        other_address="/language?" + urlencode({"to": other, "next": frame.here}),
        say=phrases.say,
        money=phrases.amount_shown,
        amount=phrases.amount,
        number=phrases.number,
        bank_name=bank.place.bank_name,
        banner=Markup(frame.banner),  # noqa: S704  # look.banner_html escapes every word
        nav=NAV,
        customer=frame.customer,
        left_s=frame.left_s,
        everything_frozen=frame.frozen,
        large=frame.large,
        idle_s=IDLE_S,
        fresh_block=bank.view.head.number,
        fresh_at=phrases.instant(bank.view.fed_at_us).isoformat(),
        copy_mark=copy_mark(bank),
        fresh_words=phrases.at(bank.view.fed_at_us),
        **facts,
    )
    return HTMLResponse(html, status, {**HEADERS, "Content-Language": phrases.language, **(headers or {})})


def copy_mark(bank: SpareBank) -> str:
    """What every page says of the copy: `drifted` from the books, `stopped` at what does not hold, or nothing."""
    if bank.drift.words:
        return "drifted"
    return "stopped" if bank.feed.trouble else ""


def missing(bank: SpareBank, frame: Frame, key: str) -> HTMLResponse:
    """404 in words: what is not there (the key's text), and what that means (the text of `<key>_words`)."""
    if frame.customer:  # many of these are somebody who tries numbers
        get_log().warning("not_found", customer=frame.customer, path=frame.here[:200])
    say = frame.phrases.say
    return render(bank, "missing", frame, status=404, headline=say(key), words=say(f"{key}_words"))
