"""The chat's addresses at the doors: the page, its form, and the stream of what is new. No bank is asked."""

import asyncio
import json
from dataclasses import replace
from urllib.parse import urlsplit

from aiohttp import web

from holdfast.contracts.consent import PURPOSE, Consent
from holdfast.contracts.languages import own_address
from holdfast.contracts.sessions import Session
from holdfast.contracts.support import ADDRESS, COOKIE, IDLE_S, PLACE_MAX, Refused, State, View
from holdfast.edge.chat import asking, showing
from holdfast.edge.chat.asking import DeskAway, DeskRefused
from holdfast.edge.chat.showing import Shown
from holdfast.edge.chat.streams import Page, Streams
from holdfast.edge.chat.visitor import Visitor, give_cookie, live_session, read_visitor
from holdfast.edge.forms import BODY_BYTES_MAX, from_elsewhere, ident, read_form
from holdfast.edge.hearing import CHAT
from holdfast.edge.state import Door
from holdfast.edge.waiting.shares import Shares
from holdfast.look import Writing
from holdfast.telemetry.metrics import HEARD

POSTS_AT_ONCE, POSTS_PER_S = 400, 20.0
NEW_AT_ONCE, NEW_PER_S = 250, 0.2
"""What one network may do: write, and begin chats. A large house behind one address in an outage is many people."""
STREAM_S_MAX = 300.0
"""Then the page asks anew, and its cookie's idle time begins anew."""
ALIVE_S = 15.0
AGAIN_MS = 2_000
ACTS = ("say", "say-person", "person", "call", "let", "stop", "end", "rate")
JSON = "application/json"


