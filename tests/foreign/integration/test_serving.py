"""The feeder over HTTP, and the real spare bank's copy fed by it."""

import json
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer
from holdfast_tests import free_port_base
from inside import make_keys

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.foreign.serving import Feeder, make_app
from holdfast.settings import Installation, write
from holdfast.signing import load_keyring
from holdfast.standin.copy import Copy
from holdfast.standin.vault import Vault
from holdfast.standin.view import View
from holdfast.telemetry import lines

pytestmark = pytest.mark.demand("X2")


@asynccontextmanager
async def serving(tmp_path, filled):
    """The feeder with its HTTP side; gives a signed GET."""
    home = Installation(data=tmp_path, port_base=free_port_base())
    write(home)
    make_keys(home.keys, "primary", "standin", "control", "door")
    feeder = Feeder(home, filled.files)
    feeder.look()
    feeder.look()
    async with TestClient(TestServer(make_app(feeder))) as client:

        async def get(path, by="standin", **query):
            headers = {CALLER_HEADER: load_keyring(home.keys, by).call("primary", path)}
            return await client.get(path, params=query, headers=headers)

        yield get


async def test_the_feeds_are_given_to_the_spare_bank_and_to_nobody_else(tmp_path, filled):
    async with serving(tmp_path, filled) as get:
        assert (await get("/-/feed/books", by="door", after=0)).status == 403
        assert (await get("/-/feed/profile", by="door", after=0)).status == 403
        assert (await (await get("/-/health")).json())["block"] == 1
        assert (await get("/", by="door")).status == 503


async def test_the_spare_banks_own_copy_takes_both_feeds(tmp_path, filled):
    view = View()
    copy = Copy(tmp_path / "copy.sqlite", view, Vault(tmp_path / "standin-store.keys"))
    async with serving(tmp_path, filled) as get:
        assert copy.apply_answer(await (await get("/-/feed/books", after=0, limit=100)).read()) == (1, 1)
        assert copy.apply_facts(await (await get("/-/feed/profile", after=0, limit=100)).read())[1] == 7
        rest = await (await get("/-/feed/books", after=1, wait_ms=50)).read()
    found = [view.accounts.get(account) for account in (1001, 1002, 1003)]
    assert {one.code: one.balance_minor for one in found} == {
        "97120000018": 100_000,
        "97120000026": 25_050,
        "97120000034": 0,
    }
    assert view.profile.find_customer("Ada")["accounts"] == [1001, 1002]
    assert view.profile.find_account("9712 00 00034") == 1003
    assert json.loads(rest) == {"head": 1, "blocks": []}
    copy.close()


@pytest.mark.demand("W1")
async def test_what_the_feeder_warned_of_is_told_to_the_control_room_only(tmp_path, filled):
    async with serving(tmp_path, filled) as get:
        lines._Kept(tmp_path / "foreign", "foreign").add({"level": "warning", "event": "a file made no sense"})
        told = await (await get("/-/lines", by="control")).json()
        assert [(one[0], one[2], one[3]["event"]) for one in told["lines"]] == [("foreign", 1, "a file made no sense")]
        assert (await get("/-/lines", by="standin")).status == 403
        assert (await get("/-/lines", by="control", limit="none")).status == 400
