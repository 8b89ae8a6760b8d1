"""Whether anybody takes mails is looked at from outside, and nothing is sent by that."""

import socket
from dataclasses import replace

import pytest

from holdfast.control.calls import Kind
from holdfast.control.watch import probes
from holdfast.control.watch.gathering import Gathered

pytestmark = pytest.mark.demand("W2")


class Home:
    """Where mails are taken."""

    def __init__(self, port: int) -> None:
        self.mail_place = ("127.0.0.1", port)


class Board:
    """All that the probe asks of a switchboard."""

    def __init__(self, port: int) -> None:
        self.installation = Home(port)


def test_a_mail_provider_that_goes_is_measured_and_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        there = probes.look_at_mail(Board(port))  # type: ignore[arg-type]  # all that it asks
        taken, _ = server.accept()
        with taken:
            assert taken.recv(10) == b""
    gone = probes.look_at_mail(Board(port))  # type: ignore[arg-type]  # as above
    assert (there.answer, gone.building, gone.answer) == (Kind.ANSWERS, "mail", Kind.REFUSES)
    gathered = Gathered()
    gathered.put(replace(there, at=gone.at))
    gathered.put(gone)
    shares = {name.component: value for name, value in gathered.take().items() if name.metric == "answers probes"}
    assert shares == {"postbox": 0.5}
    assert gathered.answers(gone.at) == {"mail": "refuses"}
