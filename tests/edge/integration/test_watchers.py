"""The doors wake the people that the control room named when it is silent, once over both, and say when that is over."""

import json
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from holdfast.edge.watchers import AGAIN_S, TAKEN_OVER_S, Watch, keep, understood

pytestmark = pytest.mark.demand("R1")


class Receiver:
    """A person's webhook on this machine; the first `refuse` posts are refused."""

    def __init__(self, refuse: int = 0):
        self.told = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.told.append(body)
                self.send_response(503 if len(owner.told) <= refuse else 204)
                self.end_headers()

            def log_message(self, *said):
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/wake"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.end()


def live(doors, receiver, **more):
    said = {"mails": [], "webhooks": [receiver.url], "silent_after_s": 2.5, **more}
    return doors.internal("POST", "/-/watchers", said)


def test_a_silent_control_room_wakes_each_person_once_and_a_sign_of_life_says_it_is_over(doors, receiver):
    assert live(doors, receiver) == (200, {"ways": 1})
    time_of_silence = time.monotonic()
    doors.wait(lambda: receiver.told)
    assert time.monotonic() - time_of_silence > 2.0
    first = receiver.told[0]
    assert (first["words"], first["over"]) == ("The control room is silent", False)
    doors.wait(lambda: any(one["kind"] == "watchers" for one in doors.register.events(0)))
    live(doors, receiver, silent_after_s=600)
    doors.wait(lambda: len(receiver.told) > 1)
    assert [one["over"] for one in receiver.told] == [False, True]
    assert "speaks again" in receiver.told[1]["words"]
    kept = doors.installation.folder("edge") / "watchers.json"
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"silent_after_s": 0.1},
        {"silent_after_s": "soon"},
        {"mails": ["ann@bank.example\nBcc: all@bank.example"]},
        {"webhooks": ["file:///etc/passwd"]},
        {"webhooks": ["https://x.example/"] * 61},
        {"phones": ["91234567"]},
        {"phones": ["+4791234567\n+4791234568"]},
        {"pushes": [{"url": "file:///etc/passwd", "silent": [{}, ""], "over": [{}, ""]}]},
        {"pushes": [{"url": "https://x.example/", "silent": [{"TTL": "1\r\nHost: y"}, ""], "over": [{}, ""]}]},
        {"pushes": [{"url": "https://x.example/", "silent": [{}, "no base64"], "over": [{}, ""]}]},
    ],
)
def test_what_has_not_the_agreed_form_is_refused_and_what_was_kept_stays(doors, receiver, wrong):
    live(doors, receiver, silent_after_s=600)
    kept = (doors.installation.folder("edge") / "watchers.json").read_text()
    status, said = live(doors, receiver, **wrong)
    assert status == 400 and "agreed form" in said["error"]
    assert (doors.installation.folder("edge") / "watchers.json").read_text() == kept


def test_only_the_control_room_gives_a_sign_of_its_life(doors):
    for caller in ("primary", "standin", "door", "runtime"):
        assert doors.internal("POST", "/-/watchers", {}, caller=caller)[0] == 403


def test_of_two_doors_one_wakes_and_wakes_again_while_the_silence_lasts(tmp_path):
    said = {"mails": ["ann@bank.example"], "webhooks": [], "silent_after_s": 10}
    one, two = Watch(tmp_path, 0.0), Watch(tmp_path, 0.0)
    assert [door.look(5.0) for door in (one, two)] == [None, None]
    keep(tmp_path, understood(said))
    assert [door.look(6.0) for door in (one, two)] == [None, None]
    assert [door.look(15.9) for door in (one, two)] == [None, None]
    first, second = one.look(16.1), two.look(16.1)
    assert first is not None and not first.over and second is None
    assert [door.look(17.0) for door in (one, two)] == [None, None]
    one.told()
    assert two.look(16.1 + TAKEN_OVER_S) is None
    again = one.look(16.1 + AGAIN_S)
    assert again is not None and again.mark == first.mark
    assert two.look(16.1 + AGAIN_S) is None
    keep(tmp_path, understood({**said, "silent_after_s": 20}))
    over = [door.look(3000.0) for door in (two, one)]
    assert over[0] is not None and over[0].over and over[1] is None
    assert one.look(3019.0) is None
    assert [door.look(3021.0) is None for door in (one, two)] == [False, True]


def test_what_a_door_that_died_did_not_get_done_the_other_does_once(tmp_path):
    one, two = Watch(tmp_path, 0.0), Watch(tmp_path, 0.0)
    keep(tmp_path, understood({"mails": ["ann@bank.example"], "webhooks": [], "silent_after_s": 10}))
    assert [door.look(1.0) for door in (one, two)] == [None, None]
    assert one.look(11.5) is not None  # and dies before anybody was told
    assert two.look(11.5) is None
    assert two.look(11.4 + TAKEN_OVER_S) is None
    assert two.look(11.6 + TAKEN_OVER_S) is not None
    assert two.look(13.0 + TAKEN_OVER_S) is None


def test_a_door_that_begins_in_the_silence_does_not_wake_at_once(tmp_path):
    keep(tmp_path, understood({"mails": [], "webhooks": ["https://x.example/"], "silent_after_s": 10}))
    late = Watch(tmp_path, 1000.0)
    assert late.look(1000.5) is None
    assert late.look(1009.0) is None
    assert late.look(1010.5) is not None


def test_a_broken_file_is_no_sign_of_life(tmp_path):
    door = Watch(tmp_path, 0.0)
    keep(tmp_path, understood({"mails": [], "webhooks": [], "silent_after_s": 10}))
    assert door.look(1.0) is None
    (tmp_path / "watchers.json").write_text("{")
    assert door.look(10.9) is None
    assert door.look(11.1) is not None


def test_by_sms_and_by_push_too_and_what_was_sealed_for_a_device_is_posted_as_it_is(doors, receiver):
    texts, pushed = Receiver(), []
    texts_at = texts.server.server_address[1]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            pushed.append((self.headers["TTL"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(503 if len(pushed) == 1 else 201)  # tried again
            self.end_headers()

        def log_message(self, *said):
            return

    service = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    push = {
        "url": f"http://127.0.0.1:{service.server_port}/of-a-device",
        "silent": [{"TTL": "3600"}, b64encode(b"sealed: silent").decode()],
        "over": [{"TTL": "60"}, b64encode(b"sealed: over").decode()],
    }
    more = {
        "phones": ["+4791234567", "+4791234568"],
        "gateway": f"json://127.0.0.1:{texts_at}/{{phone}}",
        "pushes": [push],
    }
    assert live(doors, receiver, **more) == (200, {"ways": 4})
    doors.wait(lambda: len(texts.told) >= 2 and len(pushed) >= 2, 40)
    assert [one["message"] for one in texts.told] == ["The control room is silent"] * 2
    assert pushed == [("3600", b"sealed: silent")] * 2
    live(doors, receiver, **more, silent_after_s=600)
    doors.wait(lambda: len(texts.told) >= 4 and len(pushed) >= 3, 40)
    assert texts.told[-1]["message"] == "The control room speaks again" and pushed[2] == ("60", b"sealed: over")
    live(doors, receiver, silent_after_s=600)
    texts.end()
    service.shutdown()
    service.server_close()
