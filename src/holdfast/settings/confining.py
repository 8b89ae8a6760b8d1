"""What a building's process may reach of this machine's files: the system to read, its own folder, keys and secrets.

It cannot open another building's keys, secrets and data, nor a database's files, even as the same user. Landlock says
no more than that (landlock.py): who can end or trace a process from outside it is not kept from doing so.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.settings.installation import Installation
from holdfast.settings.landlock import NoLandlock, restrict

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/proc", "/sys", "/run")
DEVICES = ("/dev",)


@dataclass(frozen=True, slots=True)
class Own:
    """What is a building's own. folder: of its data; key: the name of its keys; secrets: the folder of its passwords,
    "" for none; outside: whether it speaks beyond this machine, and so reads the certificate for that."""

    folder: str
    key: str
    secrets: str = ""
    outside: bool = False


OWN = {
    "door": Own("edge", "door", outside=True),
    "standin": Own("standin", "standin"),
    "bank": Own("bank", "primary", "bank"),
    "control": Own("control", "control", "control", outside=True),
    "feeder": Own("foreign", "primary"),
}


def confine(home: Installation, building: str) -> str:
    """Confine this process and all that it starts; "" when that is done, otherwise why it cannot be. To be called
    before any thread is started."""
    own = OWN[building]
    temporary = home.folder(own.folder) / "tmp"
    temporary.mkdir(mode=0o700, exist_ok=True)
    (home.keys / own.key).mkdir(mode=0o700, exist_ok=True)
    reading, writing = list(_read(home, own)), [home.folder(own.folder), home.keys / own.key, *map(Path, DEVICES)]
    if home.core and building == "feeder":
        writing.append(Path(home.core))
    try:
        restrict(reading, writing)
    except NoLandlock as fault:
        return str(fault)
    tempfile.tempdir = str(temporary)
    os.environ["TMPDIR"] = os.environ["SQLITE_TMPDIR"] = str(temporary)
    return ""


def _read(home: Installation, own: Own) -> Iterator[Path]:
    data = home.data.resolve()
    programs: set[str | Path] = {sys.prefix, sys.base_prefix, Path(sys.executable).parent, *filter(None, sys.path)}
    for root in sorted({Path(one).resolve() for one in (*SYSTEM, *programs)}):
        if root.exists():
            yield from _around(root, data)
    yield from (home.keys / "public", data / "settings.json", home.rehearsal_file)
    if own.secrets:
        yield home.secrets / own.secrets
    if own.folder == "bank" and home.help_file:  # its folder: whoever keeps the file puts another in its place
        yield from _around(Path(home.help_file).parent.resolve(), data)
    if own.outside:
        for named in filter(None, (home.tls_cert, home.tls_key)):
            for file in {Path(named), Path(named).resolve()}:
                yield from _around(file.parent, data)


def _around(root: Path, data: Path) -> Iterator[Path]:
    """A folder, without the data where these lie in it: then what is in it now, beside them."""
    if not data.is_relative_to(root):
        yield root
        return
    if root == data:
        return
    for found in root.iterdir():
        yield from _around(found, data)
