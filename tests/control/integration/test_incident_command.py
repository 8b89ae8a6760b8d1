"""`./holdfast incident …` against the console over real HTTP, as when there is no browser."""

import getpass
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from typer.testing import CliRunner

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident, TimelineEntry
from holdfast.control.staff.models import StaffAction
from holdfast.runtime.command import app
from holdfast.settings import Installation

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)


@pytest.fixture
def console(installation: Installation, people: dict[str, str]) -> Iterator[None]:
    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = make_server("127.0.0.1", installation.console_port, get_wsgi_application(), handler_class=Quiet)

    def serve() -> None:
        server.serve_forever(poll_interval=0.02)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def say(installation: Installation, *words: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    ran = CliRunner().invoke(app, ["incident", *words, "--data", str(installation.data)], terminal_width=200)
    return ran.exit_code, " ".join(ran.output.split())


@pytest.mark.demand("R1")
def test_an_incident_is_answered_at_a_terminal(installation: Installation, console: None) -> None:
    record.open_one("bank", 1, T0, T0, "door 1 [tripped]", date(2026, 5, 4))
    code, words = say(installation, "list")
    assert code == 0 and "detected" in words and "Nobody can be woken" in words
    for command in (
        ("acknowledge", "1"),
        ("state", "1", "investigating"),
        ("severity", "1", "2", "--why", "only pages fail"),
        ("role", "1", "lead", "manager"),
        ("task", "1", "ring the landlord", "--owner", "support", "--due", "2026-05-05T09:00"),
        ("done", "1", "1"),
        ("decide", "1", "wait", "--why", "the proof runs"),
        ("link", "1", "the plan", "https://plans.example/1"),
        ("note", "1", "it is dark in here"),
        ("runbook", "1", "data-breach"),
        ("step", "1", "1", "1", "--words", "09:00"),
        ("end-runbook", "1", "1"),
    ):
        code, words = say(installation, *command)
        assert code == 0 and "Incident 1: " in words, (command, words)
    code, words = say(installation, "show", "1")
    for wanted in (
        "severity 2 (computed 1), investigating, open",
        "door 1 [tripped]",
        "lead: manager",
        "task 1, done by terminal:",
        "because the proof runs",
        "runbook that fits: total-loss-of-the-bank",
        "1. done",
        "it is dark in here",
    ):
        assert wanted in words, wanted
    who = f"terminal: {getpass.getuser()}"
    assert set(TimelineEntry.objects.exclude(source="watch").values_list("source", flat=True)) == {who}
    assert StaffAction.objects.filter(who=who, role="terminal").count() == 12


def test_what_is_refused_at_a_terminal_is_said_in_words(installation: Installation, console: None) -> None:
    record.open_one("bank", 1, T0, T0, "door 1 tripped", date(2026, 5, 4))
    for command, wanted in (
        (("state", "1", "monitoring"), "The fault is still seen"),
        (("severity", "1", "7", "--why", "because of it"), "'7' is no severity"),
        (("acknowledge", "9"), "There is no incident 9"),
        (("show", "9"), "there is no such incident"),
        (("review", "1", "no-such-file"), "cannot be read"),
    ):
        code, words = say(installation, *command)
        assert code == 1 and "Not done:" in words and wanted in words, (command, words)
    assert Incident.objects.get().acknowledged_at is None
    assert TimelineEntry.objects.exclude(source="watch").count() == 0


def test_without_a_control_room_it_says_so(installation: Installation) -> None:
    code, words = say(installation, "list")
    assert code == 1 and "the control room does not answer on port" in words
