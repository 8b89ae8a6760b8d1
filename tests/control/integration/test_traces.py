"""Traces at the control room: each part kept once, put together, bounded, found again, drawn, and told outside."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from keeping import FOLDERS, Buildings
from staffing import client

from holdfast.control.calls import Kind, Reply
from holdfast.control.incidents import record
from holdfast.control.metrics.models import Trouble
from holdfast.control.staff.models import StaffAction
from holdfast.control.traces import exporting, store
from holdfast.control.traces.collecting import Collector
from holdfast.control.traces.drawing import waterfall, where_it_broke
from holdfast.control.traces.models import Outside, Span, Trace, TraceCursor
from holdfast.telemetry import lines, traces

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("W1")]
TRACE, OTHER = "0af7651916cd43dd8448eb211c80319c", "1bf7651916cd43dd8448eb211c80319d"
DOOR, ASKS, BANK, BLOCK = "00000000000000d0", "00000000000000d1", "00000000000000b0", "00000000000000b1"
START_US = int(datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp() * 1_000_000)


class Traced(Buildings):
    """Buildings that answer `/-/traces` from real files."""

    def ask(self, building: str, path: str, query: str, timeout_s: float) -> Reply:
        assert (path, timeout_s) == ("/-/traces", 2.0)
        if building in self.broken:
            return self.broken[building]
        told = dict(pair.partition("=")[::2] for pair in query.split("&"))
        found = lines.joined(
            self.folder(FOLDERS[building]), *lines.asked(told["since"], told["limit"]), kind=traces.FOLDER
        )
        return Reply(Kind.ANSWERS, 200, 1.0, "status 200", json.loads(json.dumps(found.to_wire())))

    def keep(self, building: str, program: str, event: dict[str, Any]) -> None:
        lines.Kept(self.folder(building) / traces.FOLDER, program, 1_000_000, traces._text).add(event)


@pytest.fixture
def town(tmp_path: Path) -> Traced:
    return Traced(tmp_path)


def span(  # noqa: PLR0917  # in the order of a line
    ident: str, parent: str, name: str, from_us: int, took_us: int, failed: bool = False, **about: Any
) -> list[Any]:
    return [ident, parent, name, START_US + from_us, took_us, failed, about]


def part(*spans: list[Any], trace: str = TRACE, drawn: bool = False) -> dict[str, Any]:
    return {"trace_id": trace, "drawn": drawn, "left_out": 0, "spans": list(spans)}


def of_the_door(trace: str = TRACE, failed: bool = False) -> dict[str, Any]:
    return part(
        span(ASKS, DOOR, "door: asks a bank", 1_000, 600_000, failed, bank="primary"),
        span(DOOR, "", "door: a request", 0, 610_000, False, method="POST", route="pay", status=200),
        trace=trace,
    )


def of_the_bank(trace: str = TRACE, failed: bool = False) -> dict[str, Any]:
    return part(
        span(BLOCK, BANK, "bank: waits for the block", 100_000, 450_000, failed),
        span(BANK, ASKS, "bank: answers", 2_000, 590_000, failed, method="POST", route="pay", status=200),
        trace=trace,
    )


def collect(town: Traced, at: datetime | None = None) -> None:
    Collector(town).round(at or datetime(2026, 3, 2, 9, 1, tzinfo=UTC))  # type: ignore[arg-type]  # it asks, no more


@pytest.mark.parametrize("first", ["bank", "edge"])
def test_parts_of_two_buildings_become_one_trace_whichever_comes_first_and_once(town: Traced, first: str) -> None:
    both = [("bank", "bank-web", of_the_bank()), ("edge", "door-1", of_the_door())]
    for building, program, event in sorted(both, key=lambda one: one[0] != first):
        town.keep(building, program, event)
        collect(town)
    collect(town)
    (trace,) = Trace.objects.all()
    assert (trace.ident, trace.name, trace.took_us, trace.failed) == (TRACE, "POST pay", 610_000, False)
    assert sorted(trace.parts.split()) == ["bank-web", "door-1"]
    assert trace.at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert Span.objects.count() == 4 and Trouble.objects.count() == 0
    cursor = TraceCursor.objects.get(program="bank-web")
    assert (cursor.source, cursor.number) == ("bank", 1)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"trace_id": "no trace"},
        {"spans": []},
        {"spans": [span("x", "", "door: a request", 0, 1)]},
        {"spans": [span(DOOR, "", "door: <b>", 0, 1)]},
        {"spans": [span(DOOR, "", "door: a request", 0, -1)]},
        {"spans": [span(DOOR, "", "door: a request", 0, 1)[:6]]},
        {"spans": [span(f"{number:016x}", "", "door: a request", 0, 1) for number in range(traces.SPANS_MAX + 2)]},
    ],
)
def test_what_has_not_the_agreed_form_is_refused_and_said(town: Traced, spoilt: dict[str, Any]) -> None:
    town.keep("edge", "door-1", {**of_the_door(), **spoilt})
    collect(town)
    assert (Trace.objects.count(), Span.objects.count()) == (0, 0)
    assert dict(Trouble.objects.values_list("source", "words")) == {
        "traces of doors": "1 of its parts of traces have not the agreed form."
    }


def test_a_building_that_does_not_tell_is_a_trouble_and_the_others_are_read(town: Traced) -> None:
    town.broken["bank"] = Reply(Kind.STALLS, 0, 2000.0, "takes connections but says nothing")
    town.keep("edge", "door-1", of_the_door())
    collect(town)
    assert Trace.objects.get().parts == " door-1 "
    (trouble,) = Trouble.objects.all()
    assert trouble.source == "traces of bank" and "does not tell its parts of traces" in trouble.words


def test_numbers_of_people_are_cut_here_too(town: Traced) -> None:
    event = part(
        span(DOOR, "", "door: a request", 0, 1, route="1234.56.78903", customer="anne@example.org", status=200)
    )
    town.keep("edge", "door-1", event)
    collect(town)
    assert Span.objects.get().about == {"route": "(cut)", "customer": "(cut)", "status": 200}


def test_what_is_old_or_too_much_is_forgotten(town: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "TRACES_MAX", 3)
    for number in range(5):
        town.keep("edge", "door-1", of_the_door(f"{number:032x}"))
    collect(town)
    assert list(Trace.objects.order_by("id").values_list("ident", flat=True)) == [f"{n:032x}" for n in (2, 3, 4)]
    assert Span.objects.count() == 6
    later = datetime(2026, 3, 2, 9, 0, tzinfo=UTC) + store.KEPT + timedelta(seconds=1)
    assert (store.Store().trim(later), Trace.objects.count(), Span.objects.count()) == (3, 0, 0)


def test_a_part_of_a_wrong_clock_is_put_to_ours_with_its_stretches_as_they_were(town: Traced) -> None:
    collect_at = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)  # ours is a day behind its
    town.keep("edge", "door-1", of_the_door())
    collect(town, collect_at)
    trace = Trace.objects.get()
    assert abs((trace.at - collect_at).total_seconds()) < 1
    asks, door = Span.objects.get(ident=ASKS), Span.objects.get(ident=DOOR)
    assert (asks.began_us - door.began_us, asks.took_us) == (1_000, 600_000)


def test_the_waterfall_shows_each_span_under_the_one_it_was_done_for(town: Traced) -> None:
    town.keep("edge", "door-1", of_the_door())
    town.keep("bank", "bank-web", of_the_bank(failed=True))
    collect(town)
    rows = waterfall(list(Span.objects.all()))
    assert [(one.span.ident, one.depth) for one in rows] == [(DOOR, 0), (ASKS, 1), (BANK, 2), (BLOCK, 3)]
    assert [(one.from_ms, one.took_ms, one.own_ms) for one in rows] == [
        (0.0, 610.0, 10.0),
        (1.0, 600.0, 10.0),
        (2.0, 590.0, 140.0),
        (100.0, 450.0, 450.0),
    ]
    assert (rows[0].left, rows[0].width) == (0.0, 1000.0)
    assert (rows[3].left, rows[3].width) == (163.9, 737.7)
    assert where_it_broke(Span.objects.all()) == {"bank-web": 1}


def test_a_ring_of_parents_and_a_parent_that_is_not_kept_hide_nothing() -> None:
    ring = [Span(ident=one, parent=other, began_us=1, took_us=1) for one, other in ((DOOR, ASKS), (ASKS, DOOR))]
    orphan = Span(ident=BANK, parent="f" * 16, began_us=1, took_us=0)
    assert [one.span.ident for one in waterfall([*ring, orphan])] == [BANK, DOOR, ASKS]
    assert waterfall([]) == []


def test_traces_are_found_by_id_by_failure_by_slowness_and_by_part(town: Traced, people: dict[str, str]) -> None:
    now_us = time.time_ns() // 1000

    def moved(event: dict[str, Any]) -> dict[str, Any]:
        for one in event["spans"]:
            one[3] += now_us - START_US - 10_000_000
        return event

    quick = part(span(DOOR, "", "door: a request", 0, 900, method="GET", route="overview", status=200), trace=OTHER)
    broken = part(span(BANK, "", "worker: a job", 0, 5, True, job="run orders"), trace="2" * 32)
    town.keep("edge", "door-1", moved(of_the_door()))
    town.keep("edge", "door-2", moved(quick))
    town.keep("bank", "bank-worker", moved(broken))
    collect(town, datetime.now(UTC))
    person = client(people, "auditor")

    def found(query: str) -> list[str]:
        page = person.get(f"/traces?{query}").content.decode()
        return [one.split('"')[0] for one in page.split('data-trace="')[1:]]

    assert sorted(found("")) == sorted([TRACE, OTHER, "2" * 32])
    assert found("kind=slow") == [TRACE]
    assert found("kind=failed") == ["2" * 32]
    assert found("component=door-2") == [OTHER]
    assert found("component=door") == []
    assert found(f"trace={TRACE.upper()}") == [TRACE]
    assert found("order=slowest") == [TRACE, OTHER, "2" * 32]
    for query in ("trace=12", "kind=x", "order=x", "from=2026-03-02T09:00&until=2026-03-01T09:00", "before=x"):
        assert person.get(f"/traces?{query}").status_code == 422
    page = person.get(f"/traces/{TRACE}").content.decode()
    assert "POST pay: 610.0 ms" in page and page.count('class="bar"') == 2 and "style=" not in page
    gone = person.get(f"/traces/{'3' * 32}")
    assert gone.status_code == 404 and "Nothing is kept of this trace" in gone.content.decode()
    assert person.get("/traces/nothing").status_code == 404


def test_an_incident_shows_the_failed_and_the_slowest_of_its_time_and_where_they_broke(
    town: Traced, people: dict[str, str]
) -> None:
    now = datetime.now(UTC)
    incident = record.open_one("bank", 1, now - timedelta(seconds=60), now, "door 1 tripped", now.date())
    shift_us = time.time_ns() // 1000 - START_US - 5_000_000
    for building, program, event in (
        ("edge", "door-1", of_the_door(failed=True)),
        ("bank", "bank-web", of_the_bank(failed=True)),
        ("edge", "door-2", of_the_door(OTHER)),
    ):
        for one in event["spans"]:
            one[3] += shift_us
        town.keep(building, program, event)
    collect(town, now)
    page = client(people, "auditor").get(f"/incidents/{incident.number}").content.decode()
    assert "The newest failures began at bank-web (1)." in page
    assert page.count(f"/traces/{TRACE}") == 2 and page.count(f"/traces/{OTHER}") == 1


class Outsider:
    """A collector that stands for somebody else's: takes spans over HTTP, and can be ill."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.taken.append((self.path, body))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def outsider() -> Iterator[Outsider]:
    found = Outsider()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_collector_outside_is_told_each_span_once_in_opentelemetrys_form_also_after_it_was_ill(
    town: Traced, people: dict[str, str], outsider: Outsider
) -> None:
    town.keep("edge", "door-2", of_the_door(OTHER))
    collect(town)  # kept before an address was set: it is not told
    manager = client(people, "manager")
    assert manager.post("/traces/outside", {"url": outsider.url}).status_code == 302
    town.keep("bank", "bank-web", of_the_bank(failed=True))
    outsider.status = 503
    collect(town)
    assert Outside.objects.get().trouble == "the collector answered 503"
    assert "The last try failed: the collector answered 503" in manager.get("/traces").content.decode()
    outsider.status = 200
    for _ in range(3):
        collect(town)
    assert [path for path, _ in outsider.taken] == ["/v1/traces"] * 2 and Outside.objects.get().trouble == ""
    assert outsider.taken[0] == outsider.taken[1]
    (resource,) = outsider.taken[1][1]["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "bank-web"}} in resource["resource"]["attributes"]
    block, bank = resource["scopeSpans"][0]["spans"]
    assert block == {
        "traceId": TRACE,
        "spanId": BLOCK,
        "parentSpanId": BANK,
        "name": "bank: waits for the block",
        "kind": 1,
        "startTimeUnixNano": str((START_US + 100_000) * 1000),
        "endTimeUnixNano": str((START_US + 550_000) * 1000),
        "attributes": [],
        "status": {"code": 2},
    }
    assert bank["kind"] == 2 and {"key": "status", "value": {"intValue": "200"}} in bank["attributes"]


def test_only_a_manager_sets_the_collector_and_its_address_is_shown_to_nobody(people: dict[str, str]) -> None:
    secret = "https://collector.example/path?key=hf-k3y"
    assert client(people, "responder").post("/traces/outside", {"url": secret}).status_code == 403
    manager = client(people, "manager")
    for bad in ("http://collector.example", "ftp://x", "https://a:b@collector.example"):
        assert manager.post("/traces/outside", {"url": bad}).status_code == 422
    assert Outside.objects.count() == 0
    assert manager.post("/traces/outside", {"url": secret}).status_code == 302
    page = manager.get("/traces").content.decode()
    assert "collector.example" in page and "hf-k3y" not in page and "/path" not in page
    assert "hf-k3y" not in str(list(StaffAction.objects.values()))
    assert exporting._address("https://c.example/otlp") == "https://c.example/otlp/v1/traces"
    assert exporting._address("https://c.example/v1/traces") == "https://c.example/v1/traces"
    assert manager.post("/traces/outside", {"url": ""}).status_code == 302
    assert exporting.outside() == ("", "")
