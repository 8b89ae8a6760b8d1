"""A customer's inbox at the doors: every notice that the bank wrote to them, also while both banks are down.

Whose it is says the session that a bank signed, nothing else. The control room keeps the messages; a bank is not asked.
"""

import asyncio
import html
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from holdfast.contracts.inbox import ADDRESS, Inbox, Letter, inbox_from_wire
from holdfast.contracts.networks import network_of
from holdfast.edge import desk, pages
from holdfast.edge.chat.visitor import logged_in
from holdfast.edge.state import Door
from holdfast.edge.waiting.shares import Shares
from holdfast.look import Writing, with_shared

WORDS = with_shared(pages.WORDS)
AT_ONCE, PER_S = 400, 20.0
"""What one network may ask. A large house behind one address in an outage is many people."""
COUNT_LIMIT_S, PAGE_LIMIT_S = 1.0, 3.0
COUNTS_AT_ONCE = 8
"""How many may be counted at one time; a page beyond that goes without its number, and no other work waits for it."""
COUNT_KEPT_S = 5
"""A browser asks no more often how many are new."""


class InboxDesk:
    """The inbox at one door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._shares = Shares(AT_ONCE, PER_S)
        self._counts = asyncio.Semaphore(COUNTS_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """The page, and how many messages are new."""
        return [web.get(ADDRESS, self._show), web.get(f"{ADDRESS}/unread", self._unread)]

    async def _show(self, request: web.Request) -> web.Response:
        """The page. What it shows counts as seen, unless nobody looks at it yet."""
        spoken = Writing(WORDS[pages.language_of(request)], self._door.installation.time_zone)
        customer = logged_in(self._door.keyring, request)
        if not customer:
            return page(None, spoken)
        if self._shares.take(network_of(request.remote or "")):
            return page(None, spoken, "often", 429)
        ahead = "prefetch" in request.headers.get("Sec-Purpose", "") or request.method == "HEAD"
        try:
            said = await self._ask("read", {"customer": customer, "seen": not ahead}, PAGE_LIMIT_S)
            found = inbox_from_wire(said)
        except (desk.DeskAway, desk.Declined, KeyError, ValueError, TypeError):
            return page(None, spoken, "away", 503)
        return page(found, spoken)

    async def _unread(self, request: web.Request) -> web.Response:
        """For the script on every page: `{"unread": number}`; nothing for who is not logged in, while it is not
        known, or while many ask."""
        customer = logged_in(self._door.keyring, request)
        answer = web.Response(status=204)
        if customer and not self._counts.locked() and not self._shares.take(network_of(request.remote or "")):
            try:
                async with self._counts:
                    said = await self._ask("unread", {"customer": customer}, COUNT_LIMIT_S)
                answer = web.json_response({"unread": int(said["unread"])})
            except (desk.DeskAway, desk.Declined, KeyError, ValueError, TypeError):
                answer = web.Response(status=204)
        answer.headers["Cache-Control"], answer.headers["Vary"] = f"private, max-age={COUNT_KEPT_S}", "Cookie"
        answer.headers["Holdfast-Served-By"] = "door"
        return answer

    async def _ask(self, what: str, body: dict[str, Any], limit_s: float) -> dict[str, Any]:
        return await desk.call(self._door, f"inbox/{what}", body, limit_s)


def page(found: Inbox | None, spoken: Writing, trouble: str = "", status: int = 200) -> web.Response:
    """The page; without an inbox it says why there is none to show: trouble is `away`, `often`, or "" for a visitor
    whom no session names."""

    def say(key: str, **values: object) -> str:
        return html.escape(spoken.say(key, **values))

    if trouble:
        words = say("inbox.away") if trouble == "away" else say("inbox.often")
        body = f'<p class="problem" role="alert" data-trouble="{trouble}">{words}</p><p>{say("inbox.status")}</p>'
    elif found is None:
        body = (
            f"<p data-stranger>{say('inbox.stranger')}</p><p>{say('inbox.status')}</p>"
            f'<p><a class="button main" href="/login">{say("inbox.log_in")}</a></p>'
        )
    elif not found.letters:
        body = f"<p>{say('inbox.lead')}</p><p data-none>{say('inbox.none')}</p>"
    else:
        new = say("inbox.new_count", count=found.unread) if found.unread else say("inbox.none_new")
        older = f'<p class="small">{say("inbox.older", count=len(found.letters))}</p>' if found.more else ""
        body = (
            f'<p>{say("inbox.lead")}</p><p class="small" data-unread="{found.unread}">{new}</p>'
            f"{''.join(_letter(one, spoken) for one in found.letters)}{older}"
        )
    return pages.page("inbox", spoken.say("inbox.title"), body, spoken.language, status=status, here=ADDRESS)


def _letter(one: Letter, spoken: Writing) -> str:
    """One message: open when it is new, otherwise to be opened."""
    at = datetime.fromtimestamp(one.at, UTC)
    new = f' <span class="tag notice">{html.escape(spoken.say("inbox.new"))}</span>' if one.new else ""
    told = "".join(
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in one.words.split("\n\n") if part.strip()
    )
    code = html.escape(spoken.say("inbox.code", code=one.code))
    return (
        f'<details data-code="{html.escape(one.code)}"{" open" if one.new else ""}><summary>'
        f'<strong>{html.escape(one.subject)}</strong>{new} <span class="small"><time datetime="{at.isoformat()}">'
        f"{html.escape(spoken.clock(at))}</time></span></summary>{told}"
        f'<p class="small">{code}</p></details>'
    )
