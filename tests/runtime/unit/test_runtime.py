"""The command and the supervisor: one clear sentence when something is in the way, and nothing lost."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import pytest
from holdfast_tests import free_port_base

from holdfast.runtime import installing
from holdfast.runtime.demands import demand_states
from holdfast.runtime.errors import PortBusy, RuntimeFault
from holdfast.runtime.postgres import Cluster, clone_root, free_port, stop, system_folder
from holdfast.settings import PORTS_COUNT, Installation, SettingsError, load, socket_path
from holdfast.settings import installation as placing


@pytest.fixture
def installation(tmp_path):
    return installing.prepare(tmp_path / "bank", free_port_base())


def test_an_installation_is_made_once_with_secrets_of_its_own(tmp_path):
    first = installing.prepare(tmp_path / "a", None)
    second = installing.prepare(tmp_path / "b", None)
    assert first.password("bank-database") != second.password("bank-database")
    assert (first.password_file("bank-database")).stat().st_mode & 0o077 == 0
    assert (first.keys / "primary" / "signing.pem").stat().st_mode & 0o077 == 0
    again = installing.prepare(tmp_path / "a", None)
    assert again.password("bank-database") == first.password("bank-database")


def test_a_key_that_an_older_release_did_not_make_is_made_at_the_next_start_and_no_other_is_touched(tmp_path):
    made = installing.prepare(tmp_path / "a", None)
    before = (made.keys / "clearing" / "signing.pem").read_bytes()
    (made.keys / "network" / "signing.pem").unlink()
    installing.prepare(tmp_path / "a", None)
    assert (made.keys / "network" / "signing.pem").stat().st_mode & 0o077 == 0
    assert (made.keys / "clearing" / "signing.pem").read_bytes() == before


def test_a_busy_port_is_named_and_nothing_is_started(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.standin_port))
        taken.listen()
        with pytest.raises(PortBusy, match=str(installation.standin_port)):
            installing.check_ports(installation)
    installing.check_ports(installation)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ('{"version": 99}', "version 99"),
        ('{"version": 1, "colour": 2}', "form of this release"),
    ],
)
def test_settings_that_cannot_be_read_are_one_clear_sentence(installation, text, words):
    (installation.data / "settings.json").write_text(text)
    with pytest.raises(SettingsError, match=words):
        load(installation.data)


def test_a_full_disk_is_said_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(
        installing.shutil, "disk_usage", lambda _: os.terminal_size((0, 0)) and type("D", (), {"free": 5_000_000})()
    )
    with pytest.raises(RuntimeFault, match="5 MB are free"):
        installing.prepare(tmp_path / "bank", None)
    assert not (tmp_path / "bank" / "settings.json").exists()


def test_only_a_folder_marked_as_made_up_is_removed(installation):
    with pytest.raises(RuntimeFault, match="not marked"):
        installing.remove_demo(installation.data)
    assert (installation.data / "settings.json").exists()
    (installation.data / installing.DEMO_MARK).touch()
    installing.remove_demo(installation.data)
    assert not installation.data.exists()


def test_databases_that_a_deleted_clones_demo_left_are_removed_and_no_others(tmp_path, monkeypatch):
    databases = tmp_path / "databases"
    monkeypatch.setattr(installing, "postgres_folder", lambda _: databases)
    (databases / "bank").mkdir(parents=True)
    installing.remove_demo(tmp_path / "gone")
    assert (databases / "bank").exists(), "not marked: of a bank that may be wanted"
    installing.make_demo(tmp_path / "demo")
    shutil.rmtree(tmp_path / "demo")
    installing.make_demo(tmp_path / "demo")
    assert [one.name for one in databases.iterdir()] == [installing.DEMO_MARK]


def test_two_clones_never_share_a_database_folder(tmp_path):
    names = {installing.postgres_folder(tmp_path / name) for name in ("a", "b")}
    assert len(names) == 2
    assert system_folder().name != clone_root().name


@pytest.fixture
def cluster(tmp_path):
    base = system_folder() / f"test-runtime-{os.getpid()}" if os.geteuid() == 0 else tmp_path
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o755)
    made = Cluster(base / "data", free_port(), "bank", "secret-of-a-test")
    made.prepare()
    yield made
    made.end_holder()
    import shutil

    shutil.rmtree(base, ignore_errors=True)


def test_a_database_whose_postmaster_was_killed_is_ended_and_started_again(cluster, tmp_path):
    server = cluster.spawn(tmp_path / "log")
    cluster.wait_ready(server)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    cluster.end_holder()
    assert cluster.holder() == 0
    again = cluster.spawn(tmp_path / "log")
    cluster.wait_ready(again)
    stop(again)


def test_two_servers_never_have_one_data_folder(cluster, tmp_path):
    server = cluster.spawn(tmp_path / "log")
    cluster.wait_ready(server)
    with pytest.raises(RuntimeFault, match="in use by process"):
        cluster.spawn(tmp_path / "log")
    stop(server)


def test_a_database_of_another_installation_is_said_at_once(cluster, tmp_path):
    server = cluster.spawn(tmp_path / "log")
    cluster.wait_ready(server)
    began = time.monotonic()
    with pytest.raises(RuntimeFault, match="another installation"):
        Cluster(cluster.folder, cluster.port, "bank", "other").wait_ready(server)
    assert time.monotonic() - began < 10
    stop(server)


@pytest.mark.parametrize("arguments", [["status"], ["mend"], ["break", "bank"], ["books", "prove"], ["standin", "off"]])
def test_a_command_without_a_running_bank_says_so_in_one_sentence(tmp_path, arguments):
    ran = subprocess.run([sys.executable, "-m", "holdfast", *arguments, "--data", str(tmp_path)], cwd=clone_root(),
                         capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "holdfast up" in " ".join(ran.stdout.split())


def test_a_missing_folder_of_records_is_refused_before_anything_is_made(tmp_path):
    ran = subprocess.run([sys.executable, "-m", "holdfast", "import", "berka", str(tmp_path / "none"), "--data", str(tmp_path / "new")],
                         cwd=clone_root(), capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 1
    assert not (tmp_path / "new").exists()


def test_a_demand_is_proved_only_by_a_test_that_passed(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.md").write_text(
        "| A1 | whole | x | a |\n| A2 | partly | x | a |\n| A3 | whole | x | a |\n| B1 | not yet |  | a |\n"
    )
    folder = tmp_path / "var" / "demands"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text(json.dumps({"A1": 2, "A2": 1}))
    assert [(d.id, d.state) for d in demand_states(tmp_path)] == [
        ("A1", "proved"),
        ("A2", "partly"),
        ("A3", "missing"),
        ("B1", "missing"),
    ]


def test_ports_are_counted_from_one_base():
    home = Installation(data=clone_root(), port_base=9000)
    ports = {
        home.door_port,
        home.console_port,
        home.door_internal_port,
        home.bank_port,
        home.standin_port,
        home.bank_database_port,
        home.control_database_port,
        home.mailbox_port,
        home.smtp_port,
        home.door_own_port(1),
        home.door_own_port(2),
    }
    assert ports == set(range(9000, 9011))
    assert home.bank_port_for_doors == home.bank_port_for_standin == home.bank_port
    wired = replace(home, wires=True)
    assert home.standin_port_for_doors == home.standin_port
    assert {wired.bank_port_for_doors, wired.bank_port_for_standin, wired.standin_port_for_doors} == {9011, 9012, 9013}
    assert range(9000, 9000 + PORTS_COUNT)[-1] == wired.support_port == 9014


def test_sockets_are_found_whatever_a_process_has_for_its_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(placing, "SHORT", tmp_path)
    made = Installation(tmp_path / "bank", postgres_data=str(tmp_path / ("long" * 30)))
    places = made.database_folder("bank"), socket_path(made.data)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert (made.database_folder("bank"), socket_path(made.data)) == places
    assert {place.parent.stat().st_mode & 0o066 for place in places} == {0}


def test_a_folder_for_sockets_that_is_not_ours_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(placing, "SHORT", tmp_path)
    socket_path(tmp_path).parent.rename(tmp_path / "other")
    (tmp_path / f"holdfast-{os.geteuid()}").symlink_to(tmp_path / "other")
    with pytest.raises(SettingsError, match="not this user's"):
        socket_path(tmp_path)
