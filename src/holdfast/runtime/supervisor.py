"""The supervisor: starts the buildings, starts again what dies, breaks and mends what it is asked to.

One process an installation (a lock on the data folder). It launches the buildings and imports none of them.
What was broken by hand stays broken until it is mended; what dies by itself is started again with growing pauses.
"""

import contextlib
import fcntl
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from holdfast.runtime import postgres
from holdfast.runtime.bending import environment
from holdfast.runtime.breaking import Breaker
from holdfast.runtime.errors import DatabaseFault, DataFolderBusy, RuntimeFault
from holdfast.runtime.installing import check_ports, cluster, make_certificates, prepare
from holdfast.runtime.keylist import overdue, write_list
from holdfast.runtime.programs import (
    BUILDINGS,
    PAUSE_S_FIRST,
    STOP_ORDER,
    Program,
    give_way,
    module_argv,
    nice_words,
    program_names,
)
from holdfast.runtime.stepping import Stepper
from holdfast.settings import (
    Changed,
    Installation,
    SettingsError,
    ask_supervisor,
    socket_path,
    steps_path,
    write_changed,
)

TICK_S = 0.05
PAUSE_S_MAX = 15.0
QUIET_S = 20.0
STOP_S_MAX = 6.0
STEP_S_MAX = 120.0
OPEN_S_MAX = 45.0
LOG_BYTES_MAX = 20_000_000
RENEW_S = 3600.0
log = logging.getLogger(__name__)


