"""The inbox at the doors: whose it is, what is shown, how many are new, and both banks dead."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from desks import PretendDesk

from holdfast.contracts.inbox import Inbox, Letter
from holdfast.contracts.sessions import IDLE_S, Session
from holdfast.edge.inbox import COUNTS_AT_ONCE

pytestmark = pytest.mark.demand("T2")
HOSTILE = "<script>alert('x')</script>"
WRITTEN = Inbox(
    (
        Letter(1.79e9, HOSTILE, f"Dear Kari,\n\n{HOSTILE}", "0123456789", new=True),
        Letter(1.78e9, "Older", "Old words", "1123456789", new=False),
    ),
    unread=1,
)


@pytest.fixture(scope="module")
def pretended(running):
    one = PretendDesk(running.installation, running.keys["control"])
    one.inboxes = {77: WRITTEN.to_wire()}
    yield one
    one.end()


@pytest.fixture
def desk(pretended, doors):
    pretended.asked.clear()
    if pretended.runner is None:
        pretended.open()
    return pretended


def session(doors, customer, issued=None, signer="primary", factors=("password", "code")):
    at = time.time() if issued is None else issued
    name = "hf_bank" if signer == "primary" else "hf_standin"
    made = Session(uuid.uuid4().hex, customer, 3, factors, at, at, 1)
    return f"{name}={doors.keys[signer].sign('session', made.to_payload())}"


def look(doors, cookie="", path="/inbox", **headers):
    return doors.request("GET", path, headers={"Cookie": cookie, **headers} if cookie else headers)


@pytest.mark.parametrize("signer", ["primary", "standin"])
def test_a_customer_reads_what_was_written_to_them_with_both_banks_dead(doors, desk, signer):
    doors.primary.shut()
    doors.standin.shut()
    status, headers, raw = look(doors, session(doors, 77, signer=signer))
    page = raw.decode()
    assert (status, headers["Cache-Control"], headers["Holdfast-Served-By"]) == (200, "no-store", "door")
    assert HOSTILE not in page and page.count("&lt;script&gt;") == 2
    assert page.index("0123456789") < page.index("1123456789") < page.index("Older")
    assert (page.count("<details"), page.count(" open>"), 'data-unread="1"' in page) == (2, 1, True)
    assert desk.asked == [("inbox read", {"customer": 77, "seen": True})]


def test_who_is_not_logged_in_is_shown_nothing_and_asks_nothing(doors, desk):
    stale = session(doors, 77, issued=time.time() - IDLE_S - 1)
    alone = session(doors, 77, factors=("password",))
    forged = "hf_bank=" + doors.keys["door"].sign("session", {"customer": 77})
    at = time.time()
    said = {"conversation": str(uuid.uuid4()), "customer": 77, "began": at, "at": at}
    chat = "hf_chat=" + doors.keys["door"].sign("chat", said)  # it leads to its conversation and to nothing else
    for cookie in ("", stale, alone, forged, chat, "hf_bank=x"):
        status, _, page = look(doors, cookie)
        assert (status, b"data-stranger" in page, b"Older" in page) == (200, True, False), cookie
        assert look(doors, cookie, "/inbox/unread")[0] == 204
    assert desk.asked == []


def test_another_customer_sees_an_inbox_of_their_own(doors, desk):
    page = look(doors, session(doors, 78))[2]
    assert b"data-none" in page and b"Older" not in page


def test_the_number_of_new_ones_is_told_to_the_script_and_kept_for_a_while(doors, desk):
    status, headers, raw = look(doors, session(doors, 77), "/inbox/unread")
    assert (status, json.loads(raw), headers["Vary"]) == (200, {"unread": 1}, "Cookie")
    assert headers["Cache-Control"].startswith("private")
    assert desk.asked == [("inbox unread", {"customer": 77})]


def test_beyond_a_few_at_one_time_a_page_goes_without_its_number_and_at_once(doors, desk):
    cookie = session(doors, 77)
    desk.slow_s = 0.7
    try:
        with ThreadPoolExecutor(60) as many:
            found = list(many.map(lambda _: look(doors, cookie, "/inbox/unread")[0], range(60)))
    finally:
        desk.slow_s = 0.0
    assert 1 <= desk.at_once_most <= 2 * COUNTS_AT_ONCE  # at two doors
    assert found.count(200) == len(desk.asked) and found.count(204) == 60 - len(desk.asked)
    assert look(doors, cookie, "/inbox/unread")[0] == 200


def test_a_page_that_is_only_fetched_ahead_counts_as_seen_by_nobody(doors, desk):
    look(doors, session(doors, 77), **{"Sec-Purpose": "prefetch"})
    assert [said["seen"] for _, said in desk.asked] == [False]


@pytest.mark.parametrize(("language", "words"), [("en", "does not answer"), ("nb", "svarer ikke")])
def test_with_the_desk_dead_the_page_says_so(doors, desk, language, words):
    desk.shut()
    status, _, page = look(doors, session(doors, 77), **{"Accept-Language": language})
    assert (status, words in page.decode()) == (503, True)
    assert look(doors, session(doors, 77), "/inbox/unread")[0] == 204
