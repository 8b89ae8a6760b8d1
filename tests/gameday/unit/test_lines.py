"""A customer who is shown a place in the line before the login waits there as told."""

import random

import pytest

from holdfast.gameday import crowd as crowds
from holdfast.gameday.crowd import Crowd, Customer
from holdfast.gameday.logging_in import log_in
from holdfast.gameday.reading import Page, body_marks, looks_again_s

PERSON = {"name": "Sample Person", "username": "sample", "password": "one two three", "passkey": {}, "accounts": []}


class Fresh(Customer):
    """Gets these pages, one after the other."""

    def __init__(self, crowd, pages):
        super().__init__(crowd, {**PERSON}, random.Random(1), None)
        self.pages, self.asked = list(pages), []

    async def fetch(self, method, path, form):
        self.asked.append((method, path))
        return self.pages.pop(0)


def page(name, status=200, served_by="bank", again_s=0.0, text=""):
    html = f'<body data-page="{name}">{text}</body>'
    return Page(status, html, "http://x/login?still=yes", served_by, body_marks(html), again_s=again_s)


def place():
    return page("waiting", 200, "door", 0.01)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(crowds, "AGAIN_GAP_S", 0.01)


async def test_who_waits_looks_again_and_goes_on_and_the_wait_is_counted(quick):
    crowd = Crowd("http://x", [], 1, 1.0, 0.0, lines=True)
    one = Fresh(crowd, [place(), place(), page("login")])
    assert (await one.ask("GET", "/login", "login")).marks["page"] == "login"
    assert one.asked == [("GET", "/login"), ("GET", "/login?still=yes"), ("GET", "/login?still=yes")]
    assert one.waited and len(crowd.waits) == 1 and not any(r.why for r in crowd.requests)
    assert len(crowd.requests) == 3


async def test_a_line_that_does_not_end_is_a_failed_request(quick, monkeypatch):
    monkeypatch.setattr(crowds, "LINE_S_MAX", 0.05)
    crowd = Crowd("http://x", [], 1, 1.0, 0.0, lines=True)
    one = Fresh(crowd, [place() for _ in range(50)])
    assert await one.ask("GET", "/login", "login") is None
    assert [r.why for r in crowd.requests if r.why] == ["waited in the line for more than 0 s"]


async def test_without_lines_a_place_is_a_failure():
    crowd = Crowd("http://x", [], 1, 1.0, 0.0)
    assert await Fresh(crowd, [place()]).ask("GET", "/login", "login") is None
    assert [r.why for r in crowd.requests] == ["asked for login, got waiting (status 200)"]


async def test_a_login_sent_before_a_line_is_sent_again_after_it(quick, monkeypatch):
    crowd = Crowd("http://x", [], 1, 1.0, 0.0, lines=True, codes=True)
    one = Fresh(crowd, [page("login"), place(), page("login"), page("login-code"), page("overview")])
    monkeypatch.setattr(one, "luck", random.Random(0))
    monkeypatch.setattr(one.luck, "random", lambda: 0.0)
    monkeypatch.setattr(one.factors, "code", lambda: "123456")
    monkeypatch.setattr(Page, "hidden", lambda self: {"proof": "proved"})
    assert await log_in(one)
    assert [method for method, _ in one.asked] == ["GET", "POST", "GET", "POST", "POST"]
    assert crowd.restarted == 0 and not any(r.why for r in crowd.requests)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Refresh": "3; url=/login"}, 3.0), ({"Retry-After": "20"}, 20.0), ({"Refresh": "soon"}, 0.0), ({}, 0.0)],
)
def test_when_to_look_again_is_read_from_the_headers(headers, seconds):
    assert looks_again_s(headers) == seconds
