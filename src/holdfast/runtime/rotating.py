"""Change any key or password while customers work.

A signing key: the new public one is given out, then both are accepted, then the new one signs and the old one is gone;
what it signed holds until its end. An authority: both are believed until every building shows a certificate of the new
one. A store's key: everything is sealed anew by it. A password: the new one stands in the file that each new connection
reads; open connections go on.
"""

import contextlib
import http.client
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import sql

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.installing import (
    BACKUP_KEYS,
    KEYS,
    PASSWORDS,
    SPEAKING,
    STORES,
    make_certificates,
    write_password,
)
from holdfast.runtime.launching import module
from holdfast.settings import Installation
from holdfast.signing.authority import forget_old, issue, locked, new_authority, trusted
from holdfast.signing.inside import Inside
from holdfast.signing.keyfile import read_keys, write_keys
from holdfast.signing.keyring import LOOK_S
from holdfast.signing.lines import Line
from holdfast.signing.pairs import (
    Accepted,
    private_file,
    public_file,
    read_accepted,
    read_pem,
    write_private_key,
    write_public,
)
from holdfast.signing.sealing import Sealer

ANNOUNCED_S = 3.0
"""Every process has heard of a new key by then: they look each second."""
OVERLAP_S = 86_400.0
"""What an ended signing key signed holds so long: twice the longest session."""
SHOWN_S_MAX = 30.0
ASK_S_MAX = 3.0
BANK_TAKES_S = 15.0
"""The bank's worker that knew the certificates of before has ended by then (bank/web/serving.py)."""
MODULES = {
    "bank-store": ("holdfast.bank", "rotate-store-key"),
    "bank-factors": ("holdfast.bank", "rotate-factors-key"),
    "standin-store": ("holdfast.standin", "rotate-key"),
    "control-staff": ("holdfast.control", "staff", "reseal"),
    "control-support": ("holdfast.control", "chat", "reseal"),
    "control-subscribers": ("holdfast.control", "subscribers", "reseal"),
}


def names() -> list[str]:
    """Everything that can be changed."""
    stores = [*(_stem(one) for one in STORES), *BACKUP_KEYS]
    return [*KEYS, "authority", *(f"tls-{one}" for one in SPEAKING), *stores, *PASSWORDS]


def rotate(home: Installation, name: str, overlap_s: float = OVERLAP_S, stolen: bool = False) -> str:  # noqa: PLR0911  # each kind ends here
    """Change it; what was done, in words. stolen: what the old signing key signed is worth nothing from now on. Raises
    RuntimeFault in words; may be run again."""
    if name not in names():
        raise RuntimeFault(f"there is no key {name!r} that can be changed here; there are {', '.join(names())}")
    if stolen and name not in KEYS:
        raise RuntimeFault("only what a signing key signed can be struck: --stolen is for " + ", ".join(KEYS))
    if name in KEYS:
        return _signing(home.keys, name, overlap_s, stolen)
    if name == "authority":
        return _authority(home)
    if name in PASSWORDS:
        return _password(home, name)
    if name in BACKUP_KEYS:
        return _backup(home.keys / "backup" / BACKUP_KEYS[name])
    if name in MODULES:
        module(home, *MODULES[name])
        return "everything that it sealed is sealed by a new key; the one before is kept until the next change"
    if name.startswith("tls-"):
        return _certificate(home, name.removeprefix("tls-"))
    _forms(home.keys / STORES[f"{name}.keys"] / f"{name}.keys")
    if name == "control-push":
        return "devices are made known by a new key; those of now are woken by the one before, until the next change"
    return "forms are sealed by a new key; those under way open by the one before"


def _stem(file: str) -> str:
    return file.removesuffix(".keys")


def _signing(keys: Path, name: str, overlap_s: float, stolen: bool) -> str:
    place = private_file(keys, name)
    coming = place.with_name("signing.next.pem")
    with locked(keys):
        known = list(read_accepted(public_file(keys, name)))
        fresh = read_pem(coming) if coming.exists() else Ed25519PrivateKey.generate()
        write_private_key(coming, fresh)
        now = time.time()
        known = [one for one in known if one.key != fresh.public_key()]
        announced = Accepted(fresh.public_key(), now)
        write_public(keys, name, [announced, *known])
        time.sleep(ANNOUNCED_S)
        coming.replace(place)  # the old private key is gone with this
        time.sleep(LOOK_S)  # by then nobody signs with what gets its end now
        ends = time.time() + overlap_s
        kept = [replace(one, ends=min(ends, one.ends or ends)) for one in known]
        write_public(keys, name, [announced, *([] if stolen else kept)])
    if stolen:
        return "the new key signs; nothing that the old one signed is accepted: whoever was logged in logs in anew"
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(ends))
    kept_on = "known devices their 90 days, confirmations and anchors for ever"
    return f"the new key signs; what the old one signed is accepted until {until}, {kept_on}"


