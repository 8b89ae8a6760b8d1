"""The waiting room of two real doors: who is outside waits in order, who is inside notices nothing."""

import asyncio
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from aiohttp import web

from holdfast.contracts.sessions import BANK_COOKIE, SESSION_PURPOSE, Session
from holdfast.edge.waiting.line import Line

pytestmark = pytest.mark.demand("W6")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def line(doors):
    """The doors' line; afterwards open again, with nobody in it."""
    made = Line(doors.installation.folder("edge"))
    yield made
    made.set_by_hand(None)
    while made.look().in_line:
        made.call(10_000)
    made.close()


def get(doors, path, cookie="", **headers):
    sent = {**headers, **({"Cookie": cookie} if cookie else {})}
    return doors.request("GET", path, headers=sent)


def ticket_of(headers):
    jar = SimpleCookie(headers.get("Set-Cookie", ""))
    return f"hf_place={jar['hf_place'].value}" if "hf_place" in jar else ""


def login(doors, cookie="", **form):
    headers = {**FORM, **({"Cookie": cookie} if cookie else {})}
    return doors.request("POST", "/login", urlencode(form).encode(), headers)


def session(doors):
    now = time.time()
    said = Session("s", 17, 7, ("password", "code"), now, now, doors.row(7).epoch)
    return f"{BANK_COOKIE}={doors.keys['primary'].sign(SESSION_PURPOSE, said.to_payload())}; {doors.cookie(7)}"


def test_nothing_is_shown_while_nothing_is_wrong(doors, line):
    for path in ("/login", "/", "/register", "/accounts/5"):
        status, headers, body = get(doors, path)
        assert (status, headers.get("Set-Cookie"), body[:7]) == (200, None, b"primary")
    assert login(doors, username="ann", password="x")[2][:7] == b"primary"
    assert line.look().in_line == 0


@pytest.mark.parametrize(
    ("language", "said", "ahead"),
    [("en", "Your place in the line: 1", "You are next."), ("nb", "Plassen din i køen: 1", "Du er den neste.")],
)
def test_who_is_outside_waits_with_a_place_in_both_languages(doors, line, language, said, ahead):
    line.set_by_hand(0)
    status, headers, body = get(doors, "/login", **{"Accept-Language": language})
    text = body.decode()
    assert status == 200
    assert 'data-page="waiting"' in text
    assert f'<html lang="{language}">' in text
    assert said in text
    assert ahead in text
    assert headers["Refresh"].endswith("; url=/login")
    assert headers["Cache-Control"] == "no-store"
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "<script" not in text
    assert doors.primary.asked == doors.standin.asked == []
    still = get(doors, "/login?still=yes", ticket_of(headers))
    assert "Refresh" not in still[1]
    assert b'href="/login"' in still[2]


def test_the_same_place_is_shown_again_by_either_door_and_the_line_outlives_a_door(doors, line):
    line.set_by_hand(0)
    held = [ticket_of(get(doors, "/login")[1]) for _ in range(5)]
    places = [get(doors, "/login", cookie)[2].decode().split('data-place="')[1].split('"')[0] for cookie in held * 3]
    assert places == ["1", "2", "3", "4", "5"] * 3
    doors.children[1].terminate()
    doors.children[1].wait(8)
    doors.start(1)
    doors.wait(lambda: doors.health(1)["ok"])
    assert b'data-place="3"' in get(doors, "/login", held[2])[2]


def test_who_is_inside_is_never_queued(doors, line):
    line.set_by_hand(0)
    inside = session(doors)
    for path in ("/", "/accounts/5", "/money", "/pay"):
        assert get(doors, path, inside)[2][:9] == b"primary 7"
    assert doors.pay(7)[2][:9] == b"primary 7"  # nor is a form swallowed whose session has ended
    assert b'data-page="waiting"' in get(doors, "/accounts/5", doors.cookie(7))[2]


def test_who_showed_a_password_types_the_code_without_waiting_again(doors, line):
    line.set_by_hand(0)
    proof = doors.keys["primary"].sign("password-proved", {"customer": 17, "cohort": 7, "at": time.time()})
    assert login(doors, proof=proof, code="123456")[2][:7] == b"primary"
    assert login(doors, proof=proof + "x", code="123456")[0] == 303
    assert len(doors.primary.asked) == 1


