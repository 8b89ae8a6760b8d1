"""What each answer of a door tells the browser, so that a page is kept to itself."""

import re

import pytest
from aiohttp import web

pytestmark = pytest.mark.demand("G1")


PATHS = (
    "/status",
    "/genuine",
    "/nothing-here",
    "/status.json",
    "/status.rss",
    "/status.ics",
    "/assets/holdfast.css",
    "/",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_a_policy_and_is_kept_to_itself(doors, path):
    _, headers, body = doors.request("GET", path)
    policy = headers["Content-Security-Policy"]
    assert "base-uri 'none'" in policy and "frame-ancestors" in policy
    assert "object-src 'none'" in policy or "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] in {"same-origin", "same-site"}
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert not re.search(rb"<script(?![^>]*\bsrc=)|\son\w+=", body)


def test_what_a_bank_said_of_its_own_page_stands(doors):
    async def behave(_):
        return web.Response(text="x", headers={"Content-Security-Policy": "default-src 'none'; img-src 'self'"})

    doors.primary.behave = behave
    _, headers, _ = doors.request("GET", "/", headers={"Cookie": doors.cookie(3)})
    assert headers["Content-Security-Policy"] == "default-src 'none'; img-src 'self'"
