"""The mailbox's pages: the list, one mail, and both for machines. Every word of a mail is escaped."""

from html import escape
from pathlib import Path

from aiohttp import web

from holdfast.gameday.postbox.phones import Phones
from holdfast.gameday.postbox.store import Mail, Store
from holdfast.look import ASSETS

FRAME = (Path(__file__).parent / "templates" / "frame.html").read_text(encoding="utf-8")
POLICY = "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
TO_LENGTH_MAX = 200


def application(store: Store, bank_name: str, phones: Phones) -> web.Application:
    """The mailbox's web application."""
    pages = _Pages(store, bank_name, phones)
    app = web.Application()
    app.add_routes(
        [
            web.get("/", pages.listing),
            web.get("/mail/{number:\\d{1,12}}", pages.one),
            web.get("/mails.json", pages.machine),
            web.get("/phones", pages.phones),
            web.get("/phones/{username}", pages.phone),
            web.get("/-/health", pages.health),
            web.get("/assets/holdfast.css", pages.style),
        ]
    )
    return app


class _Pages:
    def __init__(self, store: Store, bank_name: str, phones: Phones) -> None:
        self._store, self._phones = store, phones
        self._bank = bank_name

    def _page(self, title: str, main: str, status: int = 200) -> web.Response:
        text = FRAME.replace("{title}", escape(title)).replace("{bank}", escape(self._bank)).replace("{main}", main)
        return web.Response(
            text=text,
            status=status,
            content_type="text/html",
            headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
        )

    async def listing(self, request: web.Request) -> web.Response:
        """Newest first, filtered by recipient."""
        to = request.query.get("to", "")[:TO_LENGTH_MAX]
        mails = self._store.newest(to)
        rows = "<ul>" + "".join(_row(mail) for mail in mails) + "</ul>" if mails else "<p>No mail yet.</p>"
        form = (
            f'<form class="line" method="get" action="/"><label>Mails to <input name="to" value="{escape(to)}" '
            f'maxlength="{TO_LENGTH_MAX}"></label><button class="button">Show</button></form>'
        )
        words = f"{len(mails)} shown of {self._store.count()}, newest first"
        return self._page(
            "Mailbox",
            f'<div class="head"><h1>Mailbox</h1><p class="small">{words} · <a href="/phones">Phones</a></p></div>'
            f'<section class="card">{form}</section><section class="card">{rows}</section>',
        )

    async def one(self, request: web.Request) -> web.Response:
        """One mail as its reader sees it."""
        mail = self._store.one(int(request.match_info["number"]))
        if mail is None:
            return self._page(
                "No such mail",
                '<section class="card"><h1>There is no such mail</h1><p><a href="/">All mails</a></p></section>',
                404,
            )
        paragraphs = "".join(
            f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in mail.body.strip().split("\n\n")
        )
        repeat = (
            '<p class="small">Its sender marked it: this mail may have reached you before.</p>' if mail.repeat else ""
        )
        main = (
            f'<p class="small"><a href="/">All mails</a></p><article class="card" lang="{escape(mail.language)}" '
            f'data-mail="{mail.number}"><p class="small">To {escape(mail.recipient)} · from {escape(mail.sender)} · '
            f"<span class='nowrap'>"
            f"{escape(mail.at[:19].replace('T', ' '))} UTC</span></p><h1>{escape(mail.subject)}</h1>"
            f"{repeat}{paragraphs}"
            f'<p class="tiny">{escape(mail.message_id)}</p></article>'
        )
        return self._page(mail.subject, main)

    async def phones(self, request: web.Request) -> web.Response:
        """Whose phone to look at."""
        name = request.query.get("name", "")[:TO_LENGTH_MAX]
        form = (
            f'<form class="line" method="get" action="/phones"><label>Whose <input name="name" value="{escape(name)}" '
            f'maxlength="{TO_LENGTH_MAX}"></label><button class="button">Show</button></form>'
        )
        main = (
            '<div class="head"><h1>Phones</h1><p class="small">What authenticator apps show</p></div>'
            f'<section class="card">{form}</section><section class="card">{self._phones.listing(name)}</section>'
        )
        return self._page("Phones", main)

    async def phone(self, request: web.Request) -> web.Response:
        """One phone with its code; it renews itself when the code changes."""
        found = self._phones.one(request.match_info["username"])
        if found is None:
            return self._page("No such phone", '<section class="card"><h1>There is no such phone</h1></section>', 404)
        answer = self._page("Phone", '<p class="small"><a href="/phones">All phones</a></p>' + found[0])
        answer.headers["Refresh"] = str(found[1] + 1)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def machine(self, request: web.Request) -> web.Response:
        """The same for machines."""
        mails = self._store.newest(request.query.get("to", "")[:TO_LENGTH_MAX])
        return web.json_response({"count": self._store.count(), "mails": [mail.to_json() for mail in mails]})

    async def health(self, _request: web.Request) -> web.Response:
        """Whether the mailbox answers."""
        return web.json_response({"ok": True, "mails": self._store.count()})

    async def style(self, _request: web.Request) -> web.FileResponse:
        """The style sheet of all buildings."""
        return web.FileResponse(ASSETS / "holdfast.css")


def _row(mail: Mail) -> str:
    return (
        f'<li class="row"><a href="/mail/{mail.number}">{escape(mail.subject)}</a>'
        f'<span class="tag">{escape(mail.language)}'
        f'</span><span class="small">to {escape(mail.recipient)} · {escape(mail.at[11:19])} UTC</span></li>'
    )
