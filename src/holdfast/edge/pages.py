"""The doors' own pages: served from this process and its disk, when everything else is dead too."""

import html
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from holdfast.contracts.languages import LANGUAGE_COOKIE, LANGUAGES, choose_language, own_address
from holdfast.contracts.told import find_code
from holdfast.edge.bundle import BundleStore
from holdfast.look import read_words

WORDS = read_words(Path(__file__).parent / "words")
LANGUAGE_S = 400 * 86_400
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
_FRAME = """<!doctype html><html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/assets/holdfast.css">
<link rel="manifest" href="/app.webmanifest">{script}</head>
<body data-page="{name}" data-bank="door"><a class="skip" href="#main">{skip}</a><main class="plain" id="main">
<div class="head"><a class="brand" href="/"><svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true">
<rect width="28" height="28" rx="8" fill="var(--accent)"/><path d="M8 20V8m12 12V8M8 14h12"
stroke="var(--accent-ink)" stroke-width="2.6" stroke-linecap="round"/></svg>{home}</a>
<p class="small"><a href="/status">{status}</a> · <a href="/genuine">{genuine}</a> · <a href="/chat">{chat}</a> ·
<a href="/inbox">{inbox}</a> ·
<a href="/community">{ideas}</a> · <a href="/learn">{learn}</a> ·
<a href="{other_address}" lang="{other}" hreflang="{other}" aria-label="{to_other_label}">{to_other}</a></p></div>
<section class="card"><h1>{title}</h1>{body}</section></main></body></html>"""


def language_of(request: web.Request, asked: str = "") -> str:
    """The language of a request: what its address asks for, else the cookie, else the browser's."""
    accepted = request.headers.get("Accept-Language", "")
    return choose_language(asked or request.cookies.get(LANGUAGE_COOKIE), None, accepted)


def _said(key: str, language: str, **values: object) -> str:
    """A text of ours as markup."""
    return html.escape(WORDS[language].say(key, **values))


def page(
    name: str, title: str, body: str, language: str, *, status: int = 200, here: str = "/", script: str = ""
) -> web.Response:
    """A page of the door itself; body is markup, title plain words, here the address to come back to; script: the name
    of a file of ours that the page loads."""
    other = "en" if language == "nb" else "nb"
    said = ("skip", "home", "status", "genuine", "chat", "inbox", "ideas", "learn", "to_other", "to_other_label")
    text = _FRAME.format(
        name=html.escape(name),
        title=html.escape(title),
        body=body,
        language=language,
        script=f'<script src="/assets/{html.escape(script)}" defer></script>' if script else "",
        other=other,
        other_address=html.escape("/language?" + urlencode({"to": other, "next": here})),
        **{key: _said(f"frame.{key}", language) for key in said},
    )
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
            "Holdfast-Served-By": "door",
        },
    )


def choose(request: web.Request) -> web.Response:
    """GET /language?to=nb&next=/pay: keep the choice in a cookie and go back, never to another site."""
    answer = web.Response(
        status=303, headers={"Location": own_address(request.query.get("next", "/")), "Holdfast-Served-By": "door"}
    )
    wanted = request.query.get("to", "")
    if wanted in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, wanted, max_age=LANGUAGE_S, httponly=True, samesite="Lax", path="/")
    return answer


def nothing_there(language: str) -> web.Response:
    """No such address."""
    body = f'<p><a class="button main" href="/">{_said("missing.overview", language)}</a></p>'
    return page("not-found", WORDS[language].say("missing.title"), body, language, status=404)


def too_large(limit_bytes: int, language: str) -> web.Response:
    """A body over its limit."""
    body = f"<p>{_said('large.words', language, limit=_grouped(limit_bytes, language))}</p>"
    return page("too-large", WORDS[language].say("large.title"), body, language, status=413)


def _grouped(number: int, language: str) -> str:
    return f"{number:,}".replace(",", "\u00a0") if language == "nb" else f"{number:,}"


def nobody_answers(form: dict[str, str] | None, path: str, language: str) -> web.Response:
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
            f'<button class="button main">{_said("nobody.again", language)}</button></form>'
            f"<p>{_said('nobody.again_words', language)}</p>"
        )
    body = (
        f"<p>{_said('nobody.words', language)}</p>{again}"
        f'<p><a href="/status">{_said("nobody.status", language)}</a></p>'
    )
    return page("nobody", WORDS[language].say("nobody.title"), body, language, status=503, here=path)


