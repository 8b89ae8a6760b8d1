"""One list of all keys and secrets: what each is for, whose it is, where it lies, when it was made, when it is due.

It is told by `./holdfast keys list`, and written for the console into `keys/public/list.json` (names and times only).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from holdfast.runtime.installing import BACKUP_KEYS, KEYS, PASSWORDS, SPEAKING, STORES
from holdfast.settings import Installation
from holdfast.signing.authority import RENEW_BEFORE, AuthorityFault, authority_file, leaf_file, read_held
from holdfast.signing.keyfile import write_private
from holdfast.signing.pairs import private_file, public_file, read_accepted

FIRST_SECRETS = ("responder", "communicator", "support", "manager", "auditor")
LIST = "list.json"
STORE_PURPOSES = {
    "bank-store": "seals what names people in the main bank's database, and the words in the books",
    "bank-factors": "seals authenticators' secrets",
    "bank-forms": "seals a form that is carried through a login at the main bank",
    "door-places": "seals who gets a place near the front of the line, on customers' devices",
    "standin-store": "seals the spare bank's journal and copy",
    "standin-forms": "seals a form that is carried through a login at the spare bank",
    "control-staff": "seals staff authenticators' secrets, the SMS gateway and where staff's devices are woken",
    "control-support": "seals what customers and support say to each other",
    "control-subscribers": "seals the addresses of who follows the status page",
    "control-push": "proves the console to push services, which wake staff's devices for nobody else",
}
BACKUP_PURPOSES = {
    "backup-data": "seals backups; put it away: ./holdfast backup key FILE",
    "backup-keys": "seals the keys and secrets in backups; put it away with the other",
}
PASSWORD_PURPOSES = {
    "bank-database": "the owner of the main bank's database",
    "bank-working": "the main bank's pages and jobs at their database",
    "control-database": "the control room at its database",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One key or secret. made: when it was made or last changed; due: when it is to be changed; ends: from when on it
    is worth nothing. All UTC; None: not known, or never. trouble: why it cannot be read, in words."""

    name: str
    purpose: str
    owner: str
    place: Path
    made: datetime | None
    due: datetime | None = None
    ends: datetime | None = None
    trouble: str = ""

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been changed."""
        return any(at is not None and at <= now for at in (self.due, self.ends))


def kept(home: Installation) -> list[Kept]:
    """Every key and secret of the installation."""
    sealing = [*_stores(home), *_backups(home)]
    return [*_signing(home), *_certificates(home), *sealing, *_passwords(home), *_staff(home), *_outside(home)]


def overdue(home: Installation, now: datetime | None = None) -> list[str]:
    """The names of those that should have been changed."""
    at = now or datetime.now(UTC)
    return [one.name for one in kept(home) if one.overdue(at) or one.trouble]


def write_list(home: Installation) -> None:
    """Tell the console names and times."""
    told = [
        {"name": one.name, "made": _iso(one.made), "due": _iso(one.due), "ends": _iso(one.ends), "trouble": one.trouble}
        for one in kept(home)
    ]
    write_private(home.keys / "public" / LIST, json.dumps({"keys": told}, indent=1).encode())


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _due(home: Installation, made: datetime | None) -> datetime | None:
    return made + timedelta(days=home.keys_due_days) if made else None


def _signing(home: Installation) -> Iterator[Kept]:
    for name in KEYS:
        made, trouble = None, ""
        try:
            made = datetime.fromtimestamp(read_accepted(public_file(home.keys, name))[0].made, UTC)
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            trouble = f"its public key cannot be read ({error}); restore keys/public"
        purpose = "signs what this building says: calls, rows, sessions, receipts"
        place = private_file(home.keys, name)
        yield Kept(name, purpose, name, place, made, _due(home, made), None, trouble or _lost(place))


def _certificates(home: Installation) -> Iterator[Kept]:
    for name, purpose, place in [
        ("authority", "makes the buildings' certificates", authority_file(home.keys)),
        *((f"tls-{name}", "proves the building to the others (TLS)", leaf_file(home.keys, name)) for name in SPEAKING),
    ]:
        owner = "runtime" if name == "authority" else name.removeprefix("tls-")
        try:
            held = read_held(place)
        except AuthorityFault as fault:
            yield Kept(name, purpose, owner, place, None, trouble=str(fault))
            continue
        due = _due(home, held.begins) if name == "authority" else held.ends - RENEW_BEFORE + timedelta(days=1)
        yield Kept(name, purpose, owner, place, held.begins, due, held.ends)


def _stores(home: Installation) -> Iterator[Kept]:
    for file, owner in STORES.items():
        name, place = file.removesuffix(".keys"), home.keys / owner / file
        if place.exists():
            made = _written(place)
            yield Kept(name, STORE_PURPOSES[name], owner, place, made, _due(home, made))


def _backups(home: Installation) -> Iterator[Kept]:
    for name, file in BACKUP_KEYS.items():
        place = home.keys / "backup" / file
        if place.exists():
            made = _written(place)
            yield Kept(name, BACKUP_PURPOSES[name], "whoever runs it", place, made, _due(home, made))


def _passwords(home: Installation) -> Iterator[Kept]:
    for name in PASSWORDS:
        place = home.password_file(name)
        made, owner = _written(place), name.partition("-")[0]
        yield Kept(name, PASSWORD_PURPOSES[name], owner, place, made, _due(home, made), None, _lost(place))


def _staff(home: Installation) -> Iterator[Kept]:
    for role in FIRST_SECRETS:
        for name in (role, f"{role}-authenticator"):
            place = home.secrets / name
            if place.exists():
                purpose = "a first secret, read once and removed by its owner, who changes it at the console"
                yield Kept(name, purpose, role, place, _written(place))


def _outside(home: Installation) -> Iterator[Kept]:
    if not home.tls_cert:
        return
    place, purpose = Path(home.tls_cert), "TLS beyond this machine; replace the files, they are taken within seconds"
    try:
        found = x509.load_pem_x509_certificate(place.read_bytes())
    except (OSError, ValueError) as error:
        yield Kept("tls-outside", purpose, "whoever runs it", place, None, trouble=f"it cannot be read ({error})")
        return
    made, ends = found.not_valid_before_utc, found.not_valid_after_utc
    yield Kept("tls-outside", purpose, "whoever runs it", place, made, ends - timedelta(days=7), ends)


def _written(place: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(place.stat().st_mtime, UTC)
    except OSError:
        return None


def _lost(place: Path) -> str:
    return "" if place.exists() else f"{place} is gone; restore it"