class Chat:
    """The chat at one door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._streams = Streams(door)
        self._posts = Shares(POSTS_AT_ONCE, POSTS_PER_S)
        self._new = Shares(NEW_AT_ONCE, NEW_PER_S)

    def routes(self) -> list[web.RouteDef]:
        """Every address."""
        return [
            web.get(ADDRESS, self._show),
            web.post(ADDRESS, self._post),
            web.get(f"{ADDRESS}/stream", self._stream),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        visitor = read_visitor(self._door.keyring, request)
        place = _came_from(request)
        view, trouble = None, ""
        if visitor.conversation or visitor.customer:
            try:
                view = await asking.ask(self._door, "read", visitor.asking(), after=0)
            except DeskRefused:
                view = None  # theirs is over, or another's: a new one may begin
            except DeskAway:
                trouble = "away"
        return self._page(visitor, Shown(view, bool(visitor.customer), place, trouble=trouble))

    async def _post(self, request: web.Request) -> web.Response:
        """One act, by the form or by the script, which asks for JSON."""
        visitor = read_visitor(self._door.keyring, request)
        form = await read_form(request)
        foreign = from_elsewhere(request, self._door.installation.door_origin)
        by_script = JSON in request.headers.get("Accept", "")
        place = own_address(form.get("place", ""))[:PLACE_MAX]
        typed, message = form.get("words", ""), ident(form.get("id", ""))
        view, trouble = None, "origin"
        if not foreign and not form:
            trouble = Refused.LONG.value
        elif not foreign:
            session = live_session(self._door.keyring, request)
            view, trouble = await self._act(visitor, form, message, place, session)
        if trouble:
            shown = Shown(None, bool(visitor.customer), place, typed, message, trouble)
            return await self._not_taken(visitor, shown, by_script)
        if view is None:
            raise TypeError("an act without trouble has a view")
        spoken = self._spoken(visitor)
        if by_script:
            answer = web.json_response(showing.pieces(view, spoken), headers={"Cache-Control": "no-store"})
        else:
            answer = web.Response(status=303, headers={"Location": ADDRESS})
        answer.headers["Holdfast-Served-By"] = "door"
        give_cookie(self._door.keyring, answer, visitor, view.conversation)
        return answer

    async def _act(
        self, visitor: Visitor, form: dict[str, str], message: str, place: str, session: Session | None
    ) -> tuple[View | None, str]:
        """What came of it: a view, or why not."""
        act, network = form.get("act", "say"), visitor.network
        begins = act.startswith("say") and not visitor.conversation
        if act not in ACTS:
            return None, Refused.UNREADABLE.value
        if self._posts.take(network) or (begins and self._new.take(network)):
            return None, Refused.OFTEN.value
        name, more = act, dict[str, object]()
        if act.startswith("say"):
            name = "say"
            more = {"message": message, "words": form.get("words", "")[:BODY_BYTES_MAX], "person": act == "say-person"}
        elif act == "rate":
            score = form.get("score", "")
            more = {"score": int(score) if score.isdecimal() and len(score) == 1 else 0}
        try:
            if act == "let":
                more = {"consent": await self._consent(visitor, form.get("agent", ""), session)}
            view = await asking.ask(self._door, name, visitor.asking(place), **more)
        except DeskRefused as refused:
            return None, refused.why.value
        except DeskAway:
            return None, "away"
        if begins:
            HEARD.labels(CHAT).inc()
        return view, ""

    async def _consent(self, visitor: Visitor, shown: str, session: Session | None) -> str:
        """The customer's consent, signed, that the agent whose name their page showed sees their pages. It needs a
        session that goes on: the chat's cookie alone names the customer for the chat and for nothing else. Raises
        DeskRefused, and DeskAway."""
        if session is None or session.customer != visitor.customer:
            raise DeskRefused(Refused.NOT_LOGGED_IN)
        view = await asking.ask(self._door, "read", visitor.asking(), after=0)
        if view.state is not State.OPEN or not view.agent or view.by != shown:
            raise DeskRefused(Refused.CHANGED)
        given = Consent(
            view.conversation, session.customer, view.agent, session.session, session.began, self._door.keyring.clock()
        )
        return self._door.keyring.sign(PURPOSE, given.to_payload())

    async def _not_taken(self, visitor: Visitor, shown: Shown, by_script: bool) -> web.Response:
        status = {"away": 503, "origin": 403}.get(shown.trouble, 422)
        spoken = self._spoken(visitor)
        if by_script:
            words = showing.trouble_words(shown.trouble, spoken)
            return web.json_response({"trouble": shown.trouble, "words": words}, status=status)
        view = None
        if shown.trouble != "away" and (visitor.conversation or visitor.customer):
            try:
                view = await asking.ask(self._door, "read", visitor.asking(), after=0)
            except (DeskAway, DeskRefused):
                view = None
        return self._page(visitor, replace(shown, view=view), status)

    def _spoken(self, visitor: Visitor) -> Writing:
        return showing.writing(visitor.language, self._door.installation.time_zone)

    def _page(self, visitor: Visitor, shown: Shown, status: int = 200) -> web.Response:
        answer = showing.page(shown, self._spoken(visitor), status=status)
        if shown.view is not None:
            give_cookie(self._door.keyring, answer, visitor, shown.view.conversation)
        elif visitor.conversation and shown.trouble != "away":
            answer.del_cookie(COOKIE, path="/")
        return answer

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """What is new in the visitor's conversation, as server-sent events, for some minutes."""
        visitor = read_visitor(self._door.keyring, request)
        last = request.headers.get("Last-Event-ID", request.query.get("after", "0"))
        after = int(last) if last.isdecimal() and len(last) < 10 else 0
        try:
            view = await asking.ask(self._door, "read", visitor.asking(), after=after)
        except DeskRefused:
            return web.Response(status=204)  # the browser asks no more
        except DeskAway:
            return web.Response(status=503, headers={"Retry-After": "5"})
        page = self._streams.open(view)
        if page is None:
            return web.Response(status=503, headers={"Retry-After": "30"})
        answer = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "Holdfast-Served-By": "door",
                "X-Accel-Buffering": "no",
            }
        )
        give_cookie(self._door.keyring, answer, visitor, view.conversation)
        try:
            await self._tell(request, answer, view, page, visitor)
        finally:
            self._streams.close(page)
        return answer

    async def _tell(
        self, request: web.Request, answer: web.StreamResponse, view: View, page: Page, visitor: Visitor
    ) -> None:
        spoken, loop = self._spoken(visitor), asyncio.get_running_loop()
        ends = loop.time() + min(STREAM_S_MAX, IDLE_S)
        await answer.prepare(request)
        try:
            await answer.write(f"retry: {AGAIN_MS}\n".encode() + _event(view, spoken))
            while (left_s := ends - loop.time()) > 0:
                try:
                    told = await asyncio.wait_for(page.news.get(), min(ALIVE_S, left_s))
                except TimeoutError:
                    await answer.write(b": here\n\n")
                    continue
                if told is None:
                    return
                await answer.write(_event(told, spoken))
        except (ConnectionError, asyncio.CancelledError):
            return


def _came_from(request: web.Request) -> str:
    """The page of ours from which the chat was opened, its path alone; "/" where that is not told."""
    before = urlsplit(request.headers.get("Referer", ""))
    return own_address(before.path)[:PLACE_MAX] if before.netloc == request.host else "/"


def _event(view: View, spoken: Writing) -> bytes:
    last = max([view.last, *(one.number for one in view.lines)])
    return f"id: {last}\ndata: {json.dumps(showing.pieces(view, spoken))}\n\n".encode()
