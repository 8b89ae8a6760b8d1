"""The chat's words: the same keys and places in both languages, every one used, every refusal and notice with words."""

import re
from pathlib import Path
from string import Formatter

import pytest

from holdfast.contracts.languages import LANGUAGES
from holdfast.edge.chat import showing
from holdfast.look import read_words

FOLDER = Path(showing.__file__).parent
WORDS = read_words(FOLDER / "words")


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_places():
    english, norwegian = WORDS["en"].texts, WORDS["nb"].texts
    assert english.keys() == norwegian.keys()
    for key, text in english.items():
        assert text.strip() and places(text) == places(norwegian[key]), key


def test_every_key_is_used_and_every_used_key_is_there():
    source = (FOLDER / "showing.py").read_text()
    named = set(re.findall(r"""["'](chat\.(?!js)[a-z_]+)["']""", source))
    named |= {f"chat.no_{one}" for one in showing.refusals()}
    named |= {f"chat.{showing.OF_OTHER_NAME.get(one, one)}" for one in showing.NOTICES}
    assert named == set(WORDS["en"].texts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("trouble", sorted(showing.refusals()))
def test_every_refusal_is_told_in_words(language, trouble):
    spoken = showing.writing(language, "Europe/Oslo")
    assert len(showing.trouble_words(trouble, spoken)) > 15
