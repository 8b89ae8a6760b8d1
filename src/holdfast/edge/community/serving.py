"""The community's addresses at the doors: pages, one form's address a page, and calendar files. No bank is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

from holdfast.contracts.community import (
    ADDRESS,
    FIND_MAX,
    LEARN,
    NEWS,
    PROBLEM,
    Forum,
    Refused,
    School,
    Topics,
    Tours,
    Trouble,
)
from holdfast.contracts.languages import own_address
from holdfast.contracts.shapes import from_wire
from holdfast.edge import desk, pages
from holdfast.edge.community import ideas, learning, markup, reporting, touring
from holdfast.edge.community.markup import Shown
from holdfast.edge.community.visitor import Visitor, give_cookie, read_visitor
from holdfast.edge.desk import Declined, DeskAway
from holdfast.edge.forms import from_elsewhere, ident, read_form
from holdfast.edge.hearing import REPORTED
from holdfast.edge.state import Door
from holdfast.edge.waiting.shares import Shares
from holdfast.telemetry.metrics import HEARD

POSTS_AT_ONCE, POSTS_PER_S = 300, 5.0
REPORTS_AT_ONCE, REPORTS_PER_S = 60, 0.1
"""What one network may do: act here, and report problems; a large house behind one address is many people."""
NUMBER_DIGITS_MAX = 12
QUESTIONS_MAX = 8
BACK_MAX = 60
ORDERS = ("votes", "new")
FORUM_ACTS = ("suggest", "comment", "vote", "unvote", "report", "appeal", "rename", "poll")
LEARN_ACTS = ("register", "give-up", "ask", "report", "appeal")
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a deed: why it was not done, "" when it was, and the number that it got."""

    trouble: str
    number: int = 0


