"""Words that hurt a customer are found, and most good drafts that share the same words are let through."""

import hashlib
import json
import random
import time
import tomllib
from pathlib import Path

import pytest

from holdfast.guard import hurts_in
from holdfast.guard.tone import FOUND_MAX, LANGUAGES, PASSAGE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX
from holdfast.guard.tone_advice import ADVICE
from holdfast.guard.tone_marks import MARKS
from holdfast.guard.tone_model import MODEL, weights_of

DRAFTS = Path(__file__).parents[1] / "drafts"
LEARNT_FROM = ("made", "held", "fresh", "last", "learnt")
MODEL_BYTES_MAX = 300_000


def drafts(half: str, language: str) -> dict[str, list[str]]:
    """The labelled drafts of a set."""
    return tomllib.loads((DRAFTS / f"{half}.{language}.toml").read_text())


@pytest.mark.demand("C4", "T3")
@pytest.mark.parametrize(
    ("half", "language", "caught", "stopped"),
    [
        ("made", "en", (45, 45), (0, 38)),
        ("made", "nb", (37, 37), (1, 26)),
        ("held", "en", (29, 30), (2, 24)),
        ("held", "nb", (38, 38), (0, 36)),
        ("fresh", "en", (28, 28), (0, 22)),
        ("fresh", "nb", (27, 28), (0, 22)),
        ("last", "en", (27, 29), (0, 22)),
        ("last", "nb", (26, 29), (0, 22)),
        ("learnt", "en", (294, 297), (3, 212)),
        ("learnt", "nb", (282, 297), (1, 210)),
        ("final", "en", (28, 28), (1, 22)),
        ("final", "nb", (27, 28), (1, 22)),
    ],
)
def test_of_each_set_it_catches_and_stops_as_many_as_is_told(
    half: str, language: str, caught: tuple[int, int], stopped: tuple[int, int]
) -> None:
    found: dict[bool, list[bool]] = {True: [], False: []}
    for kind, texts in drafts(half, language).items():
        found[kind == "good"] += [bool(hurts_in(text, language)) for text in texts]
    assert (sum(found[False]), len(found[False])) == caught and (sum(found[True]), len(found[True])) == stopped


def test_the_model_was_made_from_the_sets_as_they_are_now_else_make_tone_model() -> None:
    drawn = hashlib.sha256()
    for name in LEARNT_FROM:
        for language in LANGUAGES:
            drawn.update((DRAFTS / f"{name}.{language}.toml").read_bytes())
    assert json.loads(MODEL.read_text())["sets"] == drawn.hexdigest()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_is_small_and_weighs_only_marks_that_exist(language: str) -> None:
    assert MODEL.stat().st_size <= MODEL_BYTES_MAX
    places = ("no ", "twice ", "first ", "last ")
    shape = {"asks", "asks nothing", "calls out", "calls out nothing", "figures", "no figures", "asks last"}
    for mark in weights_of(language).by_group[2]:
        plain = next((mark.removeprefix(one) for one in places if mark.startswith(one)), mark)
        assert plain in MARKS[language] or mark in shape or mark.split()[0] in {"sentences", "words"}, mark


def test_the_languages_are_marked_alike() -> None:
    assert set(MARKS["en"]) == set(MARKS["nb"]) and set(MARKS) == set(LANGUAGES)


