"""How pretended banks behave, and what several tests of the doors do."""

import asyncio

from aiohttp import web


async def fails(request):
    return web.Response(status=500, text="broken")


async def hangs(request):
    await asyncio.sleep(6)
    return web.Response(text="too late")


async def strikes(request):
    request.transport.abort()
    return web.Response(text="never heard")


def outcome(what):
    async def behave(request):
        form = await request.post()
        return web.Response(text=what, headers={"Holdfast-Outcome": f"{what} {form['id']}"})

    return behave


def order(doors, what, cohorts):
    body = {"what": what, "cohorts": cohorts, "why": "a test", "by": "two people"}
    number = doors.internal("POST", "/-/orders", body)[1]["order"]
    doors.wait(lambda: any(e["kind"] == "order" and e["data"].get("order") == number and "result" in e["data"]
                           for e in doors.register.events(0, 100_000)))  # fmt: skip
    events = doors.register.events(0, 100_000)
    return next(e["data"]["result"] for e in events if e["data"].get("order") == number and "result" in e["data"])


def shown_by(doors, cohort, bank):
    """Wait until pages of a cohort are shown by this bank through both doors: the other door follows in a moment."""
    headers = {"Cookie": doors.cookie(cohort)}
    doors.wait(
        lambda: all(doors.request("GET", "/", headers=headers)[1]["Holdfast-Served-By"] == bank for _ in range(8))
    )
