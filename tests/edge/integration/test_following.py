"""Subscribing to the status page at the doors: forms without script in both languages, what is refused, one-click end, a
flood, and everything else away."""

import html
import re
from urllib.parse import urlencode

import pytest
from desks import PretendDesk

from holdfast.contracts.subscribing import COMPONENTS, KEY_CHARACTERS_MAX, Outcome, Shown

pytestmark = pytest.mark.demand("T2")
KEY = "k" * 32
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def pretended(running):
    one = PretendDesk(running.installation, running.keys["control"])
    yield one
    one.end()


@pytest.fixture
def desk(pretended, doors):
    pretended.asked.clear()
    pretended.followed = {"ready": Shown(Outcome.READY)}
    if pretended.runner is None:
        pretended.open()
    return pretended


def post(doors, address, fields, origin=None, headers=None):
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    if origin is None:
        sent["Origin"] = doors.installation.door_origin
    elif origin:
        sent["Origin"] = origin
    return doors.request("POST", address, urlencode(fields, doseq=True).encode(), {**sent, **(headers or {})})


def wish(**other):
    return {"address": "ann@reader.example", "component": list(COMPONENTS), "language": "nb", **other}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Get told when something happens"), ("nb", "Få beskjed når noe skjer")]
)
def test_the_form_is_whole_in_each_language_and_needs_no_script(doors, desk, language, words):
    status, headers, page = doors.request("GET", "/status/subscribe", headers={"Accept-Language": language})
    text = html.unescape(page.decode())
    assert (status, headers["Content-Language"], headers["Cache-Control"]) == (200, language, "no-store")
    assert f"<h1>{words}</h1>" in text and "<script" not in text and text.count('name="component"') == len(COMPONENTS)
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "+47" not in text
    desk.followed["ready"] = Shown(Outcome.READY, ("mail", "sms"))
    assert b"+47" in doors.request("GET", "/status/subscribe")[2]


def test_a_wish_goes_to_the_control_room_with_the_network_and_the_answer_asks_for_the_code(doors, desk):
    desk.followed["ask"] = Shown(Outcome.ASKED)
    status, headers, _ = post(doors, "/status/subscribe", wish())
    assert (status, headers["Location"]) == (303, "/status/subscribe/confirm?asked=mail")
    what, asked = desk.asked[-1]
    assert what == "ask" and asked == {
        "channel": "mail", "address": "ann@reader.example", "components": [], "language": "nb", "network": "127.0.0.1"
    }  # fmt: skip
    post(doors, "/status/subscribe", wish(address="+4791234567", component=["spare", "login", "nonsense"]))
    assert (desk.asked[-1][1]["channel"], desk.asked[-1][1]["components"]) == ("sms", ["login", "spare"])
    page = doors.request("GET", headers["Location"])[2].decode()
    assert 'role="status"' in page and 'name="code"' in page


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.OFTEN, 429), (Outcome.FULL, 503), (Outcome.NOT_AN_ADDRESS, 422), (Outcome.NO_CHANNEL, 422)],
)
def test_what_is_refused_is_said_in_words_and_what_was_typed_stays(doors, desk, outcome, status):
    desk.followed["ask"] = Shown(outcome)
    got, _, page = post(doors, "/status/subscribe", wish(address=HOSTILE + "@x", component=["spare"]))
    text = page.decode()
    assert got == status and f'data-refused="{outcome.value}"' in text
    assert "<script>" not in text and html.escape(HOSTILE) in text
    assert re.findall(r'value="(\w+)" checked', text) == ["spare", "nb"]


def test_nothing_is_asked_for_by_another_sites_form_or_without_a_component(doors, desk):
    for origin in ("https://evil.example", "", "null"):
        assert post(doors, "/status/subscribe", wish(), origin)[0] == 403
        assert post(doors, "/status/subscribe/confirm", {"code": "x"}, origin)[0] == 403
        assert post(doors, "/status/subscribe/mine", {"key": KEY, "component": ["login"]}, origin)[0] == 403
    assert post(doors, "/status/subscribe", wish(component=[]))[0] == 422
    assert post(doors, "/status/subscribe", {"address": "x" * 5000})[0] == 422
    assert desk.asked == []


