"""Run a program of PostgreSQL's (psql, pg_dump) so that it leaves the processors to the customers' work.

The program and its backend get the lowest priority of the system, where this process may say so (as root, or as the
user whose server it is), and no workers beside them. Nothing else is different: a proof or a dump takes longer while
the bank is busy. Each of PostgreSQL's backends is a session of its own, and Linux may share the processors among
sessions first (sched(7), the autogroup feature); a priority alone then says nothing, so the session's is lowered too.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from holdfast.runtime.postgres import binaries

LOWEST = 19
FIND_S_MAX = 5.0
FIND_EVERY_S = 0.02
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"


@contextlib.contextmanager
def gently(program: str, *arguments: str, url: str) -> "Iterator[subprocess.Popen[str]]":
    """The program under way with the database of the URL, which others cannot read among its arguments; its backend
    found and put last; ended when the context is left before it is done."""
    name = f"gentle {program} {os.getpid()} {time.monotonic_ns()}"
    base = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    password = base.pop("password", "")
    alone = f"{base.pop('options', '')} -c max_parallel_workers_per_gather=0".strip()
    place = make_conninfo("", **{**base, "application_name": name, "options": alone})
    child = subprocess.Popen(
        [str(binaries() / program), "-d", place, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
    )
    try:
        _put_last(child.pid)
        for backend in _backends(url, name, child):
            _put_last(backend)
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait(FIND_S_MAX)
        for pipe in filter(None, (child.stdout, child.stderr)):
            pipe.close()


def _backends(url: str, name: str, child: "subprocess.Popen[str]") -> list[int]:
    deadline = time.monotonic() + FIND_S_MAX
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(url, autocommit=True, connect_timeout=2) as base,
    ):
        while time.monotonic() < deadline and child.poll() is None:
            found = [int(row[0]) for row in base.execute(_BACKENDS, (name,)).fetchall()]
            if found:
                return found
            time.sleep(FIND_EVERY_S)
    return []


def _put_last(process: int) -> None:
    """A server on another machine has no such process here; another user's may not be changed."""
    with contextlib.suppress(psutil.Error, OSError, ValueError):
        one = psutil.Process(process)
        if one.name() in ("postgres", "psql", "pg_dump"):
            one.nice(LOWEST)
            if os.getsid(process) == process:
                Path(f"/proc/{process}/autogroup").write_text(str(LOWEST), encoding="ascii")
