"""One installation: its data folder, ports and secrets' places.

Every building is started with HOLDFAST_DATA set to the data folder and reads `settings.json` there.
Secrets are files of mode 0600 under `keys/` and `secrets/`, one each; none has a default.
"""

import contextlib
import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

DATA_VERSION = 1
PORT_BASE_DEFAULT = 8080
PORTS_COUNT = 15
SOCKET_NAME_MAX = 100
"""Bytes in the name of a Unix socket, of the 107 that Linux lets be."""
SHORT = Path("/tmp")  # noqa: S108  # see short_folder, which takes nobody else's
HTTP_PORT, HTTPS_PORT = 80, 443
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
"""Addresses that only this machine reaches; "" stands for not to listen elsewhere."""


class SettingsError(Exception):
    """The installation cannot be read; the text says what to do."""


@dataclass(frozen=True)
class Installation:
    """An installation on one machine; all ports are on loopback, counted from port_base.

    wires: relays that a rehearsal can cut or slow down stand before the bank (`gameday/wires`).
    core: the folder of a foreign core's files, which then stands in the bank's place (`foreign`); "" for our own bank.
    rehearsed: a rehearsal may set the programs' time of day ahead and break the rules while they run (`rehearsal`).
    address: where the doors listen beyond this machine ("" for on it only), console_address: where the console does;
    host: the name that people type; tls_cert, tls_key: PEM files, with which doors and console speak TLS only;
    http_port: one that leads to the doors (0: none). console_host: the name by which staff open the console ("": host).
    own_authority: a certificate whose authority the public does not trust was accepted. mail_server: HOST:PORT of the
    server that takes mails, by TLS unless it is on this machine ("": the local mailbox); second_mail_server: another
    one, for messages to customers while that does not work. keys_due_days: the age at
    which keys and passwords are changed. help_file: the bank's file of emergency money and of places that help
    (contracts/help_file.py; "": help-now.toml in the bank's own folder).
    """

    data: Path
    port_base: int = PORT_BASE_DEFAULT
    bank_name: str = "Holdfast Sample Bank"
    currency: str = "NOK"
    time_zone: str = "Europe/Oslo"
    postgres_data: str = ""
    wires: bool = False
    core: str = ""
    rehearsed: bool = False
    address: str = ""
    console_address: str = ""
    host: str = "localhost"
    tls_cert: str = ""
    tls_key: str = ""
    http_port: int = 0
    console_host: str = ""
    own_authority: bool = False
    mail_server: str = ""
    second_mail_server: str = ""
    keys_due_days: int = 365
    help_file: str = ""
    version: int = DATA_VERSION

    @property
    def door_port(self) -> int:
        """What customers open."""
        return self.port_base

    @property
    def console_port(self) -> int:
        """What staff open: the control room."""
        return self.port_base + 1

    @property
    def door_internal_port(self) -> int:
        """Calls from the other buildings to any door."""
        return self.port_base + 2

    @property
    def bank_port(self) -> int:
        """The bank's web, for the doors and the other buildings."""
        return self.port_base + 3

    @property
    def standin_port(self) -> int:
        """The spare bank, for the doors and the other buildings."""
        return self.port_base + 4

    @property
    def bank_database_port(self) -> int:
        """The number of the bank's PostgreSQL."""
        return self.port_base + 5

    @property
    def control_database_port(self) -> int:
        """The number of the control room's PostgreSQL."""
        return self.port_base + 6

    @property
    def mailbox_port(self) -> int:
        """The page of the local mailbox, which stands for the customers' mail providers."""
        return self.port_base + 7

    @property
    def smtp_port(self) -> int:
        """The local mailbox's SMTP."""
        return self.port_base + 8

    def door_own_port(self, number: int) -> int:
        """Door `number`'s (1 or 2) own port for health and metrics."""
        return self.port_base + 8 + number

    @property
    def bank_port_for_doors(self) -> int:
        """Where the doors find the bank: its own port, or the wire before it."""
        return self.port_base + 11 if self.wires else self.bank_port

    @property
    def bank_port_for_standin(self) -> int:
        """Where the spare bank finds the bank's feed: its own port, or the wire before it."""
        return self.port_base + 12 if self.wires else self.bank_port

    @property
    def standin_port_for_doors(self) -> int:
        """Where the doors find the spare bank: its own port, or the wire before it."""
        return self.port_base + 13 if self.wires else self.standin_port

    @property
    def support_port(self) -> int:
        """Where the doors find the support desk's chats."""
        return self.port_base + 14

    @property
    def wires_file(self) -> Path:
        """What each wire does just now, written by the supervisor (`gameday/wires/orders.py`)."""
        return self.data / "wires.json"

    @property
    def rehearsal_file(self) -> Path:
        """What a rehearsal changes in all programs just now, written by the supervisor (`rehearsal`)."""
        return self.data / "rehearsal.bin"

    @property
    def door_origin(self) -> str:
        """The origin customers see; a name, never an address, for passkeys' sake."""
        return self._origin(self.host, self.door_port)

    @property
    def console_origin(self) -> str:
        """The origin staff see."""
        return self._origin(self.console_host or self.host, self.console_port)

    def _origin(self, host: str, port: int) -> str:
        scheme, usual = ("https", HTTPS_PORT) if self.tls_cert else ("http", HTTP_PORT)
        return f"{scheme}://{host}" + ("" if port == usual else f":{port}")

    @property
    def mail_place(self) -> tuple[str, int]:
        """Host and port of the server that takes mails."""
        host, _, port = self.mail_server.rpartition(":")
        return (host, int(port)) if host else ("127.0.0.1", self.smtp_port)

    @property
    def second_mail_place(self) -> tuple[str, int] | None:
        """Host and port of the server that takes messages to customers while the first does not; None without one."""
        host, _, port = self.second_mail_server.rpartition(":")
        return (host, int(port)) if host else None

    @property
    def beyond(self) -> bool:
        """Whether anything of it listens beyond this machine."""
        return not {self.address, self.console_address} <= LOOPBACK

    @property
    def keys(self) -> Path:
        """The folder of the signing keys."""
        return self.data / "keys"

    @property
    def secrets(self) -> Path:
        """The folder of passwords and other secrets, one file each."""
        return self.data / "secrets"

    @property
    def logs(self) -> Path:
        """The folder of the buildings' logs."""
        return self.data / "logs"

    def folder(self, building: str) -> Path:
        """The building's own folder, made when absent."""
        path = self.data / building
        path.mkdir(parents=True, exist_ok=True)
        return path

    def secret(self, name: str) -> str:
        """The secret in secrets/<name>; raises SettingsError when it is absent."""
        try:
            return (self.secrets / name).read_text().strip()
        except OSError as error:
            raise SettingsError(f"the secret {name!r} cannot be read in {self.secrets}: {error.strerror}") from error

    def database_url(self, building: str, working: bool = False) -> str:
        """The PostgreSQL URL of `bank` or `control`; HOLDFAST_<BUILDING>_DATABASE_URL stands above it.

        working: the bank's as its pages and jobs use it, with less rights than the owner, who alone migrates;
        HOLDFAST_BANK_WORKING_DATABASE_URL stands above it, and where only the owner's URL is given, that one."""
        given = os.environ.get(f"HOLDFAST_{building.upper()}_DATABASE_URL")
        if working:
            given = os.environ.get("HOLDFAST_BANK_WORKING_DATABASE_URL", given)
        if given:
            return given
        role, secret = ("holdfast_working", "bank-working") if working else ("holdfast", f"{building}-database")
        place = {"host": self.database_folder(building), "port": self.database_port(building)}
        return f"postgresql://{role}@/{building}?{urlencode({**place, 'passfile': self.password_file(secret)})}"

    def password_file(self, name: str) -> Path:
        """The file of a database's password (`bank-database`, `bank-working`, `control-database`), in the form that
        PostgreSQL's clients read (passfile) at each new connection: a password can change while programs work."""
        return self.secrets / name.partition("-")[0] / name

    def password(self, name: str) -> str:
        """The password itself; raises SettingsError when it is absent."""
        path = self.password_file(name)
        try:
            return path.read_text().strip().rpartition(":")[2]
        except OSError as error:
            raise SettingsError(f"the password {path} cannot be read: {error.strerror}; restore it") from error

    def database_port(self, building: str) -> int:
        """The number in the name of the socket of `bank`'s or `control`'s PostgreSQL; no port is opened."""
        return self.bank_database_port if building == "bank" else self.control_database_port

    def database_folder(self, building: str) -> Path:
        """The folder of that socket, which no other user can enter; a short one where the name would be too long."""
        folder = Path(self.postgres_data) / f"{building}-socket"
        if len(str(self.socket_in(folder, building))) <= SOCKET_NAME_MAX:
            return folder
        return short_folder() / hashlib.sha256(str(folder).encode()).hexdigest()[:16]

    def socket_in(self, folder: Path, building: str) -> Path:
        """The socket itself, as PostgreSQL names it."""
        return folder / f".s.PGSQL.{self.database_port(building)}"


