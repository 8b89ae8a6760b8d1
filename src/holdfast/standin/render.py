"""Pages from templates: the frame, the banner, the words' forms."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from holdfast.contracts.money import format_amount
from holdfast.standin.bank import SpareBank

NAV = (
    ("overview", "/", "Overview"),
    ("pay", "/pay", "Pay"),
    ("cards", "/cards", "Cards"),
    ("money", "/money", "What happened"),
    ("help", "/help", "Help"),
)


def show_number(number: str) -> str:
    """`9712 00 00018`, as the bank writes it; anything that has not eleven digits as it is."""
    return f"{number[:4]} {number[4:6]} {number[6:]}" if len(number) == 11 and number.isdigit() else number


PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters["money"] = format_amount
PAGES.filters["number"] = show_number

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def render(
    bank: SpareBank,
    page: str,
    banner: str,
    *,
    status: int = 200,
    customer: int = 0,
    headers: dict[str, str] | None = None,
    **words: Any,
) -> HTMLResponse:
    """One page; banner is ready markup from look, everything else is escaped."""
    html = PAGES.get_template(f"{page}.html").render(
        page=page,
        bank_name=bank.place.bank_name,
        banner=Markup(banner),  # noqa: S704  # look.banner_html escapes every word
        nav=NAV,
        customer=customer,
        fresh_block=bank.view.head.number,
        fresh_at=bank.moment(bank.view.fed_at_us).isoformat(),
        fresh_words=bank.said_at(bank.view.fed_at_us),
        **words,
    )
    return HTMLResponse(html, status, {**HEADERS, **(headers or {})})
