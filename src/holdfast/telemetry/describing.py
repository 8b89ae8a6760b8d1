"""Which versions a process runs and how it is set, as labels in Prometheus' form: differences are told by them."""

import hashlib
import platform
import sys
import threading
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path

from prometheus_client import Gauge

from holdfast import __version__
from holdfast.telemetry.metrics import REGISTRY

SETTING = Gauge(
    "holdfast_setting_info",
    "How this process, or a part it tells of, is set; the value is always 1",
    ["name", "value", "part"],
    registry=REGISTRY,
)
VALUE_MAX = 120
_told: dict[tuple[str, str], str] = {}


def describe(part: str = "", **settings: object) -> None:
    """Tell settings of this process, or all those of a part that it speaks for: what it told of that part before and
    tells no more was taken away. Secrets are never among them. Versions of this process are found out beside its work.
    """
    named = {name.replace("_", " "): str(value)[:VALUE_MAX] for name, value in settings.items()}
    for name, value in named.items():
        _tell(name, value, part)
    for gone in [name for of, name in _told if part and of == part and name not in named]:
        SETTING.remove(gone, _told.pop((part, gone)), part)
    if not part:
        threading.Thread(target=_versions, name="versions", daemon=True).start()


def _versions() -> None:
    for name, value in (
        ("python", platform.python_version()),
        ("release", release()),
        ("libraries", libraries()),
    ):
        _tell(name, value, "")


def _tell(name: str, value: str, part: str) -> None:
    """One value a setting: the one before is told no more."""
    before = _told.get((part, name))
    if before is not None and before != value:
        SETTING.remove(name, before, part)
    SETTING.labels(name, value, part).set(1)
    _told[part, name] = value


@lru_cache(maxsize=1)
def release() -> str:
    """The version, and a mark of the code itself: two trees that differ in a letter differ here."""
    root, digest = Path(__file__).parent.parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".sql", ".html", ".txt", ".yaml") and path.is_file():
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return f"{__version__} {digest.hexdigest()[:10]}"


@lru_cache(maxsize=1)
def libraries() -> str:
    """A mark of the installed libraries and their versions, of those that this process could load."""
    names = sorted(f"{one.metadata['Name']} {one.version}".lower() for one in distributions(path=sys.path))
    return f"{len(names)} libraries {hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:10]}"
