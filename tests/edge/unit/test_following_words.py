"""The words of subscribing: the same keys and places in both languages, every one used, services named as the status page
names them."""

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.subscribing import COMPONENTS
from holdfast.edge.following import showing
from holdfast.edge.following.showing import WORDS

FOLDER = Path(showing.__file__).parent
ROOMS = FOLDER.parents[1] / "control"


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_places_and_every_key_is_used():
    english, norwegian = WORDS["en"].texts, WORDS["nb"].texts
    assert english.keys() == norwegian.keys()
    for key, text in english.items():
        assert text.strip() and places(text) == places(norwegian[key]), key
    named = set(re.findall(r"""["'](follow\.[a-z_]+)["']""", (FOLDER / "showing.py").read_text()))
    named |= {f"follow.no_{one}" for one in (*showing.REFUSED, "origin")}
    named |= {f"follow.{one}" for one in ("asked_mail", "asked_sms", "confirmed", "changed")}
    named |= {f"component.{one}" for one in COMPONENTS}
    assert named == set(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_services_are_named_as_on_the_status_page(language):
    shown = tomllib.loads((ROOMS / "tell" / "words" / f"{language}.toml").read_text())
    for one in COMPONENTS:
        assert WORDS[language].say(f"component.{one}") == shown["service"][one]
    written = (ROOMS / "subscribers" / "texts" / f"{language}.toml").read_text()
    for key in ("follow.title", "follow.have_code"):
        assert WORDS[language].say(key) in written
    assert shown["page"]["follow"] == WORDS[language].say("follow.title")
