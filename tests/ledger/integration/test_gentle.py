"""A proof or a dump leaves the processors to whoever posts: its programs come last, and say no password to others."""

import os
from pathlib import Path

import psutil
import psycopg
import pytest

from holdfast.runtime.gentle import LOWEST, gently

pytestmark = pytest.mark.demand("A1")
AUTOGROUP = Path("/proc/self/autogroup")


def processes_of(child, url):
    """The program, and its backends."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'gentle psql%'"
        ).fetchall()
    return [child.pid, *(pid for (pid,) in rows)]


def test_a_gentle_program_and_its_backend_come_last_also_where_sessions_share_the_processors(url):
    with gently("psql", "-c", "SELECT pg_sleep(30)", url=url) as child:
        found = processes_of(child, url)
        assert len(found) == 2
        assert [psutil.Process(one).nice() for one in found] == [LOWEST, LOWEST]
        assert all(os.getsid(one) == one for one in found)
        if AUTOGROUP.exists():
            assert all(Path(f"/proc/{one}/autogroup").read_text().endswith(f"nice {LOWEST}\n") for one in found)
            assert not AUTOGROUP.read_text().endswith(f"nice {LOWEST}\n")


def test_a_gentle_program_works_alone_and_its_arguments_hold_no_password(url):
    with gently("psql", "-X", "-A", "-t", "-c", "SHOW max_parallel_workers_per_gather", url=url) as child:
        assert psycopg.conninfo.conninfo_to_dict(url)["password"] not in " ".join(child.args)
        assert child.communicate(timeout=20)[0] == "0\n"


def test_what_a_url_asks_of_the_connection_is_kept(url):
    with gently("psql", "-X", "-A", "-t", "-c", "SHOW work_mem", url=f"{url}?options=-c%20work_mem%3D5MB") as child:
        assert child.communicate(timeout=20)[0] == "5MB\n"


def test_a_gentle_program_that_is_left_ends(url):
    with gently("psql", "-c", "SELECT pg_sleep(30)", url=url) as child:
        pass
    assert child.poll() is not None