def struck(ident: str, language: str) -> web.Response:
    """The request made both banks fail: it is not tried again, and nobody says that nothing was done."""
    payment = ""
    if ident:
        payment = (
            f'<p class="small" data-payment="{html.escape(ident.replace("-", "").lower())}" data-outcome="checking">'
            f"{_said('struck.payment', language, ident=ident)}</p>"
        )
    words = _said("struck.words_payment" if ident else "struck.words", language)
    body = (
        f'<p>{words}</p>{payment}<p><a class="button main" href="/money">{_said("struck.money", language)}</a></p>'
        f'<p><a href="/status">{_said("nobody.status", language)}</a></p>'
    )
    return page("struck", WORDS[language].say("struck.title"), body, language, status=503)


def many_log_in(username: str, language: str) -> web.Response:
    """The queue of logins was too long: the form again, with the name kept."""
    body = f"<p>{_said('login.words', language)}</p>{_login_form(username, '', language)}"
    return page("login", WORDS[language].say("login.title"), body, language, status=503, here="/login")


def turn_has_come(username: str, kept: str, language: str) -> web.Response:
    """Who waited in the line may log in now: the form with the name that was typed, and the form kept from before."""
    body = (
        f"<p>{_said('turn.words', language)}</p>{_login_form(username, kept, language)}"
        f'<p><a href="/login?other=yes">{_said("turn.other", language)}</a></p>'
    )
    return page("login", WORDS[language].say("turn.title"), body, language, here="/login")


def _login_form(username: str, kept: str, language: str) -> str:
    return (
        f'<form method="post" action="/login"><label>{_said("login.username", language)} '
        f'<input name="username" autocomplete="username" value="{html.escape(username[:80])}"></label>'
        f"<label>{_said('login.password', language)} "
        '<input name="password" type="password" autocomplete="current-password"></label>'
        + (f'<input type="hidden" name="kept" value="{html.escape(kept)}">' if kept else "")
        + f'<button class="button main">{_said("login.button", language)}</button></form>'
    )


def refused_before(ident: str, language: str) -> web.Response:
    """The customer was told before that this id was refused: told the same again."""
    body = (
        f"<p>{_said('refused.words', language)}</p>"
        f'<p class="small" data-payment="{html.escape(ident)}" data-outcome="refused-settled">'
        f"{_said('refused.payment', language, ident=ident)}</p>"
        f'<p><a class="button main" href="/pay">{_said("refused.new", language)}</a></p>'
    )
    return page("receipt", WORDS[language].say("refused.title"), body, language, here="/money")


def genuine(store: BundleStore, code: str, language: str) -> web.Response:
    """Is this message from my bank? Answers from the bundle's codes."""
    store.reload()
    words = WORDS[language]
    form = (
        f'<form class="line" action="/genuine"><label>{_said("genuine.code", language)} '
        '<input name="code" size="12" inputmode="numeric" autocomplete="off" maxlength="20" required '
        f'value="{html.escape(code[:20])}"></label> '
        f'<button class="button main">{_said("genuine.check", language)}</button></form>'
        f'<p class="small">{_said("genuine.never", language)}</p>'
    )
    if not code:
        return page("genuine", words.say("genuine.title"), form, language, here="/genuine")
    here = "/genuine?" + urlencode({"code": code[:20]})
    known = find_code(store.codes, code.strip())
    if known:
        subject, sent_at = str(known.get("subject", "")), str(known.get("sent_at", ""))
        told = _said("genuine.yes_words", language, subject=subject, sent_at=sent_at)
        said = f'<p><span class="tag calm">{_said("genuine.yes", language)}</span> {told}</p>'
        return page("genuine", words.say("genuine.yes_title"), said + form, language, here=here)
    said = (
        f'<p><span class="tag alarm">{_said("genuine.no", language)}</span> {_said("genuine.no_words", language)}</p>'
    )
    return page("genuine", words.say("genuine.no_title"), said + form, language, here=here)
