"""Make an installation: data folder, keys, secrets. Nothing has a default secret; nothing is made twice."""

import hashlib
import os
import secrets
import shutil
import socket
from dataclasses import replace
from pathlib import Path

from holdfast.runtime.errors import PortBusy, RuntimeFault
from holdfast.runtime.postgres import Cluster, clone_root, system_folder
from holdfast.settings import PORT_BASE_DEFAULT, PORTS_COUNT, Installation, SettingsError, ask_supervisor, load, write
from holdfast.signing import create_key
from holdfast.signing.authority import AuthorityFault, ensure
from holdfast.signing.keyfile import write_private

KEYS = ("door", "primary", "standin", "control", "runtime", "clearing", "network")
STORES = {
    "bank-store.keys": "primary",
    "bank-factors.keys": "primary",
    "door-places.keys": "door",
    "bank-forms.keys": "primary",
    "standin-store.keys": "standin",
    "standin-forms.keys": "standin",
    "control-staff.keys": "control",
    "control-push.keys": "control",
    "control-support.keys": "control",
    "control-subscribers.keys": "control",
}
"""In whose folder each file of symmetric keys lies; an earlier release had them side by side."""
SPEAKING = ("door", "primary", "standin", "control", "runtime")
"""Who has a certificate for TLS between the buildings."""
PASSWORDS = ("bank-database", "bank-working", "control-database")
"""Of databases, each in the folder of its building."""
BACKUP_KEYS = {"backup-data": "backup-data.keys", "backup-keys": "backup-keys.keys"}
"""By name, the files in `keys/backup` that seal backups (`recover`); made with the first place for them."""
SECRETS = ("responder", "manager", "auditor")
FREE_BYTES_MIN = 500_000_000
DEMO_MARK = "made-up-data"


def default_data(name: str) -> Path:
    """The data folder `name` of this clone."""
    return clone_root() / "var" / name


def prepare(
    data: Path,
    port_base: int | None,
    bank_name: str | None = None,
    currency: str | None = None,
    wires: bool = False,
    core: str = "",
    rehearsed: bool = False,
) -> Installation:
    """The installation in `data`, made when absent. Raises RuntimeFault or SettingsError in one sentence.

    wires: a new installation gets relays before the bank, for rehearsals of a bad network. core: a new installation
    runs beside the foreign core whose files lie there. rehearsed: its programs' time of day and rules can be bent.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(data).free
    except OSError as error:
        raise RuntimeFault(
            f"the data folder {data} cannot be made: {error.strerror}; choose another with --data"
        ) from error
    if free < FREE_BYTES_MIN:
        raise RuntimeFault(
            f"only {free // 1_000_000} MB are free where {data} lies, at least {FREE_BYTES_MIN // 1_000_000} MB are "
            "needed; make room, nothing was changed"
        )
    if not (data / "settings.json").exists():
        made = Installation(
            data=data,
            port_base=port_base or PORT_BASE_DEFAULT,
            postgres_data=str(postgres_folder(data)),
            wires=wires,
            core=core,
            rehearsed=rehearsed,
        )
        if bank_name or currency:
            made = replace(made, bank_name=bank_name or made.bank_name, currency=currency or made.currency)
        made.secrets.mkdir(mode=0o700, exist_ok=True)
        write(made)
    found = load(data)
    if core != found.core:
        kind = f"beside the core in {found.core}" if found.core else "with a bank of its own"
        raise RuntimeFault(f"the installation in {data} was made to run {kind}; choose another folder with --data")
    if port_base and port_base != found.port_base:
        found = replace(found, port_base=port_base)
        write(found)
    for name in SECRETS:
        _write_secret(found.secrets / name)
    for name in PASSWORDS:
        _make_password(found, name)
    make_keys(found)
    found.logs.mkdir(exist_ok=True)
    return found


def make_keys(installation: Installation) -> None:
    """Every signing key and certificate, also those that a newer release needs and an older one did not make."""
    for name in KEYS:
        create_key(installation.keys, name)
    for name, building in STORES.items():
        old = installation.keys / name
        if old.exists():
            old.rename(installation.keys / building / name)
    make_certificates(installation)


def make_certificates(installation: Installation) -> list[str]:
    """Make and renew the buildings' certificates where that is due; for whom. Raises RuntimeFault in words.

    The wires of a rehearsal stand between the buildings and hear what they say: only an installation that was made with
    them has a certificate for them, in the names of both banks.
    """
    names: dict[str, tuple[str, ...]] = dict.fromkeys(SPEAKING, ())
    if installation.wires:
        names["wires"] = ("primary", "standin")
    try:
        return ensure(installation.keys, names)
    except AuthorityFault as fault:
        raise RuntimeFault(str(fault)) from fault


def _make_password(installation: Installation, name: str) -> None:
    """A database's password, or the one that an earlier release had beside the others."""
    path, old = installation.password_file(name), installation.secrets / name
    if path.exists():
        return
    known = old.read_text().strip() if old.is_file() else secrets.token_urlsafe(18)
    write_password(path, known)
    old.unlink(missing_ok=True)


def write_password(path: Path, password: str) -> None:
    """Put a password in its place, as PostgreSQL's clients read it: for any host, port, database and role."""
    write_private(path, f"*:*:*:*:{password}\n".encode())


def _write_secret(path: Path) -> None:
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(18))


def postgres_folder(data: Path) -> Path:
    """Where the databases of an installation in `data` lie: as root not within it (postgres.py)."""
    if os.geteuid() != 0:
        return data / "postgres"
    return system_folder() / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]


def cluster(installation: Installation, building: str) -> Cluster:
    """The embedded PostgreSQL of `bank` or `control`."""
    base = Path(installation.postgres_data)
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o755)
    password, sockets = installation.password(f"{building}-database"), installation.database_folder(building)
    return Cluster(base / building, installation.database_port(building), building, password, sockets)


def check_ports(installation: Installation) -> None:
    """Raise PortBusy, naming the port, when another program listens on one that we need."""
    for port in range(installation.port_base, installation.port_base + PORTS_COUNT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise PortBusy(
                    f"port {port} is in use by another program; end that program, or choose another first port with "
                    f"PORT=… (the {PORTS_COUNT} ports from it are used)"
                ) from error


def make_demo(data: Path) -> None:
    """An empty data folder, marked as made-up data like the folder of its databases; one so marked is removed before.

    Raises RuntimeFault when there is another."""
    remove_demo(data)
    for folder in (data, postgres_folder(data)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DEMO_MARK).touch()


def remove_demo(data: Path) -> None:
    """Remove a data folder that holds made-up data only (it carries a mark); raises RuntimeFault for any other.

    Where the folder is gone already (a clone that was deleted), marked databases that it left behind are removed."""
    left = postgres_folder(data)
    if not data.exists():
        if (left / DEMO_MARK).exists():
            shutil.rmtree(left)
        return
    if any(data.iterdir()) and not (data / DEMO_MARK).exists():
        raise RuntimeFault(
            f"{data} is not marked as made-up data, so it is not removed; choose another folder with --data"
        )
    try:
        postgres = Path(load(data).postgres_data)
    except Exception:
        postgres = left
    shutil.rmtree(postgres, ignore_errors=True)
    shutil.rmtree(data)


def running_data(data: Path | None) -> Path:
    """The data folder of the bank that is meant: the one named, or the one that runs."""
    if data is not None:
        return data
    for name in ("bank", "demo"):
        folder = default_data(name)
        try:
            ask_supervisor(folder, do="status")
        except SettingsError:
            continue
        return folder
    return default_data("bank")
