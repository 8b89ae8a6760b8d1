"""The doors' own pages: served from this process and its disk, when everything else is dead too."""

import html
import json
from typing import Any

from aiohttp import web

from holdfast.edge.bundle import BundleStore

_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/assets/holdfast.css"></head>
<body data-page="{name}" data-bank="door"><a class="skip" href="#main">Skip to content</a><main class="plain" id="main">
<div class="head"><a class="brand" href="/"><svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
<rect width="28" height="28" rx="8" fill="var(--accent)"/><path d="M8 20V8m12 12V8M8 14h12"
stroke="var(--accent-ink)" stroke-width="2.6" stroke-linecap="round"/></svg>To the bank</a>
<p class="small"><a href="/status">Status</a> · <a href="/genuine">Is this message from us?</a></p></div>
<section class="card"><h1>{title}</h1>{body}</section></main></body></html>"""


def page(name: str, title: str, body: str, status: int = 200) -> web.Response:
    """A page of the door itself; body is markup, title plain words."""
    text = _FRAME.format(name=html.escape(name), title=html.escape(title), body=body)
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'self'",
            "Holdfast-Served-By": "door",
        },
    )


def nothing_there() -> web.Response:
    """No such address."""
    return page(
        "not-found",
        "There is no page at this address",
        '<p><a class="button main" href="/">To your overview</a></p>',
        404,
    )


def too_large(limit_bytes: int) -> web.Response:
    """A body over its limit."""
    return page(
        "too-large",
        "That is too large",
        f"<p>At most {limit_bytes:,} bytes are taken here. Nothing was changed.</p>",
        413,
    )


def nobody_answers(form: dict[str, str] | None, path: str) -> web.Response:
    """Neither bank answers: honest words, and the same form again with the same id."""
    again = ""
    if form:
        fields = "".join(
            f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">'
            for k, v in form.items()
            if k != "password"
        )
        again = (
            f'<form method="post" action="{html.escape(path)}">{fields}'
            '<button class="button main">Send it again</button></form>'
            "<p>It carries the same number as before, so it is never carried out twice.</p>"
        )
    return page(
        "nobody",
        "Neither our main system nor our spare bank answers just now",
        "<p>We know, and are working on it. What you sent may have arrived or not: nothing is lost that we confirmed, "
        f"and nothing is done twice.</p>{again}"
        '<p><a href="/status">Status</a> tells what works, and when we speak next.</p>',
        503,
    )


def many_log_in(username: str) -> web.Response:
    """The queue of logins was too long: the form again, with the name kept."""
    body = (
        "<p>Many people log in at this moment. You lost nothing; your name is kept below.</p>"
        '<form method="post" action="/login"><label>Username '
        f'<input name="username" autocomplete="username" value="{html.escape(username[:80])}"></label>'
        '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
        '<button class="button main">Log in</button></form>'
    )
    return page("login", "It takes longer than usual to log in", body, 503)


def refused_before(ident: str) -> web.Response:
    """The customer was told before that this id was refused: told the same again."""
    body = (
        "<p>You were told before that this payment was refused, and no money was taken. That stands.</p>"
        f'<p class="small" data-payment="{html.escape(ident)}" data-outcome="refused-settled">'
        f"Payment {html.escape(ident)}</p>"
        '<p><a class="button main" href="/pay">Make a new payment</a></p>'
    )
    return page("receipt", "This payment was refused", body)


def status_page(store: BundleStore, language: str) -> web.Response:
    """The public status page of the last bundle, or plain words before there is one."""
    store.reload()
    written = (store.bundle.get("status") or {}).get("nb" if language == "nb" else "en")
    if not written:
        return page("status", "Status", "<p>Our control room has not written a status page yet.</p>")
    return web.Response(
        text=written,
        content_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self' http://localhost:*",
            "Holdfast-Served-By": "door",
        },
    )


def status_json(store: BundleStore) -> web.Response:
    """The status for machines, in the form of the Statuspage API's summary."""
    store.reload()
    return web.Response(
        text=json.dumps(store.bundle.get("status_json") or {}),
        content_type="application/json",
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


def status_atom(store: BundleStore) -> web.Response:
    """The status as an Atom feed."""
    store.reload()
    return web.Response(text=str(store.bundle.get("feed_atom") or ""), content_type="application/atom+xml")


def genuine(store: BundleStore, code: str) -> web.Response:
    """Is this message from my bank? Answers from the bundle's codes."""
    store.reload()
    form = (
        '<form class="line" action="/genuine"><label>Code in the message '
        '<input name="code" size="12" inputmode="numeric" autocomplete="off" maxlength="20" required '
        f'value="{html.escape(code[:20])}"></label> <button class="button main">Check</button></form>'
        '<p class="small">We never send a link to log in, and never ask for a password.</p>'
    )
    if not code:
        return page("genuine", "Is this message really from us?", form)
    known: dict[str, Any] | None = (store.bundle.get("codes") or {}).get(code.strip().upper())
    if known:
        said = (
            '<p><span class="tag calm">yes</span> We sent this message: '
            f"“{html.escape(str(known.get('subject', '')))}”, "
            f"{html.escape(str(known.get('sent_at', '')))}.</p>"
        )
        return page("genuine", "Yes, this message is from us", said + form)
    said = (
        '<p><span class="tag alarm">no</span> We know no message with this code. If somebody asked you for a password, '
        "a code or money, do not answer.</p>"
    )
    return page("genuine", "We did not send a message with this code", said + form)
