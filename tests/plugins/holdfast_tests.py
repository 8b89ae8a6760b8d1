"""Pytest plugin: no sockets beyond this machine; which demands passed tests name; the folder's time budget."""

import contextlib
import json
import os
import random
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_passed: Counter[str] = Counter()
_named: dict[str, list[str]] = {}
_real_connect = socket.socket.connect


def _connect(self: socket.socket, address: Any) -> Any:
    if isinstance(address, tuple) and not str(address[0]).startswith("127.") and address[0] not in ("::1", "localhost"):
        raise OSError(f"a test may not leave this machine (it wanted {address[0]})")
    return _real_connect(self, address)


def free_port_base() -> int:
    """The first of fourteen free ports in a row, below the range that the system hands out by itself."""
    for _ in range(200):
        base = random.SystemRandom().randrange(20_000, 31_000)
        with contextlib.ExitStack() as held:
            try:
                for port in range(base, base + 14):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return base
    raise RuntimeError("no fourteen free ports in a row")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "demand(*ids): the demands of docs/requirements.md that this test proves")
    socket.socket.connect = _connect  # type: ignore[method-assign]
    config.stash[_began] = time.monotonic()


_began = pytest.StashKey[float]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        _named[item.nodeid] = [str(one) for mark in item.iter_markers("demand") for one in mark.args]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        _passed.update(_named.get(report.nodeid, []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    budget = os.environ.get("HOLDFAST_BUDGET_S")
    if budget:
        terminalreporter.write_line(f"took {time.monotonic() - config.stash[_began]:.0f} s of its {budget} s")


def pytest_sessionfinish(session: pytest.Session) -> None:
    name = os.environ.get("HOLDFAST_TEST_RUN")
    if name:
        folder = ROOT / "var" / "demands"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(dict(_passed)))
