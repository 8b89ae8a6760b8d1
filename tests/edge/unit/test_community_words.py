"""The community's words: the same keys and places in both languages, every one used, every refusal and state with words."""

import re
from pathlib import Path
from string import Formatter

from holdfast.contracts.community import IdeaState, Refused, Trouble
from holdfast.contracts.languages import LANGUAGES
from holdfast.edge.community import markup
from holdfast.look import read_words

FOLDER = Path(markup.__file__).parent
WORDS = read_words(FOLDER / "words")
SECTIONS = "forum|state|poll|learn|problem|trouble|news|no"


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_places():
    english, norwegian = WORDS["en"].texts, WORDS["nb"].texts
    assert english.keys() == norwegian.keys()
    for key, text in english.items():
        assert text.strip() and places(text) == places(norwegian[key]), key


def test_every_key_is_used_and_every_used_key_is_there():
    source = "".join(path.read_text() for path in sorted(FOLDER.glob("*.py")))
    named = set(re.findall(rf"""["']((?:{SECTIONS})\.[a-z_]+)["']""", source))
    named |= {f"state.{one}" for one in IdeaState} | {f"trouble.{one}" for one in Trouble}
    named |= {f"no.{one}" for one in (*Refused, "origin", "counted")}
    named |= {f"learn.spoken_{one}" for one in LANGUAGES} | {f"forum.by_{one}" for one in ("votes", "new")}
    assert named == set(WORDS["en"].texts)
