"""Forks spare banks from one process that has imported them: real processes, without a second of imports each.

Run as a program it reads one JSON command a line from standard input and answers one line each.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

CHEAP = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}
"""What a password costs in these tests, of none of which its strength is a part; test_login_cost.py looks at the real one."""
SRC = Path(__file__).parents[2] / "src"


class Child:
    """One forked spare bank, with the part of subprocess.Popen that the tests use."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs; minus the signal's number after a signal."""
        if self.code is None:
            self.code = self._nursery.ask({"poll": self.pid})
        return self.code

    def wait(self, within_s: float) -> int:
        """The exit code, or TimeoutError."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            code = self.poll()
            if code is not None:
                return code
            time.sleep(0.005)
        raise TimeoutError(f"process {self.pid} did not end within {within_s} s")

    def send_signal(self, number: int) -> None:
        """Signal it."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The parent of the forked processes."""

    def __init__(self) -> None:
        env = os.environ | {"PYTHONPATH": str(SRC), "PYTHONWARNINGS": "error"}
        self._lock = threading.Lock()
        self._keys: tempfile.TemporaryDirectory[str] | None = None
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, command: dict[str, Any]) -> Any:
        """One command, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def keys(self) -> Path:
        """Keys and certificates as every installation of the run gets them, each a copy of its own."""
        from inside import make_keys  # not of the program that forks

        if self._keys is None:
            self._keys = tempfile.TemporaryDirectory(prefix="holdfast-keys-")
            make_keys(Path(self._keys.name), "door", "primary", "standin", "control", "runtime", "clearing", "network")
        return Path(self._keys.name)

    def start(self, data: Path, log: Path) -> Child:
        """Fork one spare bank on a data folder."""
        return Child(self, self.ask({"start": str(data), "log": str(log)}))

    def end(self) -> None:
        """End the parent."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(5)
        if self._keys is not None:
            self._keys.cleanup()


def _bear(data: str, log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ["HOLDFAST_DATA"] = data
        from holdfast.standin.__main__ import main

        code = main()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def run() -> None:
    """Serve commands until standard input ends."""
    from argon2 import PasswordHasher

    import holdfast.standin.__main__  # noqa: F401  # imported once, for all children
    from holdfast.standin import login

    login.HASHER = PasswordHasher(**CHEAP)

    for line in sys.stdin:
        command = json.loads(line)
        answer = _poll(command["poll"]) if "poll" in command else _bear(command["start"], command["log"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run()
