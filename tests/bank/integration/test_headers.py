"""What each answer of the primary bank tells the browser, so that a page is kept to itself."""

import re

import pytest

pytestmark = pytest.mark.demand("G1")
KEPT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize("path", ["/", "/pay", "/login", "/security", "/nothing", "/accounts/1", "/help"])
def test_every_page_is_kept_to_itself_and_runs_nothing_that_stands_in_it(town, path):
    answer = town.ann.get(path)
    assert {name: answer.headers[name] for name in KEPT} == KEPT
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", page)


def test_at_the_end_the_browser_is_told_to_keep_nothing(town):
    answer = town.ann.post("/logout", {})
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert {cookie["max-age"] for cookie in answer.cookies.values()} == {0}
