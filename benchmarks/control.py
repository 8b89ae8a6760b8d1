"""`make bench-control`: the console with a thousand incidents and a fortnight of measurements, and what the control room
costs.

In real processes: a bank of its own is made and removed. First the processor time of the control room's own processes
while customers look at pages, then its tables are filled with made-up incidents and measurements (benchmarks/control.sql),
then each page is opened some times by a member of staff.
"""

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import psycopg

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say, share
from web import Web, at_rate, fill_account

from holdfast.gameday.console import Desk
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.processors import used_s
from holdfast.runtime import installing, launching
from holdfast.settings import Installation

CUSTOMERS, READERS = 240, 6
PAGES_PER_S, SECONDS = 25, 60
WARM_S = 25
TIMES = 20
PORT_BASE = 18600
OWN = ("control-web", "control-watch", "control-tell", "control-chat", "control-db")
TRIED = ("bank-db", "bank-web", "bank-worker", "standin", "door-1", "door-2")
"""What the journeys of the test customers work on; with nobody else at work, this is what they and the watch cost."""


async def cost(home: Installation, people: list[dict]) -> list[Figure]:
    """Processor time of the control room, quiet and with customers at work."""
    crowd = Crowd(home.door_origin, people, 1, 10.0, 0.0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        customers = [
            Customer(crowd, one, random.Random(number), session) for number, one in enumerate(people[:READERS])
        ]
        for one in customers:
            if not await one.log_in():
                raise SystemExit(f"{one.person['username']} could not log in")
        web = Web(customers)
        await asyncio.sleep(WARM_S)
        figures = []
        for words, rate in (("nobody at work", 0), (f"{PAGES_PER_S} pages a second", PAGES_PER_S)):
            before, began = used_s(home), time.monotonic()
            if rate:
                await at_rate(rate, SECONDS, web.account_page)
            else:
                await asyncio.sleep(SECONDS)
            took_s, after = time.monotonic() - began, used_s(home)
            own = sum(after[name] - before[name] for name in OWN) / took_s
            figures.append(Figure(f"control room's processes, {words}", own * 100, "% of a core", "<= 5"))
            if not rate:
                others = sum(after[name] - before[name] for name in TRIED) / took_s
                figures.append(Figure("banks and doors, journeys alone at work", others * 100, "% of a core"))
            figures += [
                Figure(f"  of it {name}", (after[name] - before[name]) / took_s * 100, "% of a core") for name in OWN
            ]
    return figures


async def pages(home: Installation) -> list[Figure]:
    """Each page of the console, opened some times by one member of staff."""
    with psycopg.connect(home.database_url("control"), autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "control.sql").read_text())
        rows = connection.execute("select count(*) from metrics_rolled").fetchone()
        series = connection.execute("select id from metrics_series order by id limit 1").fetchone()
        taken = connection.execute(
            "select sum(pg_total_relation_size(c.oid)) from pg_class c where c.relname in ('metrics_point',"
            " 'metrics_rolled', 'metrics_series')"
        ).fetchone()
    say(f"{rows[0] if rows else 0} rolled points of a fortnight")
    number = series[0] if series else 0
    figures = [Figure("measurements of a fortnight take", float(taken[0] if taken else 0) / 1e6, "MB")]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        desk = Desk(home, session, "responder")
        await desk.log_in()
        for path in ("/", "/incidents", "/incidents/1500", "/alerts", "/service-levels", "/changes",
                     "/measurements?part=bank-web", f"/measurements/{number}?span=fortnight", "/messages"):  # fmt: skip
            took = []
            for _ in range(TIMES):
                began = time.monotonic()
                await desk.look(path)
                took.append((time.monotonic() - began) * 1000)
            figures.append(Figure(f"page {path.replace(str(number), 'N') if 'span' in path else path}, p95",
                                  share(took, 95), "ms", "<= 300"))  # fmt: skip
    return figures


def main() -> int:
    """Make the bank, measure, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=PORT_BASE)
    port = parser.parse_args().port
    data = Path(tempfile.mkdtemp(prefix="holdfast-bench-control-"))
    (data / installing.DEMO_MARK).touch()
    child, home = launching.launch(data, port)
    try:
        launching.module(home, "holdfast.bank", "fill", "--customers", str(CUSTOMERS), "--seed", "1")
        launching.wait_until_served(home)
        logins = json.loads((data / "bank" / "logins.json").read_text())
        people = [one for one in logins if not one["role"] and one["accounts"]]
        for one in people[:READERS]:
            fill_account(home, one["accounts"][0]["id"])
        launching.wait_until_served(home)
        say("the bank is filled")
        figures = asyncio.run(cost(home, people))
        say("the control room's tables are being filled")
        return keep("control", [*figures, *asyncio.run(pages(home))])
    finally:
        launching.end(child, data)
        installing.remove_demo(data)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
