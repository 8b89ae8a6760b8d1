"""Rules and service levels as files: ours, and above them the bank's own under `control` in the data folder."""

from dataclasses import dataclass
from pathlib import Path

from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.openslo import Level, read_levels
from holdfast.control.alerts.rules import Rule, read_rules

OWN = Path(__file__).parent / "levels"
RULES_FILE = "rules.yaml"
TOLERANCES = "tolerances.yaml"
FILES_MAX = 50
Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Files:
    """What the files say. A later one of the same name stands instead of an earlier. wrong: files that cannot be used,
    in words; what they would have said is missing then, and ours stands."""

    rules: tuple[Rule, ...]
    levels: tuple[Level, ...]
    wrong: tuple[str, ...]


def stamp(folder: Path) -> Stamp:
    """Which files there are and when each was written: what tells whether they must be read again."""
    found = []
    for path in (*_paths(folder), folder / TOLERANCES):
        try:
            found.append((str(path), path.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


def read_files(folder: Path) -> Files:
    """All rules and service levels. folder: the control room's, with the bank's own in `rules` and `service-levels`."""
    rules: dict[str, Rule] = {}
    levels: dict[str, Level] = {}
    wrong: list[str] = []
    for path in _paths(folder):
        try:
            text = path.read_text()
            if path.name == RULES_FILE or path.parent.name == "rules":
                rules.update({rule.name: rule for rule in read_rules(text, path.name)})
            else:
                levels.update({level.name: level for level in read_levels(text, path.name)})
        except (BadRule, OSError, UnicodeDecodeError) as error:
            wrong.append(str(error)[:300])
    return Files(tuple(rules.values()), tuple(levels.values()), tuple(wrong))


def _paths(folder: Path) -> list[Path]:
    folders = (OWN, folder / "rules", folder / "service-levels")
    found = [path for one in folders if one.is_dir() for path in sorted(one.glob("*.yaml"))]
    return [path for path in found if path.name != TOLERANCES][:FILES_MAX]