def test_a_link_confirms_nothing_until_its_button_is_pressed(doors, desk):
    code = "ABCD-EFGH-JKMN-PQRS"
    page = doors.request("GET", f"/status/subscribe/confirm?code={code}")[2].decode()
    assert f'value="{code}"' in page and desk.asked == []
    desk.followed["confirm"] = Shown(Outcome.CONFIRMED, key=KEY)
    status, headers, _ = post(doors, "/status/subscribe/confirm", {"code": code})
    assert (status, desk.asked) == (303, [("confirm", {"code": code})])
    desk.followed["look"] = Shown(Outcome.FOUND, ("mail",), KEY, "mail", "a…@reader.example", ("spare",), "nb")
    status, _, mine = doors.request("GET", headers["Location"])
    assert status == 200 and "a…@reader.example" in mine.decode() and 'data-follows="spare"' in mine.decode()
    desk.followed["confirm"] = Shown(Outcome.UNKNOWN)
    assert post(doors, "/status/subscribe/confirm", {"code": HOSTILE})[0] == 422


def test_one_changes_and_ends_ones_own(doors, desk):
    desk.followed |= {"change": Shown(Outcome.CHANGED), "end": Shown(Outcome.ENDED)}
    fields = {"key": KEY, "component": ["payments"], "language": "en"}
    status, headers, _ = post(doors, "/status/subscribe/mine", fields)
    assert (status, headers["Location"]) == (303, f"/status/subscribe/mine?key={KEY}&news=changed")
    assert desk.asked == [("change", {"key": KEY, "components": ["payments"], "language": "en"})]
    status, _, page = post(doors, "/status/subscribe/end", {"key": KEY})
    assert status == 200 and b"data-ended" in page and desk.asked[-1] == ("end", {"key": KEY})
    desk.followed.clear()
    assert doors.request("GET", f"/status/subscribe/mine?key={KEY}")[0] == 404
    assert post(doors, "/status/subscribe/mine", fields)[0] == 404


def test_a_mail_program_ends_it_by_one_post_without_origin_or_cookie_and_a_look_ends_nothing(doors, desk):
    address = f"/status/subscribe/end?key={KEY}"
    status, _, page = doors.request("GET", address)
    assert status == 200 and f'value="{KEY}"' in page.decode() and desk.asked == []
    status, _, page = post(doors, address, {"List-Unsubscribe": "One-Click"}, origin="")
    assert status == 200 and b"data-ended" in page and desk.asked == [("end", {"key": KEY})]
    doors.request("GET", f"/status/subscribe/end?key={'y' * 500}")
    post(doors, f"/status/subscribe/end?key={'y' * 900}", {}, origin="")
    assert KEY_CHARACTERS_MAX < len(desk.asked[-1][1]["key"]) <= 300


@pytest.mark.parametrize("language", ["en", "nb"])
def test_with_both_banks_dead_it_works_and_without_the_control_room_that_is_said(doors, desk, language):
    spoken = {"Accept-Language": language}
    for bank in (doors.primary, doors.standin):  # opened again by the next test
        bank.shut()
    desk.followed["ask"] = Shown(Outcome.ASKED)
    assert doors.request("GET", "/status/subscribe", headers=spoken)[0] == 200
    assert post(doors, "/status/subscribe", wish())[0] == 303
    desk.shut()
    for answer in (
        doors.request("GET", "/status/subscribe", headers=spoken),
        post(doors, "/status/subscribe", wish(), headers=spoken),
        post(doors, f"/status/subscribe/end?key={KEY}", {}, origin="", headers=spoken),
    ):
        assert answer[0] == 503 and b"data-away" in answer[2] and b"/status.atom" in answer[2]
        assert answer[1]["Retry-After"] == "30"


def test_a_network_that_asks_without_end_is_stopped_at_the_door_and_ends_go_on(doors, desk):
    desk.followed |= {"ask": Shown(Outcome.ASKED), "end": Shown(Outcome.ENDED)}
    answers = [post(doors, "/status/subscribe", wish())[0] for _ in range(420)]
    assert set(answers) == {303, 429} and answers.count(303) < 400
    assert len(desk.asked) == answers.count(303)
    assert post(doors, f"/status/subscribe/end?key={KEY}", {}, origin="")[0] == 200
