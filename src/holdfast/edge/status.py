"""The public status at a door: for people, for programs, as feeds and as a calendar, from the last bundle that the
control room signed; so it is there with everything else away.
"""

import html
import json

from aiohttp import web

from holdfast.contracts.languages import LANGUAGES
from holdfast.edge.bundle import BundleStore
from holdfast.edge.pages import POLICY, WORDS, language_of, nothing_there, page
from holdfast.edge.state import Door

NO_CALENDAR = "BEGIN:VCALENDAR\r\nPRODID:-//Holdfast//Planned maintenance//EN\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
OF_SUMMARY = {
    "summary": ("status", "components", "incidents", "scheduled_maintenances"),
    "status": ("status",),
    "components": ("components",),
    "incidents": ("incidents",),
    "scheduled-maintenances": ("scheduled_maintenances",),
}
"""What each address of the Statuspage API (version 2) tells of the summary, beside the page."""


def routes(door: Door) -> list[web.RouteDef]:
    """Every address."""

    async def for_people(request: web.Request) -> web.StreamResponse:
        spoken = language_of(request, request.query.get("language", ""))
        return status_page(door.bundles, spoken, door.installation.console_origin)

    async def for_programs(request: web.Request) -> web.StreamResponse:
        said = status_json(door.bundles, request.match_info.get("part", "summary"))
        return said or nothing_there(language_of(request))

    async def atom(_: web.Request) -> web.StreamResponse:
        return status_atom(door.bundles)

    async def rss(_: web.Request) -> web.StreamResponse:
        return status_rss(door.bundles)

    async def calendar(_: web.Request) -> web.StreamResponse:
        return status_calendar(door.bundles)

    return [
        web.get("/status", for_people),
        web.get("/status.json", for_programs),
        web.get("/status/api/v2/{part}.json", for_programs),
        web.get("/status.atom", atom),
        web.get("/status.rss", rss),
        web.get("/status.ics", calendar),
    ]


def status_page(store: BundleStore, language: str, console: str) -> web.Response:
    """The public status page of the last bundle, or plain words before there is one. console: who may show it in a
    frame."""
    store.reload()
    told = store.bundle.get("status") or {}
    written = told.get(language) or told.get(LANGUAGES[0])
    if not written:
        words = WORDS[language]
        return page(
            "status",
            words.say("status.title"),
            f"<p>{html.escape(words.say('status.none'))}</p>",
            language,
            here="/status",
        )
    return web.Response(
        text=written,
        content_type="text/html",
        headers={
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Content-Security-Policy": f"{POLICY}; frame-ancestors {console}",
            "Cross-Origin-Resource-Policy": "same-site",
            "Holdfast-Served-By": "door",
        },
    )


def status_json(store: BundleStore, part: str = "summary") -> web.Response | None:
    """The status for machines, in the form of version 2 of the Statuspage API; part: one of OF_SUMMARY, None for
    another."""
    if part not in OF_SUMMARY:
        return None
    store.reload()
    told = store.bundle.get("status_json") or {}
    said = {name: told[name] for name in ("page", *OF_SUMMARY[part]) if name in told}
    return web.Response(
        text=json.dumps(said),
        content_type="application/json",
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


def status_atom(store: BundleStore) -> web.Response:
    """The status as an Atom feed."""
    store.reload()
    return web.Response(text=str(store.bundle.get("feed_atom") or ""), content_type="application/atom+xml")


def status_rss(store: BundleStore) -> web.Response:
    """The status as RSS 2.0."""
    store.reload()
    return web.Response(text=str(store.bundle.get("feed_rss") or ""), content_type="application/rss+xml")


def status_calendar(store: BundleStore) -> web.Response:
    """Planned maintenance as a calendar (RFC 5545); an empty one where nothing is known, so that who follows it
    goes on."""
    store.reload()
    text = str(store.bundle.get("calendar") or NO_CALENDAR)
    return web.Response(body=text.encode(), content_type="text/calendar", charset="utf-8")
