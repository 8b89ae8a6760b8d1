"""The chat at the doors: forms and stream, who is known and how, what is refused, and both banks dead."""

import http.client
import json
import re
import time
import uuid
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from desks import PretendDesk

from holdfast.contracts.consent import consent_from_payload
from holdfast.contracts.sessions import IDLE_S, Session
from holdfast.contracts.support import IDLE_S as CHAT_IDLE_S
from holdfast.contracts.support import WORDS_MAX

pytestmark = pytest.mark.demand("B7")
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def pretended(running):
    one = PretendDesk(running.installation, running.keys["control"])
    yield one
    one.end()


@pytest.fixture
def desk(pretended, doors):
    pretended.views.clear()
    pretended.asked.clear()
    pretended.refuse = ""
    if pretended.runner is None:
        pretended.open()
    return pretended


def send(doors, cookie="", origin="", headers=None, **form):
    fields = {"id": str(uuid.uuid4()), "words": "Where is my payment?", "act": "say", **form}
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin or doors.installation.door_origin}
    sent |= {"Cookie": cookie} if cookie else {}
    return doors.request("POST", "/chat", urlencode(fields).encode(), {**sent, **(headers or {})})


def cookie_of(headers):
    return headers["Set-Cookie"].partition(";")[0]


def session(doors, customer, issued=None, signer="primary", **more):
    at = time.time() if issued is None else issued
    made = Session(uuid.uuid4().hex, customer, 3, more.get("factors", ("password", "code")), at, at, 1)
    name = "hf_bank" if signer == "primary" else "hf_standin"
    return f"{name}={doors.keys[signer].sign('session', made.to_payload())}"


def test_a_stranger_writes_by_a_plain_form_and_reads_the_conversation_again(doors, desk):
    status, headers, _ = send(doors, words=HOSTILE)
    assert (status, headers["Location"]) == (303, "/chat")
    assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Lax" in headers["Set-Cookie"]
    status, _, page = doors.request("GET", "/chat", headers={"Cookie": cookie_of(headers)})
    assert status == 200 and HOSTILE.encode() not in page and b"&lt;script&gt;" in page
    assert desk.asked[0][1]["customer"] == 0 and desk.asked[0][1]["person"] is False
    assert b"We do not know who you are" in doors.request("GET", "/chat")[2]


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_person_is_asked_for_at_once_and_the_place_is_shown(doors, desk, language):
    spoken = {"Accept-Language": language}
    _, headers, _ = send(doors, act="say-person", headers=spoken)
    _, told, page = doors.request("GET", "/chat", headers={"Cookie": cookie_of(headers), **spoken})
    assert told["Content-Language"] == language
    assert re.search("2 are ahead of you" if language == "en" else "2 er foran deg", page.decode())
    assert desk.asked[0][1]["person"] is True


def test_the_customer_is_known_by_either_banks_session_and_stays_known_when_no_bank_renews_it(doors, desk):
    for signer in ("primary", "standin"):
        _, headers, _ = send(doors, cookie=session(doors, 77, signer=signer))
        assert desk.asked[-1][1]["customer"] == 77
    kept = cookie_of(headers)
    send(doors, cookie=kept)  # the session is gone, the conversation's cookie is there
    assert (desk.asked[-1][1]["customer"], desk.asked[-1][1]["conversation"] != "") == (77, True)
    send(doors, cookie=f"{kept}; {session(doors, 78)}")  # another customer on the same device
    assert (desk.asked[-1][1]["customer"], desk.asked[-1][1]["conversation"]) == (78, "")


def test_a_session_that_is_over_forged_or_by_a_password_alone_names_nobody(doors, desk):
    stale = session(doors, 77, issued=time.time() - IDLE_S - 1)
    alone = session(doors, 77, factors=("password",))
    forged = "hf_bank=" + doors.keys["door"].sign("session", {"customer": 77})
    wrong = session(doors, 77, signer="standin").replace("hf_standin", "hf_bank")
    for cookie in (stale, alone, forged, wrong, "hf_bank=x", "hf_chat=x.y.z"):
        send(doors, cookie=cookie)
        assert desk.asked[-1][1]["customer"] == 0, cookie


def test_a_chat_cookie_that_was_not_used_for_half_an_hour_leads_nowhere(doors, desk):
    at = time.time() - CHAT_IDLE_S - 1
    said = {"conversation": str(uuid.uuid4()), "customer": 77, "began": at, "at": at}
    send(doors, cookie="hf_chat=" + doors.keys["door"].sign("chat", said))
    assert (desk.asked[-1][1]["customer"], desk.asked[-1][1]["conversation"]) == (0, "")


def test_logging_out_takes_the_chat_from_the_device(doors, desk):
    async def logged_out(_request):
        from aiohttp import web

        return web.Response(status=303, headers={"Location": "/login", "Holdfast-Cohort": "none"})

    doors.primary.behave = logged_out
    connection = http.client.HTTPConnection("127.0.0.1", doors.installation.door_port, timeout=8)
    connection.request("POST", "/logout", headers={"Origin": doors.installation.door_origin})
    gone = [one for one in connection.getresponse().msg.get_all("Set-Cookie") if one.startswith("hf_chat=")]
    connection.close()
    assert len(gone) == 1 and "Max-Age=0" in gone[0]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_site_changes_nothing(doors, desk, headers):
    assert send(doors, headers=headers)[0] == 403
    assert desk.asked == []


