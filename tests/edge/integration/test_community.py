"""The community at the doors: text stays text, who is known and how, what is refused, and both banks dead."""

import http.client
import re
import time
import uuid
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from communities import PretendRoom

from holdfast.contracts.community import (
    IDLE_S,
    Asked,
    Choice,
    Forum,
    Idea,
    Material,
    Poll,
    Post,
    Question,
    Refused,
    School,
    Topic,
    Topics,
    Tour,
    Tours,
    Trouble,
    Webinar,
)
from holdfast.contracts.sessions import Session
from holdfast.look.tour import tour_from_header

pytestmark = pytest.mark.demand("B8")
HOSTILE = "<script>alert('x')</script>"
CUSTOMER = 417_582_936
"""A number whose digits no address or instant has by chance."""
AT = 1_795_000_000.0
BOTH = {"en": "Both <b>", "nb": "Begge <b>"}
POST = Post(3, "Happy Hat", "nb", f"Title {HOSTILE}", f"See https://evil.example/x {HOSTILE}", AT, False, "shown", "", "none",
            False)  # fmt: skip
IDEA = Idea(POST, "done", 12, False, 1, {"en": "We did it", "nb": "Vi gjorde det"}, AT)
POLL = Poll(5, 14, BOTH, (Question(BOTH, (Choice(BOTH, 3), Choice({"en": "No", "nb": "Nei"}, 1))),), AT, True, False, 4)
FORUM = Forum("Happy Hat", False, (IDEA,), (IDEA,), (), (POLL,))
WEBINAR = Webinar(
    2, BOTH, BOTH, "nb", AT + 9000, AT + 12_000, False, 40, 3, 0, "none", 0, "", "https://video.example/r",
    (Material(BOTH, "/help"),), (Asked(replace(POST, title=""), "An answer"),),
)  # fmt: skip
SCHOOL = School(AT, (WEBINAR,), "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
TOPICS = Topics((Topic("Paying <b>", "Open Pay <i>", "/pay"),))
TOURS = Tours((Tour(1, BOTH, "/pay", (BOTH, BOTH), AT),), ())


@pytest.fixture(scope="module")
def pretended(running):
    one = PretendRoom(running.installation, running.keys["control"])
    yield one
    one.end()


@pytest.fixture
def room(pretended, doors):
    one_idea = replace(FORUM, answered=(), polls=(), comments=(replace(POST, number=4, title="", mine=True),))
    pretended.seen = {
        "ideas": FORUM,
        "idea": one_idea,
        "webinars": SCHOOL,
        "webinar": SCHOOL,
        "tours": TOURS,
        "topics": TOPICS,
    }
    pretended.asked.clear()
    pretended.refuse = ""
    if pretended.runner is None:
        pretended.open()
    return pretended


def session(doors, customer, issued=None, signer="primary", factors=("password", "code")):
    at = time.time() if issued is None else issued
    made = Session(uuid.uuid4().hex, customer, 3, factors, at, at, 1)
    name = "hf_bank" if signer == "primary" else "hf_standin"
    return f"{name}={doors.keys[signer].sign('session', made.to_payload())}"


def look(doors, path, cookie="", language="en"):
    return doors.request("GET", path, headers={"Accept-Language": language, **({"Cookie": cookie} if cookie else {})})


def send(doors, path, cookie="", headers=None, **form):
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Origin": doors.installation.door_origin}
    sent |= {"Cookie": cookie} if cookie else {}
    return doors.request("POST", path, urlencode(form).encode(), {**sent, **(headers or {})})


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize(
    "path",
    [
        "/community",
        "/community/3",
        "/learn",
        "/learn/2",
        "/learn/help",
        "/learn/help?find=%3Cscript%3E",
        "/news",
        "/problem",
    ],
)
def test_every_page_comes_in_both_languages_and_no_customers_word_is_markup(doors, room, path, language):
    for cookie in ("", session(doors, CUSTOMER)):
        status, headers, page = look(doors, path, cookie, language)
        page = page.decode()
        assert (status, headers["Content-Language"], headers["Holdfast-Served-By"]) == (200, language, "door")
        assert f'lang="{language}"' in page and HOSTILE not in page
        assert "Both <b>" not in page and "Begge <b>" not in page
        assert 'href="https://evil.example' not in page and "script-src" not in headers["Content-Security-Policy"]
        assert not re.search(r"\{[a-z_]+\}| on[a-z]+=| style=", page)
        assert str(CUSTOMER) not in re.sub(r'name="(said|back|number)" value="[^"]*"', "", page)


def test_an_address_of_the_banks_own_is_a_link_and_no_other_is(doors, room):
    own = doors.installation.door_origin
    words = f"See {own}/pay?x=1&y=2 and {own}.evil.example/pay and javascript:alert(1) and https://evil.example"
    room.seen["idea"] = replace(FORUM, ideas=(replace(IDEA, post=replace(POST, words=words)),))
    page = look(doors, "/community/3")[2].decode()
    assert '<a href="/pay?x=1&amp;y=2">' in page
    assert f'href="{own}.evil' not in page and ">http" not in page.replace(f">{own}/pay", "")
    assert 'href="javascript' not in page


def test_a_stranger_reads_and_is_asked_to_log_in_and_no_form_is_shown(doors, room):
    for path in ("/community", "/community/3", "/learn/2"):
        page = look(doors, path)[2]
        assert b"data-stranger" in page and b"<form" not in page
    assert all(said["customer"] == 0 for _, said in room.asked)


def test_who_is_logged_in_votes_writes_and_comes_back_to_where_they_were(doors, room):
    cookie = session(doors, 77)
    for act, back, to in (
        ("vote", "/community?order=new", "/community?order=new"),
        ("comment", "/community/3", "/community/3"),
        ("suggest", "/community", "/community/7"),
        ("report", "//evil.example/", "/community"),
        ("rename", "/learn/3", "/community"),
    ):
        status, headers, _ = send(doors, "/community", cookie, act=act, number="3", words="w", title="t", back=back)
        assert (status, headers["Location"]) == (303, to)
    assert [what for what, _ in room.deeds()] == ["vote", "comment", "suggest", "report", "rename"]
    assert all(said["customer"] == 77 for _, said in room.deeds())
    assert room.deeds()[0][1]["wanted"] is True
    status, headers, _ = send(doors, "/learn", cookie, act="register", number="2", back="/learn/2")
    assert (status, headers["Location"]) == (303, "/learn/2")
    send(doors, "/community", cookie, act="poll", number="5", **{"chosen-0": "1", "chosen-1": "0", "chosen-3": "9"})
    assert room.deeds()[-1][1]["chosen"] == [1, 0]


def test_the_customer_is_known_by_either_banks_session_and_stays_known_when_no_bank_renews_it(doors, room):
    for signer in ("primary", "standin"):
        _, headers, _ = look(doors, "/community", session(doors, 77, signer=signer))
        assert room.asked[-1][1]["customer"] == 77
    kept = headers["Set-Cookie"].partition(";")[0]
    assert kept.startswith("hf_community=") and "HttpOnly" in headers["Set-Cookie"]
    look(doors, "/community", kept)
    assert room.asked[-1][1]["customer"] == 77
    look(doors, "/community", f"{kept}; {session(doors, 78)}")
    assert room.asked[-1][1]["customer"] == 78


def test_a_session_that_is_forged_or_by_a_password_alone_and_an_idle_cookie_name_nobody(doors, room):
    idle = {"customer": 77, "began": time.time() - IDLE_S - 1, "at": time.time() - IDLE_S - 1}
    for cookie in (
        session(doors, 77, factors=("password",)),
        session(doors, 77, issued=time.time() - 3600),
        "hf_bank=" + doors.keys["door"].sign("session", {"customer": 77}),
        "hf_community=" + doors.keys["door"].sign("community", idle),
        "hf_community=" + doors.keys["door"].sign("chat", {**idle, "began": time.time(), "at": time.time()}),
        "hf_community=" + doors.keys["primary"].sign("community", {**idle, "began": time.time(), "at": time.time()}),
        "hf_community=x",
    ):
        look(doors, "/community", cookie)
        assert room.asked[-1][1]["customer"] == 0, cookie[:40]


def test_logging_out_takes_it_from_the_device(doors, room):
    async def logged_out(_request):
        from aiohttp import web

        return web.Response(status=303, headers={"Location": "/login", "Holdfast-Cohort": "none"})

    doors.primary.behave = logged_out
    connection = http.client.HTTPConnection("127.0.0.1", doors.installation.door_port, timeout=8)
    connection.request("POST", "/logout", headers={"Origin": doors.installation.door_origin})
    gone = [one for one in connection.getresponse().msg.get_all("Set-Cookie") if one.startswith("hf_community=")]
    connection.close()
    assert len(gone) == 1 and "Max-Age=0" in gone[0]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/community", "/learn", "/problem"])
def test_another_site_makes_nobody_do_anything(doors, room, headers, path):
    status, _, page = send(doors, path, session(doors, 77), headers, act="vote", number="3", trouble="pay")
    assert (status, room.deeds()) == (403, []) and b'data-trouble="origin"' in page


@pytest.mark.parametrize("why", sorted(Refused))
def test_what_was_typed_stays_when_it_is_refused_in_words(doors, room, why):
    room.refuse = why.value
    typed = f"My words {HOSTILE}"
    status, _, page = send(
        doors, "/community", session(doors, 77), act="suggest", number="0", words=typed, title="A <i>"
    )
    page = page.decode()
    assert status == 422 and f'data-trouble="{why.value}"' in page and HOSTILE not in page
    assert "My words &lt;script&gt;" in page and 'value="A &lt;i&gt;"' in page


def test_a_deed_that_nobody_knows_a_huge_body_and_a_strange_number_change_nothing(doors, room):
    cookie = session(doors, 77)
    assert send(doors, "/community", cookie, act="delete-all")[0] == 422
    assert send(doors, "/community", cookie, act="suggest", words="x" * 30_000)[0] == 422
    assert send(doors, "/learn", cookie, act="suggest", words="x")[0] == 422
    assert send(doors, "/problem", cookie, trouble="everything")[0] == 422
    assert room.deeds() == []
    send(doors, "/community", cookie, act="vote", number="٣")
    assert room.deeds()[-1][1]["number"] == 0
    for path in ("/community/x", "/community/99999999999999", "/learn/-1"):
        assert look(doors, path)[0] == 404


def test_what_is_not_there_is_said_and_a_room_that_is_away_loses_no_word(doors, room):
    room.seen["idea"] = room.seen["webinar"] = None
    assert [look(doors, path)[0] for path in ("/community/9", "/learn/9", "/learn/9.ics")] == [404, 404, 404]
    room.shut()
    for path in ("/community", "/learn", "/news"):
        status, _, page = look(doors, path)
        assert status == 503 and b"cannot show this just now" in page
    status, _, page = send(doors, "/problem", trouble="pay", words="Nothing works <b>", act="problem", number="0")
    assert status == 503 and b'data-trouble="counted"' in page and b"Nothing works &lt;b&gt;" in page


def test_all_of_it_is_there_with_both_banks_dead(doors, room):
    doors.primary.shut()
    doors.standin.shut()
    try:
        for path in ("/community", "/learn", "/problem", "/news"):
            assert look(doors, path)[0] == 200
        assert send(doors, "/community", session(doors, 77), act="vote", number="3")[0] == 303
    finally:
        doors.primary.open()
        doors.standin.open()


def test_a_calendar_file_is_one(doors, room):
    status, headers, body = look(doors, "/learn/2.ics")
    assert (status, body) == (200, SCHOOL.calendar.encode())
    assert headers["Content-Type"].startswith("text/calendar") and "webinar-2.ics" in headers["Content-Disposition"]


def counted(doors):
    """Problems reported, as both doors tell the control room."""
    headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/metrics", b"")}
    ports = [doors.installation.door_own_port(number) for number in (1, 2)]
    texts = [doors.request("GET", "/-/metrics", None, headers, port=port)[2].decode() for port in ports]
    return sum(float(re.search(r'heard_total\{[^}]*what="a problem reported"\} (\S+)', one).group(1)) for one in texts)


@pytest.mark.parametrize("one", sorted(Trouble))
def test_a_reported_problem_is_thanked_for_and_counted_without_a_log_in(doors, room, one):
    before = counted(doors)
    status, headers, _ = send(doors, "/problem", trouble=one.value, words="It says no")
    assert (status, headers["Location"]) == (303, "/problem?done=yes")
    assert counted(doors) == before + 1
    assert room.deeds()[-1][1]["trouble"] == one.value and b"data-done" in look(doors, "/problem?done=yes")[2]


def test_the_writer_reads_why_it_was_hidden_and_appeals_once_and_a_seat_shows_the_way_in(doors, room):
    mine = replace(POST, mine=True, fate="hidden", why=f"Rude {HOSTILE}")
    room.seen["idea"] = replace(FORUM, ideas=(replace(IDEA, post=mine),), comments=())
    page = look(doors, "/community/3", session(doors, 77))[2].decode()
    assert 'data-hidden="3"' in page and 'value="appeal"' in page and HOSTILE not in page
    room.seen["idea"] = replace(FORUM, ideas=(replace(IDEA, post=replace(mine, appeal="refused")),), comments=())
    assert b'value="appeal"' not in look(doors, "/community/3", session(doors, 77))[2]
    room.seen["webinar"] = replace(SCHOOL, webinars=(replace(WEBINAR, place="seat", stream="https://video.example/s"),))
    page = look(doors, "/learn/2", session(doors, 77))[2]
    assert b'href="https://video.example/s"' in page and b'value="give-up"' in page


def tours_sent(doors, path, cookie):
    """The numbers of the tours that the main bank was handed for a page, by a few requests."""

    async def shows(request):
        from aiohttp import web

        return web.Response(text="a page")

    doors.primary.behave = shows
    doors.primary.headers.clear()
    doors.request("GET", path, headers={"Cookie": cookie})
    return [found.number for one in doors.primary.headers if (found := tour_from_header(one.get("Holdfast-Tour", "")))]


def shown_soon(doors, path, cookie):
    """Both doors learn of it beside their other work, within some seconds."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if all(tours_sent(doors, path, cookie) for _ in range(4)):
            return True
        time.sleep(0.2)
    return False


def test_a_tour_is_handed_to_the_main_bank_until_it_was_put_away_and_to_no_stranger(doors, room):
    cookie = session(doors, 501)
    assert shown_soon(doors, "/pay", cookie)
    assert tours_sent(doors, "/cards", cookie) == [] and tours_sent(doors, "/pay", "") == []
    assert tours_sent(doors, "/pay", session(doors, 502, factors=("password",))) == []
    status, headers, _ = send(doors, "/news", cookie, act="put-away", number="1", back="/pay")
    assert (status, headers["Location"]) == (303, "/pay")
    assert room.deeds()[-1][1] | {"said": "", "words": "", "title": ""} == {
        "customer": 501, "language": "en", "number": 1, "said": "", "words": "", "title": "",
    }  # fmt: skip
    away = f"{cookie}; hf_toured=1"
    assert [tours_sent(doors, "/pay", away) for _ in range(4)] == [[]] * 4
    assert send(doors, "/news", act="put-away", number="1", headers={"Origin": "https://evil.example"})[0] == 403


def test_no_tour_is_handed_over_where_the_spare_bank_serves(doors, room):
    cookie = session(doors, 503)
    assert shown_soon(doors, "/pay", cookie)
    doors.register._db.execute("UPDATE row SET mode = 'standin', epoch = epoch + 1 WHERE cohort = 3")
    doors.wait(lambda: all(doors.rows_of(number).get("standin") == 1 for number in (1, 2)))
    doors.standin.headers.clear()
    for _ in range(4):
        doors.request("GET", "/pay", headers={"Cookie": f"{cookie}; {doors.cookie(3)}"})
    asked = [one for one in doors.standin.headers if "Holdfast-Row" in one]
    assert len(asked) == 4 and [one for one in asked if "Holdfast-Tour" in one] == []
    assert all("Holdfast-Banner" in one for one in asked)
