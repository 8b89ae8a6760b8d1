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
    """The words of every language in a folder."""
    return {language: Words(language, _texts(folder / f"{language}.toml")) for language in LANGUAGES}


def _texts(path: Path) -> dict[str, str]:
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{section}.{name}": str(text) for section, named in sections.items() for name, text in named.items()}