@pytest.mark.parametrize(("refuse", "words"), [("long", f"longer than {WORDS_MAX}"), ("full", "Very many people wait")])
def test_what_is_refused_is_said_and_the_words_and_their_id_are_kept(doors, desk, refuse, words):
    desk.refuse, ident = refuse, str(uuid.uuid4())
    status, _, page = send(doors, id=ident, words="Keep this")
    assert (status, words in page.decode(), "Keep this" in page.decode(), ident in page.decode()) == (
        422,
        True,
        True,
        True,
    )
    status, _, told = send(doors, id=ident, headers={"Accept": "application/json"})
    assert (status, json.loads(told)["trouble"]) == (422, refuse)


def test_a_body_without_end_and_acts_that_there_are_not_are_refused(doors, desk):
    assert send(doors, words="x" * 30_000)[0] == 422
    assert send(doors, act="withdraw-everything")[0] == 422
    assert [one for one in desk.asked if one[1].get("words")] == []


def test_with_both_banks_dead_the_chat_works_and_with_the_desk_dead_it_says_so_and_keeps_the_words(doors, desk):
    doors.primary.shut()
    doors.standin.shut()
    status, headers, _ = send(doors)
    assert status == 303
    assert doors.request("GET", "/chat", headers={"Cookie": cookie_of(headers)})[0] == 200
    desk.shut()
    status, _, page = send(doors, words="Rent is due today")
    assert (status, b"Rent is due today" in page, b"sending it again sends it once only" in page) == (503, True, True)
    assert doors.request("GET", "/chat", headers={"Cookie": cookie_of(headers)})[0] == 200


def test_what_a_person_says_comes_by_the_stream_once_and_in_order(doors, desk):
    _, headers, _ = send(doors, act="say-person")
    (conversation,) = desk.views
    connection = http.client.HTTPConnection("127.0.0.1", doors.installation.door_port, timeout=8)
    connection.request("GET", "/chat/stream?after=1", headers={"Cookie": cookie_of(headers)})
    stream = connection.getresponse()
    assert (stream.status, stream.headers["Content-Type"]) == (200, "text/event-stream")
    seen = []

    def next_event():
        while True:
            line = stream.fp.readline().decode()
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))

    assert next_event()["lines"] == []
    for words in ("Hello", HOSTILE, "Goodbye"):
        desk.say(conversation, words)
        told = next_event()
        seen += told["lines"]
        assert told["state"] == "open" and "Kim" in told["status"]
    connection.close()
    assert [number for number, _ in seen] == [2, 3, 4] and HOSTILE not in seen[1][1]


def test_nobody_without_a_conversation_gets_a_stream(doors, desk):
    assert doors.request("GET", "/chat/stream")[0] == 204
    said = {"conversation": str(uuid.uuid4()), "customer": 0, "began": time.time(), "at": time.time()}
    wrong = "hf_chat=" + doors.keys["primary"].sign("chat", said)
    assert doors.request("GET", "/chat/stream", headers={"Cookie": wrong})[0] == 204


def taken(doors, desk, cookie, **more):
    """A chat that Kim of support has; what its customer's browser keeps."""
    _, headers, _ = send(doors, cookie=cookie, act="say-person")
    ident = max(desk.views, key=lambda one: desk.views[one].version)
    desk.say(ident, "Hello")
    desk.views[ident] = replace(desk.views[ident], agent="kim", known=True, **more)
    return ident, f"{cookie}; {cookie_of(headers)}"


@pytest.mark.demand("G7")
def test_a_customer_lets_the_agent_of_the_chat_see_their_pages_by_a_plain_form(doors, desk):
    ident, cookies = taken(doors, desk, session(doors, 77))
    page = doors.request("GET", "/chat", headers={"Cookie": cookies})[2].decode()
    assert "Let Kim see my pages for 30 minutes" in page and 'name="agent" value="Kim"' in page
    assert send(doors, cookie=cookies, act="let", agent="Kim")[0] == 303
    what, said = desk.asked[-1]
    given = consent_from_payload(doors.keys["control"].verify("consent", said["consent"], {"door"}))
    assert (what, given.conversation, given.customer, given.agent) == ("let", ident, 77, "kim")
    assert given.over("kim") is None
    desk.views[ident] = replace(desk.views[ident], shown_until=given.until)
    page = doors.request("GET", "/chat", headers={"Cookie": cookies})[2].decode()
    assert "Kim may see your pages until" in page and "Let Kim see" not in page
    assert send(doors, cookie=cookies, act="stop")[0] == 303 and desk.asked[-1][0] == "stop"


@pytest.mark.demand("G7")
def test_who_is_not_logged_in_or_saw_another_agents_name_lets_nobody_see_anything(doors, desk):
    cookie = session(doors, 77)
    _, cookies = taken(doors, desk, cookie)
    only_the_chat = cookies.partition("; ")[2]
    for sent, name, words in (
        (only_the_chat, "Kim", "Log in first"),
        (cookies, "Kari", "Somebody else has your chat now"),
        (cookies, "", "Somebody else has your chat now"),
    ):
        status, _, page = send(doors, cookie=sent, act="let", agent=name)
        assert (status, words in page.decode()) == (422, True), words
    status, _, _ = send(doors, cookie=cookies, act="let", agent="Kim", origin="http://elsewhere.example")
    assert status == 403
    assert [what for what, _ in desk.asked if what == "let"] == []


def test_a_stranger_and_who_waits_are_not_asked_to_show_their_pages(doors, desk):
    _, headers, _ = send(doors, cookie=session(doors, 77), act="say-person")
    assert b'value="let"' not in doors.request("GET", "/chat", headers={"Cookie": cookie_of(headers)})[2]
    _, cookies = taken(doors, desk, session(doors, 78))
    for one in desk.views:
        desk.views[one] = replace(desk.views[one], known=False)
    assert b'value="let"' not in doors.request("GET", "/chat", headers={"Cookie": cookies})[2]
