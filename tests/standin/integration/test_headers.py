"""What each answer of the spare bank tells the browser, so that a page is kept to itself."""

import re

import pytest
from world import World

KEPT = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.mark.parametrize(
    "path", ["/", "/pay", "/login", "/money", "/help", "/nothing", "/accounts/1", "/accounts/77/statement"]
)
def test_every_page_is_kept_to_itself_and_runs_nothing_that_stands_in_it(town: World, path: str) -> None:
    answer = town.visit("GET", path, cookies={} if path == "/login" else town.session())
    said = {name.lower(): value for name, value in answer.headers.items()}
    assert {name: said[name] for name in KEPT} == KEPT
    assert said["content-type"] == "text/html; charset=utf-8"
    policy = said["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", answer.text)


def test_at_the_end_the_browser_is_told_to_keep_nothing(town: World) -> None:
    answer = town.visit("POST", "/logout", cookies=town.session())
    assert {name.lower(): value for name, value in answer.headers.items()}["clear-site-data"] == '"storage"'


def test_the_login_page_carries_the_passkeys_script_and_every_other_the_sessions(town: World) -> None:
    assert '<script src="/assets/passkeys.js" defer></script>' in town.visit("GET", "/login", cookies={}).text
    assert '<script src="/assets/session.js" defer></script>' in town.visit("GET", "/", cookies=town.session()).text
