"""Words that hurt a customer are found, and good drafts that share the same words are let through."""

import hashlib
import random
import time
import tomllib
from pathlib import Path

import pytest

from holdfast.guard import hurts_in
from holdfast.guard.tone import FOUND_MAX, LANGUAGES, PASSAGE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX
from holdfast.guard.tone_advice import ADVICE

DRAFTS = Path(__file__).parents[1] / "drafts"


def drafts(half: str, language: str) -> dict[str, list[str]]:
    """The labelled drafts of a set."""
    return tomllib.loads((DRAFTS / f"{half}.{language}.toml").read_text())


@pytest.mark.demand("C4", "T3")
@pytest.mark.parametrize("language", LANGUAGES)
def test_of_the_half_it_was_made_with_each_dismissive_draft_is_caught_and_no_good_one_stopped(language: str) -> None:
    given = drafts("made", language)
    missed = [text for kind, texts in given.items() if kind != "good" for text in texts if not hurts_in(text, language)]
    stopped = [text for text in given["good"] if hurts_in(text, language)]
    assert (missed, stopped) == ([], [])


@pytest.mark.parametrize("half", ["made", "held"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_halves_are_split_by_the_hash_of_each_draft(half: str, language: str) -> None:
    texts = [text for one in drafts(half, language).values() for text in one]
    odd = {int(hashlib.sha256(text.encode()).hexdigest()[-1], 16) % 2 for text in texts}
    assert odd == {0 if half == "made" else 1} and len(texts) == len(set(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_more_than_120_drafts_of_a_language_before_the_checker_about_half_of_them_good(language: str) -> None:
    sets = [drafts(half, language) for half in ("made", "held")]
    good = sum(len(one["good"]) for one in sets)
    assert (good, sum(len(texts) for one in sets for texts in one.values())) == (62, 137)


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        ("en", "friends", "We got your message at 10:00. Ask your neighbours to lend you the money until then."),
        ("en", "minimises", "It's only a small glitch. We write again at 14:00."),
        ("en", "blames", "You should have paid earlier. We refund the fee by Friday."),
        ("en", "brushes_off", "Just be patient. You can still pay by card."),
        ("en", "refuses", "There is nothing we can do."),
        ("en", "hollow", "We are sorry for any inconvenience."),
        ("en", "empty", "Computers are complicated."),
        ("nb", "friends", "Vi skriver klokken 14. Be en venn om å låne deg penger så lenge."),
        ("nb", "minimises", "Det er bare en liten feil. Vi skriver igjen klokken 14."),
        ("nb", "refuses", "Det er ingenting vi kan gjøre."),
        ("nb", "empty", "Datamaskiner er kompliserte."),
    ],
)
def test_the_passage_is_named_with_its_kind_why_it_hurts_and_what_to_write(language: str, kind: str, text: str) -> None:
    found = hurts_in(text, language)
    assert [one.kind for one in found] == [kind]
    assert found[0].passage in text and found[0].advice is ADVICE[kind]


def test_an_honest_refusal_passes_only_where_something_is_offered() -> None:
    refusal = "We cannot refund the fee today."
    assert [one.kind for one in hurts_in(refusal, "en")] == ["refuses"]
    assert hurts_in(f"{refusal} My colleague decides by Thursday, and I send you the answer.", "en") == ()


def test_a_piece_of_a_message_need_not_offer_anything_but_may_not_hurt_either() -> None:
    assert [one.kind for one in hurts_in("Card payments in shops", "en")] == ["empty"]
    assert hurts_in("Card payments in shops", "en", whole=False) == ()
    assert [one.kind for one in hurts_in("Calm down.", "en", whole=False)] == ["brushes_off"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_advised_does_not_hurt_and_every_sign_has_its_advice(language: str) -> None:
    signs, _ = LANGUAGES[language]
    assert {one.kind for one in signs} | {"empty"} == set(ADVICE)
    assert {kind: hurts_in(one.examples[language], language) for kind, one in ADVICE.items()} == dict.fromkeys(
        ADVICE, ()
    )


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
    ):
        began = time.process_time()
        found = hurts_in(text, language)
        assert time.process_time() - began < 2, f"seed {seed}"
        assert len(found) <= FOUND_MAX and all(len(one.passage) <= PASSAGE_CHARACTERS_MAX for one in found)