class Supervisor:
    """Runs one installation until told to stop."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.programs = {name: Program(name) for name in program_names(installation.core)}
        if installation.wires:
            installation.wires_file.unlink(missing_ok=True)
            self.programs["wires"] = Program("wires")
        if installation.rehearsed and not installation.rehearsal_file.exists():
            write_changed(installation.rehearsal_file, Changed())
        self.breaker = Breaker(installation, self.programs, self._launch, self._wait_for_ports)
        self.stepper = Stepper(self.programs, self.breaker)
        self.stopping = False
        self._lock: Any = None
        self._renewed_at = float("-inf")
        self._overdue: list[str] = []
        self._pids = installation.data / "run.json"
        self._backed_up = installation.data / "recover" / "plan.json"

    def start(self) -> None:
        """Start everything in order; raises RuntimeFault in words and leaves nothing running."""
        self._take_lock()
        self._end_leftovers()
        check_ports(self.installation)
        try:
            buildings = ("control",) if self.installation.core else ("bank", "control")
            for building in buildings:
                self._start_database(building)
            steps = [self._step_start(f"holdfast.{building}", "migrate") for building in buildings]
            for step in [*steps, self._step_start("holdfast.edge", "init")]:
                self._step_end(step)
            doors = BUILDINGS["doors"]
            for name, program in self.programs.items():
                if not name.endswith("-db") and name not in doors:
                    self._launch(program)
            # Doors open last: one that finds no bank behind it would move its customers at once.
            home = self.installation
            self._wait_for_ports(
                home.bank_port, home.standin_port, home.bank_port_for_doors, home.standin_port_for_doors
            )
            for name in doors:
                self._launch(self.programs[name])
            self._wait_for_ports(self.installation.door_port, *map(self.installation.door_own_port, (1, 2)))
        except BaseException:
            self.stop()
            raise

    def run(self, listener: socket.socket, steps: socket.socket, ready: Callable[[], None]) -> None:
        """Watch the children and answer requests, and on `steps` those of runbooks, until stop is asked, or nobody
        hears that they are ready; then stop everything."""
        answers = {listener: self._do, steps: self.stepper.do}
        try:
            ready()
            while not self.stopping:
                for waiting in select.select(list(answers), [], [], TICK_S)[0]:
                    channel, _ = waiting.accept()
                    with channel:
                        _answer(channel, answers[waiting])
                self._watch()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop all children: doors first, databases last."""
        children = [(name, self.programs[name].child) for name in STOP_ORDER if name in self.programs]
        for name, child in children:
            if child is not None and child.poll() is None:
                self.breaker.thaw(self.programs[name])
                child.terminate()
        deadline = time.monotonic() + STOP_S_MAX
        for _name, child in children:
            if child is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(deadline - time.monotonic(), 0.05))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        for name in ("bank-db", "control-db"):
            database = self.programs[name].child if name in self.programs else None
            if database is not None:
                self.breaker.thaw(self.programs[name])
                postgres.stop(database)
        self._pids.unlink(missing_ok=True)

    def _wait_for_ports(self, *ports: int) -> None:
        deadline = time.monotonic() + OPEN_S_MAX
        for port in ports:
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                if time.monotonic() > deadline:
                    raise RuntimeFault(
                        f"nothing opened port {port} within {OPEN_S_MAX:.0f} s; see {self.installation.logs}"
                    )
                time.sleep(0.02)

    def _take_lock(self) -> None:
        self._lock = open(self.installation.data / "lock", "w")  # noqa: PTH123, SIM115  # held as long as this process lives
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataFolderBusy(
                f"a bank runs on {self.installation.data} already; use it, or end it with ./holdfast down"
            ) from error

    def _end_leftovers(self) -> None:
        """End what a supervisor that died left running: only processes it noted, by id and start time."""
        with contextlib.suppress(OSError, ValueError):
            for pid, started in json.loads(self._pids.read_text()):
                with contextlib.suppress(psutil.Error, OSError):
                    process = psutil.Process(pid)
                    if abs(process.create_time() - started) < 1 and "postgres" not in process.name():
                        os.killpg(pid, signal.SIGKILL)
        for building in ("bank", "control"):
            cluster(self.installation, building).end_holder()

    def _note_children(self) -> None:
        noted = []
        for program in self.programs.values():
            with contextlib.suppress(psutil.Error):
                if program.child is not None:
                    noted.append([program.child.pid, psutil.Process(program.child.pid).create_time()])
        self._pids.write_text(json.dumps(noted))

    def _start_database(self, building: str) -> None:
        made = cluster(self.installation, building)
        made.prepare()
        program = self.programs[f"{building}-db"]
        program.child = made.spawn(self._log(program.name), nice_words(program.name))
        give_way(program.name, program.child.pid)
        program.started = time.monotonic()
        wait_by_either(self.installation, building, made, program.child)

    def _log(self, name: str) -> Path:
        path = self.installation.logs / f"{name}.log"
        with contextlib.suppress(OSError):
            if path.stat().st_size > LOG_BYTES_MAX:
                path.replace(path.with_suffix(".log.1"))
        return path

    def _step_start(self, *argv: str) -> "tuple[str, subprocess.Popen[str]]":
        return " ".join(argv), subprocess.Popen(
            [sys.executable, "-m", *argv],
            env=environment(self.installation),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _step_end(self, step: "tuple[str, subprocess.Popen[str]]") -> None:
        name, child = step
        try:
            said, _ = child.communicate(timeout=STEP_S_MAX)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise RuntimeFault(f"{name} did not end within {STEP_S_MAX:.0f} s") from error
        if child.returncode != 0:
            raise RuntimeFault(f"{name} failed: {said.strip()[-600:]}")

    def _launch(self, program: Program) -> None:
        program.started = time.monotonic()
        program.broken = ""
        if program.name.endswith("-db"):
            made = cluster(self.installation, program.name.removesuffix("-db"))
            made.end_holder()
            full = ("prlimit", f"--fsize={program.file_bytes_max}:") if program.file_bytes_max else ()
            program.child = made.spawn(self._log(program.name), (*full, *nice_words(program.name)))
        else:
            with self._log(program.name).open("ab") as out:
                program.child = subprocess.Popen(
                    [*nice_words(program.name), *module_argv(program.name, self.installation.core)],
                    env=environment(self.installation, program.clock_ahead_s, program.source),
                    stdout=out,
                    stderr=out,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        give_way(program.name, program.child.pid)
        self._note_children()

    def _renew(self) -> None:
        """Once an hour: certificates that near their end, and how old the keys are. What cannot be renewed is said, and
        the old one holds on."""
        if time.monotonic() - self._renewed_at < RENEW_S:
            return
        self._renewed_at = time.monotonic()
        try:
            for name in make_certificates(self.installation):
                log.warning("the certificate of %s was renewed", name)
        except (RuntimeFault, OSError) as fault:
            log.error("certificates cannot be renewed: %s", fault)  # noqa: TRY400  # the sentence says it all
        try:
            write_list(self.installation)
            self._overdue = overdue(self.installation)
        except (RuntimeFault, OSError) as fault:
            log.error("the list of keys cannot be written: %s", fault)  # noqa: TRY400  # the sentence says it all

    def _watch(self) -> None:
        self._renew()
        if "backups" not in self.programs and self._backed_up.exists():  # once a place for them is named
            self._launch(self.programs.setdefault("backups", Program("backups")))
        now = time.monotonic()
        for program in self.programs.values():
            if program.broken or program.child is None:
                continue
            if program.child.poll() is None:
                if now - program.started > QUIET_S:
                    program.pause_s = PAUSE_S_FIRST
                continue
            if program.due == 0.0:
                program.due = now + program.pause_s
                program.pause_s = min(program.pause_s * 2, PAUSE_S_MAX)
            elif now >= program.due:
                program.due = 0.0
                program.restarts += 1
                with contextlib.suppress(RuntimeFault):
                    self._launch(program)

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "status":
                return self.status()
            case "break":
                return self.breaker.break_(
                    request["names"], request["how"], float(request.get("value", 0)), str(request.get("words", ""))
                )
            case "mend":
                return self.breaker.mend(request["names"])
            case "stop":
                self.stopping = True
                return {"ok": True}
            case other:
                return {"error": f"the supervisor does not know {other!r}"}

    def status(self) -> dict[str, Any]:
        """Each program: running, broken or restarting, with its process id."""
        out = {}
        for program in self.programs.values():
            alive = program.child is not None and program.child.poll() is None
            state = program.broken or ("running" if alive else "restarting")
            out[program.name] = {
                "state": state,
                "pid": program.child.pid if program.child and alive else 0,
                "restarts": program.restarts,
            }
        return {"programs": out, "pid": os.getpid(), "keys_overdue": self._overdue}


def _answer(channel: socket.socket, do: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """One request, one answer; what cannot be read or done is answered in words."""
    channel.settimeout(5)
    try:
        answer = do(json.loads(channel.makefile("rb").readline(100_000)))
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeFault, OSError) as error:
        answer = {"error": str(error)}
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps(answer).encode() + b"\n")


def wait_by_either(
    home: Installation, building: str, made: postgres.Cluster, server: "subprocess.Popen[bytes] | None"
) -> None:
    """Wait until the database opens by its password, or by that of a change that was interrupted, which is then kept;
    raises DatabaseFault."""
    name = f"{building}-database"
    coming = home.password_file(f"{name}.next")
    try:
        made.wait_ready(server)
    except DatabaseFault:
        if not coming.exists():
            raise
        replace(made, password=home.password(coming.name)).wait_ready(server)
        coming.replace(home.password_file(name))  # only now: it may never have come to the database


def serve(data: Path, port_base: int | None, ready: Callable[[Installation], None], **more: Any) -> None:
    """Run an installation until SIGINT, SIGTERM or `stop`; raises RuntimeFault or SettingsError in words."""
    installation = prepare(data, port_base, **more)
    path = socket_path(data)
    with contextlib.suppress(SettingsError):
        ask_supervisor(data, do="status")
        raise DataFolderBusy(f"a bank runs on {data} already; use it, or end it with ./holdfast down")
    supervisor = Supervisor(installation)

    def ask_stop(*_: object) -> None:
        supervisor.stopping = True

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, ask_stop)
    supervisor.start()
    with _listening(path) as listener, _listening(steps_path(data)) as steps:
        supervisor.run(listener, steps, lambda: ready(installation))


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(16)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """`… DATA [PORT [BANK_NAME CURRENCY [wires [CORE [rehearsed]]]]]`: prints `ready`, or one sentence."""
    data, port, name, currency, wires, core, rehearsed, *_ = [*arguments, *[""] * 7]
    try:
        serve(
            Path(data),
            int(port) if port else None,
            lambda _: print("ready", flush=True),
            bank_name=name or None,
            currency=currency or None,
            wires=wires == "wires",
            core=core,
            rehearsed=rehearsed == "rehearsed",
        )
    except (RuntimeFault, SettingsError) as error:
        print(error, flush=True)
        return 1
    except BrokenPipeError:  # whoever started it is gone; everything was ended
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
