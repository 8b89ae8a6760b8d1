"""Subscribing to the status page at a door: ask, confirm, change, end. No bank is asked; where the control room is
away, that is said, and the feeds go on."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

from aiohttp import web

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.networks import network_of
from holdfast.contracts.origins import cross_site_reason
from holdfast.contracts.subscribing import (
    KEY_CHARACTERS_MAX,
    MAIL,
    PAGE,
    SMS,
    Outcome,
    Shown,
    plain_components,
    shown_from_wire,
)
from holdfast.edge.desk import Declined, DeskAway, call
from holdfast.edge.following import showing
from holdfast.edge.following.showing import Typed
from holdfast.edge.pages import language_of
from holdfast.edge.state import Door
from holdfast.edge.waiting.shares import Shares

BODY_BYTES_MAX, FIELDS_MAX = 4_000, 20
TYPED_CHARACTERS_MAX = 300
AT_ONCE, PER_S = 120, 1.0
"""What one network may ask; how many messages go out is limited by the control room, much lower."""
ENDS_AT_ONCE, ENDS_PER_S = 600, 20.0
"""A mail provider ends its customers' subscriptions from few addresses (RFC 8058)."""
Form = Mapping[str, list[str]]


class Following:
    """The addresses at one door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._asks = Shares(AT_ONCE, PER_S)
        self._ends = Shares(ENDS_AT_ONCE, ENDS_PER_S)

    def routes(self) -> list[web.RouteDef]:
        """Every address."""
        return [
            web.get(PAGE, self._form),
            web.post(PAGE, self._ask),
            web.get(f"{PAGE}/confirm", self._code),
            web.post(f"{PAGE}/confirm", self._confirm),
            web.get(f"{PAGE}/mine", self._mine),
            web.post(f"{PAGE}/mine", self._change),
            web.get(f"{PAGE}/end", self._end_form),
            web.post(f"{PAGE}/end", self._end),
        ]

    async def _desk(self, request: web.Request, what: str, shares: Shares, /, **more: object) -> Shown:
        """What the control room says; Outcome.OFTEN from a network that asks too much. Raises DeskAway."""
        if shares.take(network_of(request.remote or "")):
            return Shown(Outcome.OFTEN)
        try:
            return shown_from_wire(await call(self._door, f"subscribe/{what}", more))
        except (Declined, KeyError, ValueError, TypeError) as error:
            raise DeskAway(what) from error

    def _foreign(self, request: web.Request) -> bool:
        """Whether another site's form sent this: that could ask for messages to others by many people's browsers."""
        sent = request.headers
        own = self._door.installation.door_origin
        return cross_site_reason("POST", True, sent.get("Origin"), sent.get("Sec-Fetch-Site"), own) is not None

    async def _form(self, request: web.Request) -> web.Response:
        language = language_of(request)
        try:
            said = await self._desk(request, "ready", self._asks)
        except DeskAway:
            return showing.away(language)
        return showing.form(language, SMS in said.channels, Typed(language=language))

    async def _ask(self, request: web.Request) -> web.Response:
        language = language_of(request)
        form = await _fields(request)
        typed = Typed(_one(form, "address"), tuple(form.get("component", ())), _language(form, language))
        if self._foreign(request):
            return showing.form(language, False, typed, "origin", 403)
        try:
            components = plain_components(list(typed.components))
        except ValueError:
            return showing.form(language, False, typed, Outcome.NO_COMPONENT, 422)
        channel = MAIL if "@" in typed.address else SMS
        wish = {"channel": channel, "address": typed.address, "components": components, "language": typed.language}
        try:
            said = await self._desk(request, "ask", self._asks, network=network_of(request.remote or ""), **wish)
        except DeskAway:
            return showing.away(language)
        if said.outcome is Outcome.ASKED:
            return _to(f"{PAGE}/confirm?asked={channel}")
        status = 429 if said.outcome is Outcome.OFTEN else 503 if said.outcome is Outcome.FULL else 422
        return showing.form(language, SMS in said.channels, typed, said.outcome, status)

    async def _code(self, request: web.Request) -> web.Response:
        """The form for a code. It is never used by being looked at: mail programs open links by themselves."""
        code, asked = request.query.get("code", ""), request.query.get("asked", "")
        return showing.code_form(
            language_of(request), code[:TYPED_CHARACTERS_MAX], asked if asked in (MAIL, SMS) else ""
        )

    async def _confirm(self, request: web.Request) -> web.Response:
        language, code = language_of(request), _one(await _fields(request), "code")
        if self._foreign(request):
            return showing.code_form(language, code, "", "origin", 403)
        try:
            said = await self._desk(request, "confirm", self._asks, code=code)
        except DeskAway:
            return showing.away(language)
        if said.outcome is Outcome.CONFIRMED:
            return _to(f"{PAGE}/mine?{urlencode({'key': said.key, 'news': 'confirmed'})}")
        status = 429 if said.outcome is Outcome.OFTEN else 422
        return showing.code_form(language, code, "", said.outcome, status)

    async def _mine(self, request: web.Request) -> web.Response:
        language, key = language_of(request), request.query.get("key", "")[:TYPED_CHARACTERS_MAX]
        try:
            said = await self._desk(request, "look", self._asks, key=key)
        except DeskAway:
            return showing.away(language)
        if said.outcome is not Outcome.FOUND:
            return showing.not_there(language, said.outcome)
        return showing.mine(language, said, request.query.get("news", ""))

    async def _change(self, request: web.Request) -> web.Response:
        language, form = language_of(request), await _fields(request)
        key = _one(form, "key")
        if self._foreign(request):
            return showing.not_there(language, "origin", 403)
        try:
            components = plain_components(form.get("component", []))
        except ValueError:
            return _to(f"{PAGE}/mine?{urlencode({'key': key, 'news': Outcome.NO_COMPONENT.value})}")
        try:
            said = await self._desk(
                request, "change", self._asks, key=key, components=components, language=_language(form, language)
            )
        except DeskAway:
            return showing.away(language)
        if said.outcome is not Outcome.CHANGED:
            return showing.not_there(language, said.outcome)
        return _to(f"{PAGE}/mine?{urlencode({'key': key, 'news': 'changed'})}")

    async def _end_form(self, request: web.Request) -> web.Response:
        """A button: a link alone ends nothing, since mail programs open links by themselves."""
        key = request.query.get("key", "")[:KEY_CHARACTERS_MAX]
        return showing.end_form(language_of(request), key)

    async def _end(self, request: web.Request) -> web.Response:
        """By the page's button, or by one POST of a mail program without cookies or origin (RFC 8058): whoever has the
        key may. Done again, it is still done."""
        language, form = language_of(request), await _fields(request)
        key = request.query.get("key", "") or _one(form, "key")
        try:
            said = await self._desk(request, "end", self._ends, key=key[:TYPED_CHARACTERS_MAX])
        except DeskAway:
            return showing.away(language)
        if said.outcome is Outcome.OFTEN:
            return showing.not_there(language, said.outcome)
        return showing.ended(language)


def _to(address: str) -> web.Response:
    headers = {"Location": address, "Cache-Control": "no-store", "Holdfast-Served-By": "door"}
    return web.Response(status=303, headers=headers)


async def _fields(request: web.Request) -> dict[str, list[str]]:
    """The fields of a form; none of a body that is too large or holds none."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        return {}
    raw = await request.content.read(BODY_BYTES_MAX + 1)
    if len(raw) > BODY_BYTES_MAX:
        return {}
    try:
        return parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0][:TYPED_CHARACTERS_MAX]


def _language(form: Form, otherwise: str) -> str:
    chosen = _one(form, "language")
    return chosen if chosen in LANGUAGES else otherwise
