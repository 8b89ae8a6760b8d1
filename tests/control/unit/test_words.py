"""What is said: only what facts support, in both languages."""

import re
import string
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.control.calls import Kind
from holdfast.control.diagnosis.answers import NOT_KNOWN, rank
from holdfast.control.incidents.steps import Scene, steps
from holdfast.control.tell.composing import places
from holdfast.control.tell.kinds import ASKED, KINDS, WEBINAR
from holdfast.control.tell.notices import FOLDER as MESSAGES
from holdfast.control.tell.notices import template
from holdfast.control.tell.phrases import FOLDER, LANGUAGES, phrases
from holdfast.control.tell.statement import Facts, banner_of, compose
from holdfast.guard import hurts_in
from holdfast.look import banner_from_header, banner_to_header

T0 = datetime(2026, 5, 4, 12, 2, 11, tzinfo=UTC)
SERVING = Facts(
    T0 + timedelta(seconds=5),
    "serving",
    "NOK",
    14,
    T0,
    next_at=T0 + timedelta(minutes=15),
    bank_block_seen=100,
    bank_block_seen_at=T0 - timedelta(seconds=1),
    limits={"spare": {"per_payment_minor": 100_000, "per_day_minor": 300_000}},
)
PROOF = {"at": (T0 + timedelta(seconds=3)).isoformat(), "block": 100, "findings": []}


def _keys(words: dict[str, Any]) -> dict[str, set[str]]:
    found = {}
    for section, texts in words.items():
        for key, text in texts.items() if isinstance(texts, dict) else [("", texts)]:
            found[f"{section}.{key}"] = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return found


def test_both_languages_have_the_same_phrases_with_the_same_places() -> None:
    books = [_keys(tomllib.loads((FOLDER / f"{language}.toml").read_text())) for language in LANGUAGES]
    assert books[0] == books[1]


def test_every_notice_has_every_language_with_the_same_places_and_no_link() -> None:
    for notice, parts in {
        **dict.fromkeys(("opened", "restored"), ("subject", "body", "sms")),
        **dict.fromkeys([*KINDS, *WEBINAR], ("subject", "body", "sms")),
        **dict.fromkeys(("frame", "frame-own"), ("body",)),
        "confirm-phone": ("sms",),
    }.items():
        for part in parts:
            texts = [template(notice, language, part) for language in LANGUAGES]
            named = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
            assert named[0] == named[1] and all(text.strip() and "http" not in text for text in texts)
    assert sorted(path.name for path in MESSAGES.iterdir()) == sorted(
        ["opened", "restored", "frame", "frame-own", "confirm-phone", *KINDS, *WEBINAR]
    )


def test_each_kind_asks_or_knows_just_what_its_templates_have_places_for() -> None:
    for kind in (*KINDS.values(), *WEBINAR.values()):
        assert places(kind.name) <= {*kind.asked, *kind.facts}
        assert set(kind.asked) <= places(kind.name) and set(kind.asked) <= set(ASKED)
    incident = {"acknowledge", "update", "workaround", "cause", "restored", "correction", "closing"}
    maintenance = {"announced", "reminder", "changed", "begun", "over", "cancelled"}
    assert set(KINDS) == {*(f"incident-{one}" for one in incident), *(f"maintenance-{one}" for one in maintenance)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_safety_is_never_claimed_without_a_proof(language: str) -> None:
    book = phrases(language, "Europe/Oslo")
    claimed = compose(replace(SERVING, spare_proof=PROOF), book).money
    marks = {"en": "is in the spare bank's copy", "nb": "finnes i reservebankens kopi"}
    assert marks[language] in claimed
    unproved = [
        SERVING,
        replace(SERVING, spare_proof={**PROOF, "findings": ["a hole"]}),
        replace(SERVING, spare_proof={**PROOF, "block": 99}),
        replace(SERVING, spare_proof=PROOF, bank_block_seen_at=None),
    ]
    for facts in unproved:
        said = compose(facts, book).money
        assert "not known yet" in said or "ikke kjent ennå" in said
        assert said != claimed
    assert compose(replace(SERVING, next_at=None), book).money == ""


def test_the_proof_is_told_with_its_time_and_how_far_it_reaches() -> None:
    said = compose(replace(SERVING, spare_proof=PROOF), phrases("en", "Europe/Oslo")).money
    assert "Checked at 14:02:14" in said and "confirmed up to 14:02:10" in said


def test_what_customers_can_and_cannot_do_comes_from_the_spare_banks_limits() -> None:
    said = compose(SERVING, phrases("nb", "Europe/Oslo"))
    assert "betale, opptil kr\u00a01\u00a0000 om gangen og kr\u00a03\u00a0000 om dagen" in said.can
    assert len(said.cannot) == 3
    dark = compose(replace(SERVING, case="dark"), phrases("en", "Europe/Oslo"))
    assert dark.tone == "alarm" and dark.can == ("follow this page, and check here whether a message is from us",)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", ["serving", "repaired", "handing_back", "returned", "closed", "dark", "doors"])
def test_a_banner_fits_in_its_header_and_comes_out_as_it_went_in(language: str, case: str) -> None:
    book = phrases(language, "Europe/Oslo")
    banner = banner_of(compose(replace(SERVING, case=case, spare_proof=PROOF), book), 1_795_000_000, 14, book)
    assert banner is not None and banner_from_header(banner_to_header(banner)) == banner


def test_there_is_no_banner_when_customers_notice_nothing() -> None:
    book = phrases("en", "Europe/Oslo")
    for case in ("normal", "spare_only"):
        assert banner_of(compose(replace(SERVING, case=case), book), 1, 14, book) is None


def test_suspects_are_ranked_by_what_answers() -> None:
    def first(**seen: Kind) -> tuple[str, str]:
        suspect = rank({name.replace("_", " "): kind for name, kind in seen.items()})[0]
        return suspect.what, suspect.sure

    gone = Kind.REFUSES
    assert first(bank=gone, bank_web=gone, bank_database=gone) == (
        "The bank's server: web and database gone together",
        "high",
    )
    assert first(bank=Kind.STALLS, bank_web=Kind.ANSWERS, bank_database=Kind.STALLS) == ("The bank's database", "high")
    assert first(bank=gone, bank_web=gone, bank_database=Kind.ANSWERS) == ("The bank's web", "high")
    assert first(standin=gone) == ("The spare bank", "high")
    assert rank({"bank": Kind.ANSWERS}) == [NOT_KNOWN]


def test_handing_back_is_the_next_step_only_when_the_bank_is_well_and_its_books_proved() -> None:
    ready = Scene(
        "repaired", True, True, "status 200", True, {"block": 9, "findings": []}, 3, COHORTS_COUNT, False, False
    )

    def state(scene: Scene) -> str:
        return next(step.state for step in steps(scene) if step.words == "Hand customers back")

    assert state(ready) == "now"
    assert state(replace(ready, bank_well=False)) == "later"
    assert state(replace(ready, books_proof=None)) == "later"
    assert state(replace(ready, books_proof={"block": 9, "findings": ["x"]})) == "later"
    assert state(replace(ready, returned=True, away=0)) == "done"


@pytest.mark.demand("T3")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_that_ships_says_what_would_be_stopped_when_a_person_wrote_it(language: str) -> None:
    filled = re.compile(r"\{\w+\}")
    texts = {str(one): filled.sub("14:00", one.read_text()) for one in MESSAGES.glob(f"*/{language}/*.txt")}
    found = {name: hurts_in(text, language, whole=False) for name, text in texts.items()}
    assert len(texts) > len(KINDS) and {name: hurts for name, hurts in found.items() if hurts} == {}
