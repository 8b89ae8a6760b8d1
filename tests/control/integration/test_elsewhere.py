"""Measurements of another Prometheus, by its HTTP API: a server of the test answers as one."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.metrics.elsewhere import BadPlaces, ask, read_places

ANSWERS = {
    "up": {"resultType": "vector", "result": [
        {"metric": {"job": "core"}, "value": [1.0, "1"]}, {"metric": {"job": "mail"}, "value": [1.0, "NaN"]}]},
    "scalar(5)": {"resultType": "scalar", "result": [1.0, "5"]},
}  # fmt: skip


class Answering(BaseHTTPRequestHandler):
    """One instant query."""

    def do_GET(self) -> None:
        """As the API says; what it does not know is no JSON."""
        parts = urlsplit(self.path)
        found = ANSWERS.get(parse_qs(parts.query)["query"][0]) if parts.path == "/api/v1/query" else None
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "success", "data": found}).encode() if found else b"<html>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def prometheus() -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def written(folder: Path, url: str, *queries: str) -> Path:
    lines = [
        f"  - {{query: '{query}', component: core, metric: answers, kind: level, about: job}}" for query in queries
    ]
    (folder / "prometheus.yaml").write_text(f"- url: {url}\n  queries:\n" + "\n".join(lines) + "\n")
    return folder


@pytest.mark.demand("W1")
def test_values_of_another_prometheus_are_taken_by_their_label(tmp_path: Path, prometheus: str) -> None:
    values, trouble = ask(read_places(written(tmp_path, prometheus, "up", "scalar(5)")))
    assert trouble == ""
    assert values == {
        Name("core", "answers", "core", Kind.LEVEL, ""): 1.0,
        Name("core", "answers", "", Kind.LEVEL, ""): 5.0,
    }


def test_a_place_that_is_away_or_answers_otherwise_is_said_and_the_rest_is_taken(
    tmp_path: Path, prometheus: str
) -> None:
    values, trouble = ask(read_places(written(tmp_path, prometheus, "nonsense", "up")))
    assert "otherwise than its API" in trouble
    assert len(values) == 1
    values, trouble = ask(read_places(written(tmp_path, "http://127.0.0.1:9", "up", "up")))
    assert values == {}
    assert trouble.count("does not answer") == 1


@pytest.mark.parametrize(
    "text", ["[", "url: x", "- {url: 'file:///etc/passwd', queries: [x]}", "- {url: 'http://a', queries: []}",
             "- {url: 'http://a', queries: [{query: up}]}",
             "- {url: 'http://a', queries: [{query: up, component: a, metric: b, kind: odd}]}"],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "prometheus.yaml").write_text(text)
    with pytest.raises(BadPlaces, match=r"prometheus\.yaml"):
        read_places(tmp_path)


def test_without_the_file_nothing_is_asked(tmp_path: Path) -> None:
    assert ask(read_places(tmp_path)) == ({}, "")