def test_a_login_that_must_wait_keeps_the_name_and_never_the_password(doors, line):
    line.set_by_hand(0)
    status, headers, body = login(doors, username="Åse <b>", password="my-secret")
    assert (status, headers["Location"], doors.primary.asked) == (303, "/login", [])
    cookie = ticket_of(headers)
    waiting = get(doors, "/login", cookie)[2]
    assert b'data-page="waiting"' in waiting
    line.set_by_hand(None)
    doors.wait(lambda: line.look().in_line == 0)
    status, headers, body = get(doors, "/login", cookie)
    text = body.decode()
    assert 'data-page="login"' in text
    assert 'value="Åse &lt;b&gt;"' in text
    assert "my-secret" not in text + waiting.decode() + cookie
    let_in = ticket_of(headers)
    line.set_by_hand(0)
    assert login(doors, let_in, username="ann", password="x")[2][:7] == b"primary"
    assert get(doors, "/login?other=yes", let_in)[2][:7] == b"primary"


def test_a_form_kept_from_before_the_login_is_kept_in_the_line(doors, line):
    line.set_by_hand(0)
    _, headers, body = login(doors, username="ann", password="my-secret", kept="sealed-form")
    assert b'name="kept" value="sealed-form"' in body
    assert b"my-secret" not in body
    assert "Refresh" not in headers  # which would lose it
    cookie = ticket_of(headers)
    assert b'name="kept" value="sealed-form"' in login(doors, cookie, username="ann", kept="sealed-form")[2]
    line.set_by_hand(None)
    doors.wait(lambda: line.look().in_line == 0)
    body = login(doors, cookie, username="ann", kept="sealed-form")[2]
    assert b'data-page="login"' in body
    assert b'name="kept" value="sealed-form"' in body
    assert doors.primary.asked == []


def test_programs_are_told_when_to_ask_again(doors, line):
    line.set_by_hand(0)
    for path, accept in (("/login", "application/json"), ("/api/v1/accounts", "*/*")):
        status, headers, body = get(doors, path, Accept=accept)
        assert (status, headers["Content-Type"].partition(";")[0]) == (429, "application/problem+json")
        assert int(headers["Retry-After"]) >= 1
        assert json.loads(body)["code"] == "waiting"
    assert doors.primary.asked == []


def test_more_logins_than_a_bank_can_do_wait_in_a_line_and_all_get_in(doors, line):
    """A pretended bank that does ten logins a second, one after the other; thirty people at once."""
    one_by_one = asyncio.Semaphore(1)

    async def slowly(request):
        if request.method == "GET":
            return web.Response(text="form")
        async with one_by_one:
            await asyncio.sleep(0.1)
        return web.Response(status=303, headers={"Location": "/", "Holdfast-Cohort": "7"})

    doors.primary.behave = slowly
    shown = []

    def person(number):
        cookie, until = "", time.monotonic() + 40
        while time.monotonic() < until:
            status, headers, body = login(doors, cookie, username=f"p{number}", password="x")
            if headers.get("Location") == "/":
                return True
            assert (status, headers.get("Location")) == (303, "/login")
            cookie = ticket_of(headers)
            while time.monotonic() < until:
                _, headers, body = get(doors, "/login", cookie)
                if b'data-page="waiting"' not in body:
                    break
                shown.append(number)
                time.sleep(0.5)
            cookie = ticket_of(headers) or cookie
        return False

    with ThreadPoolExecutor(30) as people:
        assert all(people.map(person, range(30)))
    assert line.look().in_line == 0
    # nobody was sent to the spare bank: the main bank was never asked for more than it can do in time
    assert doors.standin.asked == []


