"""A building's words: one file a language, the same keys in each. Code and templates name a key, never a text."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from holdfast.contracts.languages import LANGUAGES


@dataclass(frozen=True)
class Words:
    """One language's texts by key, `section.name`."""

    language: str
    texts: dict[str, str]

    def say(self, key: str, **values: object) -> str:
        """The text of a key with its places filled in; raises KeyError for a key that is in no file."""
        return self.texts[key].format_map(values)


def read_words(folder: Path) -> dict[str, Words]:
    """The words of every language in a folder: `<language>.toml`, with sections."""
    return {language: Words(language, _sections(folder / f"{language}.toml")) for language in LANGUAGES}


def read_rooms(folder: Path) -> dict[str, Words]:
    """The words of every language in a folder of rooms: `<room>/<language>.toml`, each file one section."""
    rooms = sorted(one for one in folder.iterdir() if (one / f"{LANGUAGES[0]}.toml").is_file())
    return {
        language: Words(
            language, {key: text for room in rooms for key, text in _room(room.name, room / f"{language}.toml")}
        )
        for language in LANGUAGES
    }


def _sections(path: Path) -> dict[str, str]:
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{name}": str(text) for section, named in sections.items() for name, text in named.items()}


def _room(room: str, path: Path) -> list[tuple[str, str]]:
    return [(f"{room}.{name}", str(text)) for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()]