class Community:
    """The community at one door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._posts = Shares(POSTS_AT_ONCE, POSTS_PER_S)
        self._reports = Shares(REPORTS_AT_ONCE, REPORTS_PER_S)

    def routes(self) -> list[web.RouteDef]:
        """Every address."""
        number = f"{{number:[0-9]{{1,{NUMBER_DIGITS_MAX}}}}}"
        return [
            web.get(ADDRESS, self._forum),
            web.get(f"{ADDRESS}/{number}", self._idea),
            web.post(ADDRESS, self._forum_act),
            web.get(LEARN, self._school),
            web.get(f"{LEARN}/help", self._topics),
            web.get(f"{LEARN}/{number}", self._webinar),
            web.get(f"{LEARN}/{number}.ics", self._calendar),
            web.post(LEARN, self._learn_act),
            web.get(NEWS, self._news),
            web.post(NEWS, self._put_away),
            web.get(PROBLEM, self._problem),
            web.post(PROBLEM, self._report),
        ]

    # What is looked at.

    async def _forum(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        return await self._shown(request, visitor, lambda shown: self._forum_page(visitor, shown, 200))

    async def _idea(self, request: web.Request) -> web.Response:
        visitor, number = self._visitor(request), int(request.match_info["number"])
        return await self._shown(request, visitor, lambda shown: self._idea_page(visitor, shown, number, 200))

    async def _school(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        return await self._shown(request, visitor, lambda shown: self._school_page(visitor, shown, 200))

    async def _webinar(self, request: web.Request) -> web.Response:
        visitor, number = self._visitor(request), int(request.match_info["number"])
        return await self._shown(request, visitor, lambda shown: self._webinar_page(visitor, shown, number, 200))

    async def _topics(self, request: web.Request) -> web.Response:
        """Help topics; with `find` those that fit."""
        visitor, find = self._visitor(request), " ".join(request.query.get("find", "").split())[:FIND_MAX]

        async def made(shown: Shown) -> web.Response:
            return learning.topics_page(await self._look(Topics, "topics", visitor, find=find), shown, find)

        return await self._shown(request, visitor, made)

    async def _news(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)

        async def made(shown: Shown) -> web.Response:
            return reporting.news_page(await self._look(Tours, "tours", visitor), shown)

        return await self._shown(request, visitor, made)

    async def _problem(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        return self._given(visitor, reporting.problem_page(self._plain(visitor, PROBLEM), done="done" in request.query))

    async def _calendar(self, request: web.Request) -> web.Response:
        """The calendar file of one webinar."""
        visitor, number = self._visitor(request), int(request.match_info["number"])
        try:
            school = await self._look(School, "webinar", visitor, number=number)
        except Declined:
            return pages.nothing_there(visitor.language)
        except DeskAway:
            return self._away(visitor, request.path)
        return web.Response(
            text=school.calendar,
            content_type="text/calendar",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="webinar-{number}.ics"',
                "Holdfast-Served-By": "door",
            },
        )

    async def _forum_page(self, visitor: Visitor, shown: Shown, status: int) -> web.Response:
        order = next((one for one in ORDERS if shown.here.endswith(f"order={one}")), ORDERS[0])
        return ideas.forum_page(await self._look(Forum, "ideas", visitor, order=order), shown, order, status)

    async def _idea_page(self, visitor: Visitor, shown: Shown, number: int, status: int) -> web.Response:
        return ideas.idea_page(await self._look(Forum, "idea", visitor, number=number), shown, status)

    async def _school_page(self, visitor: Visitor, shown: Shown, status: int) -> web.Response:
        return learning.school_page(await self._look(School, "webinars", visitor), shown, status)

    async def _webinar_page(self, visitor: Visitor, shown: Shown, number: int, status: int) -> web.Response:
        return learning.webinar_page(await self._look(School, "webinar", visitor, number=number), shown, status)

    # What is done.

    async def _forum_act(self, request: web.Request) -> web.Response:
        visitor, form = self._visitor(request), await read_form(request)
        back, acted = _came_from(form, ADDRESS), await self._act(request, visitor, form, FORUM_ACTS)
        if not acted.trouble:
            return self._back(visitor, f"{ADDRESS}/{acted.number}" if form["act"] == "suggest" else back)
        number, shown = _number_in(back, ADDRESS), self._plain(visitor, back, acted.trouble, form)

        async def again(_: Shown) -> web.Response:
            if number:
                return await self._idea_page(visitor, shown, number, _status(acted.trouble))
            return await self._forum_page(visitor, shown, _status(acted.trouble))

        return await self._shown(request, visitor, again)

    async def _learn_act(self, request: web.Request) -> web.Response:
        visitor, form = self._visitor(request), await read_form(request)
        back, acted = _came_from(form, LEARN), await self._act(request, visitor, form, LEARN_ACTS)
        if not acted.trouble:
            return self._back(visitor, back)
        number, shown = _number_in(back, LEARN), self._plain(visitor, back, acted.trouble, form)

        async def again(_: Shown) -> web.Response:
            if number:
                return await self._webinar_page(visitor, shown, number, _status(acted.trouble))
            return await self._school_page(visitor, shown, _status(acted.trouble))

        return await self._shown(request, visitor, again)

    async def _act(self, request: web.Request, visitor: Visitor, form: dict[str, str], acts: tuple[str, ...]) -> Acted:
        """One deed of a customer."""
        act = form.get("act", "")
        if refused := self._refused(request, visitor, form, act in acts):
            return Acted(refused)
        name, more = act, dict[str, object](number=_number(form))
        if act in ("vote", "unvote"):
            name, more["wanted"] = "vote", act == "vote"
        elif act == "poll":
            more["chosen"] = _chosen(form)
        else:
            more |= {one: form.get(one, "") for one in ("words", "title")} | {"said": ident(form.get("said", ""))}
        try:
            said = await self._ask(name, visitor, **more)
        except Declined as declined:
            return Acted(_reason(declined))
        except DeskAway:
            return Acted("away")
        return Acted("", int(said.get("number", 0)))

    def _refused(self, request: web.Request, visitor: Visitor, form: dict[str, str], is_known: bool) -> str:
        """Why the desk is not asked at all, "" when it is."""
        if from_elsewhere(request, self._door.installation.door_origin):
            return "origin"
        if not form:
            return Refused.LONG.value
        if not is_known:
            return Refused.UNREADABLE.value
        return Refused.OFTEN.value if self._posts.take(visitor.network) else ""

    async def _put_away(self, request: web.Request) -> web.Response:
        """A tour was seen: back to the page on which it stood, where it is shown no more."""
        visitor, form = self._visitor(request), await read_form(request)
        acted = await self._act(request, visitor, form, ("put-away",))
        number = _number(form)
        if acted.trouble not in ("", "away"):  # while the control room is away, this browser alone remembers it
            shown = self._plain(visitor, NEWS, acted.trouble)

            async def again(_: Shown) -> web.Response:
                found = await self._look(Tours, "tours", visitor)
                return reporting.news_page(found, shown, _status(acted.trouble))

            return await self._shown(request, visitor, again)
        answer = self._back(visitor, own_address(form.get("back", "/"))[:BACK_MAX])
        if visitor.customer:
            self._door.touring.put_away(visitor.customer, number)
        value = touring.with_number(request.cookies, number)
        answer.set_cookie(touring.COOKIE, value, max_age=touring.COOKIE_S, httponly=True, samesite="Lax", path="/")
        return answer

    async def _report(self, request: web.Request) -> web.Response:
        """A problem: counted by this door at once, which detection hears also while the control room's store is away;
        the words are kept there."""
        visitor, form = self._visitor(request), await read_form(request)
        if trouble := await self._reported(request, visitor, form):
            shown = self._plain(visitor, PROBLEM, trouble, form)
            return self._given(visitor, reporting.problem_page(shown, status=_status(trouble)))
        return self._back(visitor, f"{PROBLEM}?done=yes")

    async def _reported(self, request: web.Request, visitor: Visitor, form: dict[str, str]) -> str:
        """Why it was not taken, "" when it was."""
        chosen = form.get("trouble", "")
        if from_elsewhere(request, self._door.installation.door_origin):
            return "origin"
        if chosen not in set(Trouble):
            return Refused.ANSWERS.value if form else Refused.LONG.value
        if self._reports.take(visitor.network):
            return Refused.OFTEN.value
        more = {"trouble": chosen, "words": form.get("words", ""), "said": ident(form.get("said", ""))}
        try:
            await self._ask("problem", visitor, **more)
        except Declined as declined:
            return _reason(declined)
        except DeskAway:
            HEARD.labels(REPORTED).inc()
            return "counted"
        HEARD.labels(REPORTED).inc()
        return ""

    # What all of them share.

    def _visitor(self, request: web.Request) -> Visitor:
        return read_visitor(self._door.keyring, request)

    def _plain(self, visitor: Visitor, here: str, trouble: str = "", typed: dict[str, str] | None = None) -> Shown:
        home = self._door.installation
        spoken = markup.writing(visitor.language, home.time_zone)
        return Shown(spoken, bool(visitor.customer), home.door_origin, here, trouble, typed or {})

    async def _ask(self, what: str, visitor: Visitor, **more: object) -> dict[str, Any]:
        return await desk.call(self._door, f"community/{what}", {**visitor.who.to_wire(), **more})

    async def _look(self, kind: type[Seen], what: str, visitor: Visitor, **more: object) -> Seen:
        """What is to be seen. Raises Declined and DeskAway."""
        said = await self._ask(what, visitor, **more)
        try:
            return from_wire(kind, said)
        except ValueError as error:
            raise DeskAway(what) from error

    async def _shown(
        self, request: web.Request, visitor: Visitor, made: Callable[[Shown], Awaitable[web.Response]]
    ) -> web.Response:
        """The page, or that there is none, or that the desk is away."""
        try:
            answer = await made(self._plain(visitor, request.path_qs))
        except Declined:
            return pages.nothing_there(visitor.language)
        except DeskAway:
            answer = self._away(visitor, request.path)
        return self._given(visitor, answer)

    def _away(self, visitor: Visitor, here: str) -> web.Response:
        shown = self._plain(visitor, here)
        body = f'<p>{shown.say("no.away")}</p><p><a class="button" href="/status">{shown.say("problem.status")}</a></p>'
        return markup.page(shown, "community-away", shown.spoken.say("no.away_title"), body, 503)

    def _given(self, visitor: Visitor, answer: web.Response) -> web.Response:
        give_cookie(self._door.keyring, answer, visitor)
        return answer

    def _back(self, visitor: Visitor, to: str) -> web.Response:
        answer = web.Response(status=303, headers={"Location": to, "Holdfast-Served-By": "door"})
        return self._given(visitor, answer)


def _status(trouble: str) -> int:
    return {"away": 503, "counted": 503, "origin": 403}.get(trouble, 422)


def _reason(declined: Declined) -> str:
    return declined.why if declined.why in set(Refused) else Refused.UNREADABLE.value


def _number(form: dict[str, str]) -> int:
    typed = form.get("number", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= NUMBER_DIGITS_MAX else 0


def _came_from(form: dict[str, str], page: str) -> str:
    """The page of ours on which the form was, below this one; this one for anything else."""
    typed = own_address(form.get("back", ""))[:BACK_MAX]
    return typed if typed == page or typed.startswith((f"{page}/", f"{page}?")) else page


def _number_in(path: str, page: str) -> int:
    """Of what the page is about, 0 for the page of all."""
    number = path.partition("?")[0].removeprefix(f"{page}/")
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS_MAX else 0


def _chosen(form: dict[str, str]) -> list[int]:
    """The answers to a poll in the order of its questions, up to the first that is missing."""
    found: list[int] = []
    for place in range(QUESTIONS_MAX):
        typed = form.get(f"chosen-{place}", "")
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 3):
            break
        found.append(int(typed))
    return found