def test_staff_set_a_rate_by_hand_at_one_door_and_both_keep_it(doors, line):
    said = {"per_s": 0, "why": "an attack", "by": "kari"}
    status, told = doors.internal("POST", "/-/waiting", said)
    assert (status, told["by_hand_per_s"]) == (200, 0.0)
    assert all(doors.health(number)["waiting"]["by_hand_per_s"] == 0.0 for number in (1, 2))
    event = [one for one in doors.register.events(0, 100_000) if one["kind"] == "waiting"][-1]
    assert event["words"] == "kari set the waiting room to let in nobody: an attack"
    assert b'data-page="waiting"' in get(doors, "/login")[2]
    assert doors.internal("POST", "/-/waiting", {**said, "per_s": None})[1]["by_hand_per_s"] is None
    doors.wait(lambda: line.look().in_line == 0)
    assert get(doors, "/login")[2][:7] == b"primary"


@pytest.mark.parametrize("per_s", [-1, 1001, "many", [1], float("nan")])
def test_a_rate_of_another_form_is_refused_and_changes_nothing(doors, line, per_s):
    before = line.look().by_hand
    assert doors.internal("POST", "/-/waiting", {"per_s": per_s, "why": "", "by": "x"})[0] == 400
    assert doors.internal("POST", "/-/waiting", {"why": "", "by": "x"})[0] == 400
    assert doors.internal("POST", "/-/waiting", {"per_s": 0, "why": "", "by": "x"}, caller="primary")[0] == 403
    assert line.look().by_hand == before


def test_the_doors_numbers_tell_of_the_line(doors, line):
    line.set_by_hand(0)
    get(doors, "/login")
    port = doors.installation.door_own_port(1)
    headers = {"Holdfast-Caller": doors.keys["control"].call("door", "/-/metrics", b"")}
    text = doors.request("GET", "/-/metrics", None, headers, port=port)[2].decode()
    numbers = dict(one.rsplit(" ", 1) for one in text.splitlines() if not one.startswith("#"))
    assert float(numbers['holdfast_waiting_people{program="door-1"}']) == line.look().in_line >= 1
    assert 'holdfast_places_refused_total{program="door-1"}' in numbers
    assert 'holdfast_let_in_total{program="door-1"}' in numbers


def test_a_flood_from_one_network_gets_no_more_than_its_share_of_places(doors, line):
    line.set_by_hand(0)
    before = line.look().in_line
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: get(doors, "/login"), range(200)))
    taken = sum(b'data-page="waiting"' in body for _, _, body in answers)
    turned_away = [(status, headers) for status, headers, body in answers if b'data-page="turned-away"' in body]
    assert taken + len(turned_away) == 200
    assert line.look().in_line - before == taken <= 2 * 35
    assert all(status == 429 and int(headers["Retry-After"]) >= 1 for status, headers in turned_away)


def all_headers(doors, path, body):
    """The headers of an answer to a form, each as often as it stands there."""
    connection = http.client.HTTPConnection("127.0.0.1", doors.installation.door_port, timeout=8)
    try:
        connection.request("POST", path, body, FORM)
        return connection.getresponse().getheaders()
    finally:
        connection.close()


def page_from_afar(doors, cookie):
    """The login page as a network sees it of which no other test spent the share."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", doors.installation.door_port, timeout=8, source_address=("127.77.0.1", 0)
    )
    try:
        connection.request("GET", "/login", headers={"Cookie": cookie})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@pytest.mark.demand("C1")
def test_who_has_needs_gets_a_place_near_the_front_known_from_the_login_before(doors, line):
    def logs_in(customer):
        async def welcome(request):
            return web.Response(
                status=303, headers={"Holdfast-Cohort": "7", "Holdfast-Front": customer, "Location": "/"}
            )

        doors.primary.behave = welcome
        headers = all_headers(doors, "/login", b"username=ann&code=1")
        assert not any(name.lower() == "holdfast-front" for name, _ in headers)
        [front] = [value for name, value in headers if name == "Set-Cookie" and value.startswith("hf_front=")]
        assert "HttpOnly" in front
        return front.partition(";")[0]

    with_needs, without = logs_in("17"), logs_in("0")
    assert len(with_needs) == len(without)
    line.set_by_hand(0)
    for _ in range(100):
        line.take()
    places = [page_from_afar(doors, cookie).split('data-place="')[1].split('"')[0] for cookie in (with_needs, without)]
    assert int(places[0]) < int(places[1]) == 101
