"""What browsers ask a door for to install the bank, and the pages that need no bank."""

import json
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from holdfast.edge import installing
from holdfast.look import ASSETS


async def asked(path, **headers):
    app = web.Application()
    app.add_routes(installing.routes("Test <Bank>"))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get(path, headers=headers)
        return answer, await answer.text()


@pytest.mark.demand("B10")
async def test_the_bank_can_be_installed_with_its_name_and_pictures_that_are_there():
    answer, text = await asked("/app.webmanifest")
    told = json.loads(text)
    assert (answer.status, answer.content_type) == (200, "application/manifest+json")
    assert (told["name"], told["display"], told["scope"]) == ("Test <Bank>", "standalone", "/")
    for icon in told["icons"]:
        picture = (ASSETS / icon["src"].removeprefix("/assets/")).read_bytes()
        width = int.from_bytes(picture[16:20], "big")
        assert (picture[:4], f"{width}x{width}") == (b"\x89PNG", icon["sizes"])
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}


async def test_the_worker_may_fetch_and_is_looked_at_anew_each_time():
    answer, text = await asked("/app-worker.js")
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    assert answer.headers["Cache-Control"] == "no-cache"
    for address in re.findall(r'"(/assets/[a-z.-]+)"', text):
        assert (ASSETS / address.removeprefix("/assets/")).exists(), address


@pytest.mark.demand("B10")
@pytest.mark.parametrize(("language", "other"), [("en", "nb"), ("nb", "en")])
async def test_the_page_without_a_connection_is_kept_in_both_languages_and_shows_one(language, other):
    _, text = await asked("/offline", **{"Accept-Language": language})
    assert f'lang="{language}" data-offline="{language}">' in text
    assert f'lang="{other}" data-offline="{other}" hidden>' in text
    assert text.count('data-sent="no"') == 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Keep my last balances here"), ("nb", "Ta vare på de siste saldoene mine her")]
)
async def test_the_choice_says_what_is_kept_before_anything_is(language, words):
    _, text = await asked("/app", **{"Accept-Language": language})
    assert f'data-begin="{words}"' in text
    assert '<button class="button main" type="button" hidden></button>' in text