@pytest.mark.parametrize("half", ["made", "held"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_halves_are_split_by_the_hash_of_each_draft(half: str, language: str) -> None:
    texts = [text for one in drafts(half, language).values() for text in one]
    odd = {int(hashlib.sha256(text.encode()).hexdigest()[-1], 16) % 2 for text in texts}
    assert odd == {0 if half == "made" else 1} and len(texts) == len(set(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_than_five_hundred_drafts_were_written_to_learn_from_and_none_stands_twice(language: str) -> None:
    texts = [text for name in (*LEARNT_FROM, "final") for one in drafts(name, language).values() for text in one]
    assert len(texts) == len(set(texts))
    learnt = drafts("learnt", language)
    good = len(learnt["good"])
    assert (good, sum(map(len, learnt.values()))) == {"en": (212, 509), "nb": (210, 507)}[language]


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        ("en", "friends", "We got your message at 10:00. Ask your neighbours to lend you the money until then."),
        ("en", "minimises", "It's only a small glitch. We write again at 14:00."),
        ("en", "blames", "You should have paid earlier. We refund the fee by Friday."),
        ("en", "brushes_off", "Just be patient. You can still pay by card."),
        ("en", "refuses", "There is nothing we can do."),
        ("en", "hollow", "We are sorry for any inconvenience."),
        ("en", "dismissive", "Computers are complicated."),
        ("nb", "friends", "Vi skriver klokken 14. Be en venn om å låne deg penger så lenge."),
        ("nb", "minimises", "Det er bare en liten feil. Vi skriver igjen klokken 14."),
        ("nb", "refuses", "Det er ingenting vi kan gjøre."),
        ("nb", "dismissive", "Datamaskiner er kompliserte."),
    ],
)
def test_the_passage_is_named_with_its_kind_why_it_hurts_and_what_to_write(language: str, kind: str, text: str) -> None:
    found = hurts_in(text, language)
    assert [one.kind for one in found] == [kind]
    assert found[0].passage in text and found[0].advice is ADVICE[kind]


def test_where_no_sign_stands_the_sentence_that_weighs_most_is_named() -> None:
    found = hurts_in(
        "Hello Mr Noname. I have your file in front of me. Most people would simply go and earn it again.", "en"
    )
    assert [(one.kind, one.passage) for one in found] == [
        ("dismissive", "Most people would simply go and earn it again.")
    ]


def test_an_honest_refusal_passes_only_in_a_draft_that_does_not_read_as_dismissive() -> None:
    refusal = "We are unable to help with the fee."
    assert [one.kind for one in hurts_in(refusal, "en")] == ["refuses"]
    assert hurts_in(f"{refusal} My colleague decides by Thursday, and I send you the answer.", "en") == ()


def test_a_piece_of_a_message_is_judged_by_words_that_hurt_anywhere() -> None:
    assert [one.kind for one in hurts_in("Everybody has such days.", "en")] == ["dismissive"]
    assert hurts_in("Everybody has such days.", "en", whole=False) == ()
    assert [one.kind for one in hurts_in("Calm down.", "en", whole=False)] == ["brushes_off"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_advised_does_not_hurt_and_every_sign_has_its_advice(language: str) -> None:
    assert {one.kind for one in LANGUAGES[language]} | {"dismissive"} == set(ADVICE)
    assert all(len(one.why.split()) > 3 and len(one.instead.split()) > 3 for one in ADVICE.values())
    assert {kind: hurts_in(one.examples[language], language) for kind, one in ADVICE.items()} == dict.fromkeys(
        ADVICE, ()
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["", " \n\t", "\x00\x07\x1b[31m", "钱不见了。", "\U0001f600" * 50, "...", "٣٤٥ ١٢", "\ud800"]
)
@pytest.mark.parametrize("whole", [True, False])
def test_strange_input_is_answered_without_an_error(text: str, language: str, whole: bool) -> None:
    assert len(hurts_in(text, language, whole)) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_the_greatest_length_is_judged_in_two_seconds_and_told_in_bounds(language: str) -> None:
    seed = random.randrange(10**6)
    drawn = random.Random(seed)
    pool = " ".join(text for texts in drafts("made", language).values() for text in texts).split()
    for text in (
        " ".join(drawn.choices(pool, k=5_000)),
        " ".join(one.strip(".!?") for one in drawn.choices(pool, k=5_000)),
        "you " * 6_000,
        "a" * (2 * TEXT_CHARACTERS_MAX),
        "".join(chr(drawn.randrange(1, 0x3000)) for _ in range(100_000)),
        "vi har ikke " * 9_000,
        "we will be " * 9_000,
    ):
        began = time.process_time()
        found = hurts_in(text, language)
        assert time.process_time() - began < 2, f"seed {seed}"
        assert len(found) <= FOUND_MAX and all(len(one.passage) <= PASSAGE_CHARACTERS_MAX for one in found)