def _forms(place: Path) -> None:
    sealer = Sealer(lambda: place, b"only its file is changed here")
    sealer.add()
    sealer.drop_old()


def _backup(place: Path) -> str:
    """A key more; those before stay, as what they sealed lies in places that nobody writes again."""
    if not place.exists():
        raise RuntimeFault("there are no backups yet, and no keys of them; ./holdfast backup place NAME FOLDER")
    known = read_keys(place)
    write_keys(place, {**known, max(known) + 1: AESGCM.generate_key(256)})
    return "the next backup is sealed by it, a full one; put the keys away anew: ./holdfast backup key FILE"


def _password(home: Installation, name: str) -> str:
    building, fresh = name.partition("-")[0], secrets.token_urlsafe(18)
    role = "holdfast_working" if name == "bank-working" else "holdfast"
    place = home.password_file(name)
    coming = place.with_name(f"{name}.next")
    try:
        with locked(home.keys), _opened(home, building) as base:
            made = base.pgconn.encrypt_password(fresh.encode(), role.encode(), b"scram-sha-256").decode()
            write_password(coming, fresh)
            changed = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(made))
            base.execute(changed)
            coming.replace(place)
    except psycopg.Error as error:
        raise RuntimeFault(f"the {building}'s database does not take a new password: {str(error)[:200]}") from error
    return "new connections use the new password; open ones go on"


def _opened(home: Installation, building: str) -> psycopg.Connection[Any]:
    """A connection of the database's owner. A change of the owner's password that was interrupted after the database
    took it is ended first: by the file alone nobody would come in any more. Raises psycopg.Error."""
    url, place = home.database_url(building), home.password_file(f"{building}-database")
    coming = place.with_name(f"{place.name}.next")
    try:
        return psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.OperationalError:
        if not coming.exists():
            raise
        base = psycopg.connect(url, passfile=str(coming), connect_timeout=5, autocommit=True)
        coming.replace(place)
        return base


def _certificate(home: Installation, name: str) -> str:
    with locked(home.keys):
        issue(home.keys, name)
    number = _number(home, name)
    _wait(home, {name: _ports(home)[name]} if name in _ports(home) else {}, lambda one: one.serial_number == number)
    return "the new certificate is shown and used"


def _number(home: Installation, name: str) -> int:
    found = x509.load_pem_x509_certificate((home.keys / name / "tls.pem").read_bytes())
    return found.serial_number


def _authority(home: Installation) -> str:
    with locked(home.keys):
        new_authority(home.keys)
        issue(home.keys, "runtime")
    everyone = _ports(home)
    time.sleep(BANK_TAKES_S)
    _wait(home, everyone, lambda _: True)  # each takes the command's certificate, which is of the new authority
    make_certificates(home)
    time.sleep(BANK_TAKES_S)
    newest = trusted(home.keys)[0]
    _wait(home, everyone, lambda one: _is_of(one, newest))
    with locked(home.keys):
        forget_old(home.keys)
    return "every building has a certificate of the new authority; the old one is believed no more"


def _is_of(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _ports(home: Installation) -> dict[str, tuple[int, ...]]:
    """Where each building listens for the others."""
    doors = (home.door_internal_port, home.door_own_port(1), home.door_own_port(2))
    return {"primary": (home.bank_port,), "standin": (home.standin_port,), "door": doors}


def _wait(home: Installation, places: dict[str, tuple[int, ...]], good: Callable[[x509.Certificate], bool]) -> None:
    """Until each of these that listens takes our certificate and shows a good one; raises RuntimeFault."""
    deadline = time.monotonic() + SHOWN_S_MAX
    open_ports = [(name, port) for name, ports in places.items() for port in ports]
    while open_ports:
        open_ports = [(name, port) for name, port in open_ports if not _is_good(home, name, port, good)]
        if open_ports and time.monotonic() > deadline:
            raise RuntimeFault(
                f"{open_ports[0][0]} on port {open_ports[0][1]} did not take the new certificates within "
                f"{SHOWN_S_MAX:.0f} s; the old ones hold on. See its log, and do it again"
            )
        time.sleep(0.1 if open_ports else 0)


def _is_good(home: Installation, name: str, port: int, good: Callable[[x509.Certificate], bool]) -> bool:
    """Whether who listens there shows a good certificate; nobody is good too, as it reads its files when it starts."""
    line = Line(name, port, Inside(home.keys, "runtime", serves=False), ASK_S_MAX)
    with contextlib.closing(line):
        try:
            line.request("GET", "/-/health")
            shown = line.sock.getpeercert(True)
            line.getresponse().read()
            return good(x509.load_der_x509_certificate(bytes(shown or b"")))
        except ConnectionRefusedError:
            return True
        except (OSError, ValueError, http.client.HTTPException):
            return False
