"""The bank as an app: the page on which it is chosen, what stands there without a connection, and what browsers ask for
to install it. All by this door alone, so that they are the same whichever bank serves."""

import html
import json

from aiohttp import web

from holdfast.contracts.languages import LANGUAGES
from holdfast.edge.pages import WORDS, language_of, page
from holdfast.look import ASSETS

SCRIPT = "kept.js"
MANIFEST, WORKER, OFFLINE, APP = "/app.webmanifest", "/app-worker.js", "/offline", "/app"
THEME, GROUND = "#0b5d5b", "#ffffff"
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-mask-512.png", "512x512", "maskable"),
)


def routes(bank: str) -> list[web.RouteDef]:
    """The four addresses; bank: its name."""

    async def manifest(_: web.Request) -> web.Response:
        return web.Response(text=json.dumps(_manifest(bank)), content_type="application/manifest+json")

    async def worker(_: web.Request) -> web.FileResponse:
        # What the worker fetches is judged by the policy of this answer.
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'self'"}
        return web.FileResponse(ASSETS / "app-worker.js", headers=headers)

    async def offline(request: web.Request) -> web.Response:
        return _offline(language_of(request))

    async def app(request: web.Request) -> web.Response:
        return _app(language_of(request))

    return [web.get(MANIFEST, manifest), web.get(WORKER, worker), web.get(OFFLINE, offline), web.get(APP, app)]


def _manifest(bank: str) -> dict[str, object]:
    icons = [
        {"src": f"/assets/{name}", "sizes": size, "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    return {
        "id": "/",
        "name": bank,
        "short_name": bank[:12],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": GROUND,
        "icons": icons,
    }


def _app(language: str) -> web.Response:
    marks = " ".join(
        f'data-{name}="{_said(key, language)}"'
        for name, key in (
            ("begin", "app.begin"),
            ("stop", "app.stop"),
            ("on", "app.kept_on"),
            ("off", "app.kept_off"),
            ("unable", "app.unable"),
        )
    )
    body = (
        f"<p>{_said('app.words', language)}</p>"
        f'<p><button class="button" type="button" data-install hidden>{_said("app.install", language)}</button></p>'
        f"<h2>{_said('app.keep', language)}</h2><p>{_said('app.keep_words', language)}</p>"
        f'<div data-keep {marks}><p role="status" data-said>{_said("app.unable", language)}</p>'
        f'<button class="button main" type="button" hidden></button></div>'
        f"<p>{_said('app.never', language)}</p>"
        f'<p><a href="{OFFLINE}">{_said("app.look", language)}</a></p>'
    )
    return page("app", WORDS[language].say("app.title"), body, language, here=APP, script=SCRIPT)


def _offline(language: str) -> web.Response:
    """In both languages, since it is kept on devices from before; the script shows the customer's."""
    body = '<div data-sent="no">' + "".join(_section(one, one != language) for one in LANGUAGES) + "</div>"
    return page("offline", WORDS[language].say("offline.title"), body, language, here=OFFLINE, script=SCRIPT)


def _section(language: str, hidden: bool) -> str:
    return (
        f'<section lang="{language}" data-offline="{language}"{" hidden" if hidden else ""}>'
        f"<p>{_said('offline.words', language)}</p>"
        f'<p role="alert" data-was-sent hidden><strong>{_said("offline.sent", language)}</strong></p>'
        f'<p data-kept-at="{_said("offline.kept_at", language, at="{at}")}" hidden></p>'
        '<dl class="facts" data-kept></dl>'
        f"<p data-none>{_said('offline.none', language)}</p><p>{_said('offline.no_payments', language)}</p>"
        f'<p><a class="button main" href="/">{_said("offline.again", language)}</a></p></section>'
    )


def _said(key: str, language: str, **values: object) -> str:
    return html.escape(WORDS[language].say(key, **values))