def short_folder() -> Path:
    """Where sockets lie whose names must be short: one folder of this user's, made when absent, and the same whatever a
    process has for its temporary files. Nobody else may write there, and only a server that root starts as another
    user passes through. Raises SettingsError when it is not ours."""
    folder, mode = SHORT / f"holdfast-{os.geteuid()}", 0o700 if os.geteuid() else 0o711
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=mode)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise SettingsError(f"{folder} is not this user's folder; whoever made it must remove it")
    if stat.S_IMODE(found.st_mode) != mode:
        folder.chmod(mode)
    return folder


def load(data: Path | None = None) -> Installation:
    """Read the installation in `data`, or in HOLDFAST_DATA; raises SettingsError in one sentence."""
    if data is None:
        named = os.environ.get("HOLDFAST_DATA")
        if not named:
            raise SettingsError("HOLDFAST_DATA does not name a data folder; start with ./holdfast up")
        data = Path(named)
    path = data / "settings.json"
    try:
        raw = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise SettingsError(f"there is no installation in {data}; start with ./holdfast up") from error
    except ValueError as error:
        raise SettingsError(f"{path} is not valid JSON; restore it from a backup or remove the data folder") from error
    if raw.get("version") != DATA_VERSION:
        raise SettingsError(
            f"the data in {data} are of version {raw.get('version')}, this release reads version {DATA_VERSION}; "
            "use the release that wrote them, or another folder with --data"
        )
    raw["data"] = data
    try:
        return Installation(**raw)
    except TypeError as error:
        raise SettingsError(
            f"{path} does not have the form of this release ({error}); restore it from a backup"
        ) from error


def write(installation: Installation) -> None:
    """Write settings.json whole or not at all."""
    raw = asdict(installation)
    del raw["data"]
    installation.data.mkdir(parents=True, exist_ok=True)
    path = installation.data / "settings.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(raw, indent=1))
    part.replace(path)
