"""The words: one file a language, no text outside them, and each language's conventions."""

import ast
import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from holdfast.contracts.answers import REASON_WORDS_IN, Outcome, Reason
from holdfast.contracts.help_now import KINDS as HELP_KINDS
from holdfast.contracts.help_now import Why
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.look import KINDS, read_words, with_shared
from holdfast.look.writing import SHARED
from holdfast.standin.history import Line
from holdfast.standin.phrases import FOLDER, Phrases, phrases
from holdfast.standin.receipt import SIGNALS, explain
from holdfast.standin.render import NAV

PACKAGE = FOLDER.parent
TEMPLATES = sorted((PACKAGE / "templates").glob("*.html"))
WORDS = with_shared(read_words(FOLDER))
PROBLEMS = (
    "later", "token_missing", "token_unknown", "token_revoked", "token_ended", "scope_missing", "too_many_requests",
    "not_found", "not_json", "unreadable", "invalid", "key_missing", "key_wrong", "key_reused", "name_close", "name_other", "away",
)  # fmt: skip
MADE_UP = {
    "day.": [str(month) for month in range(1, 13)],
    "frame.": [name for name, _ in NAV],
    "kind.": [*KINDS, "other"],
    "state.": ["done", "checking", "refused", "due", "conflict"],
    "receipt.": ["done", "checking", "refused", "conflict"],
    "amount.": ["figures", "unclear", "decimals", "above_zero", "too_large"],
    "helpnow.why_": [*Why],
    "helpnow.kind_": [*HELP_KINDS],
    "help.can_": ["look", "pay", "paid", "cards", "freeze", "money"],
    "help.wait_": ["join", "secret", "limit", "order", "loan", "details", "exchange", "other"],
    "statement.": ["day", "line", "text", "amount", "balance", "currency", "state", "ident"],
    "api.": [f"{one}{end}" for one in PROBLEMS for end in ("", "_words")] + ["payment_refused"],
    "api.field_": [
        "missing",
        "unknown",
        "wrong",
        "other_currency",
        "same_account",
        "kid_wrong",
        "kid_and_text",
        "metadata_wrong",
    ],
}
"""Keys whose last part is put together in code, with every last part there is."""


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Phrases:
    return phrases(request.param, "Europe/Oslo")


@pytest.fixture
def nb() -> Phrases:
    return phrases("nb", "Europe/Oslo")


@pytest.fixture
def en() -> Phrases:
    return phrases("en", "Europe/Oslo")


def places(text: str) -> set[str]:
    """The names of a text's places."""
    return set(re.findall(r"\{(\w+)", text))


def test_both_languages_have_the_same_keys_with_the_same_places() -> None:
    assert WORDS["en"].texts.keys() == WORDS["nb"].texts.keys()
    for key, text in WORDS["en"].texts.items():
        assert text.strip()
        assert places(text) == places(WORDS["nb"].texts[key]), key


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    sources = [path.read_text() for path in [*PACKAGE.glob("*.py"), *TEMPLATES, SHARED.parent / "writing.py"]]
    written = set().union(*(re.findall(r"""["']([a-z]+\.[a-z_0-9]+)["']""", text) for text in sources))
    sections = {key.partition(".")[0] for key in WORDS["en"].texts}
    named = {key for key in written if key.partition(".")[0] in sections and not key.endswith((".html", "_"))}
    made_up = {start + end for start, ends in MADE_UP.items() for end in ends}
    made_up |= {f"{key}_words" for key in named if key.endswith(".missing") or key == "missing.page"}
    made_up |= {f"help.wait_{name}_instead" for name in MADE_UP["help.wait_"]}
    assert named | made_up == set(WORDS["en"].texts)
    whole = "\n".join(sources)
    for start in MADE_UP:
        assert re.search(rf"""["']{re.escape(start)}(\{{|["'] ~)""", whole), f"{start} is put together nowhere"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_bare_word(path: Path) -> None:
    text = re.sub(r"<style>.*?</style>|\{[{%#].*?[}%#]\}", " ", path.read_text(), flags=re.DOTALL)
    for shown in re.findall(r"""(?:aria-label|title|alt|placeholder)=["']([^"']*)""", text):
        assert not re.search(r"[^\W\d_]", shown), shown
    assert not re.search(r"[^\W\d_]", re.sub(r"<[^>]*>", " ", text))


def test_no_handler_holds_a_sentence_for_customers() -> None:
    for name in (
        "pages",
        "cards",
        "confirming",
        "paying",
        "receipt",
        "history",
        "statement",
        "render",
        "phrases",
        "signing_in",
        "by_program",
        "problems",
    ):
        tree = ast.parse((PACKAGE / f"{name}.py").read_text())
        explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        sentences = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in explained
            and re.search(r"^[A-Z][a-z]+ [a-z]+|[a-z]{2,} [a-z]{2,} [a-z]{2,}", node.value)
            and not node.value.startswith(("default-src", "form-action"))
        ]
        assert [one for one in sentences if one != "the customers are not known yet"] == [], name


def test_every_outcome_reason_and_state_is_said_in_both_languages(spoken: Phrases) -> None:
    assert REASON_WORDS_IN[spoken.language].keys() == set(Reason)
    assert SIGNALS.keys() == set(Outcome)
    for outcome in Outcome:
        assert explain(outcome, Reason.DAY_LIMIT, spoken).endswith(".")
    for state in ("done", "checking", "refused"):
        line = Line(None, 1, "", 1, "NOK", state, "payment", "", 0)  # type: ignore[arg-type]
        assert spoken.say(line.tag[1])
    assert spoken.kind("payment") != spoken.kind("something new") == spoken.say("kind.other")


def test_a_norwegian_customer_reads_amounts_as_kr(nb: Phrases, en: Phrases) -> None:
    assert nb.amount(123_450, "NOK") == "kr\u00a01\u00a0234,50"
    assert nb.amount(-123_456_789, "NOK") == "kr\u00a0\u22121\u00a0234\u00a0567,89"
    assert nb.amount(123_450, "EUR") == "1\u00a0234,50\u00a0EUR"
    assert nb.amount_shown(5, "NOK", True) == '<span class="small">kr</span>\u00a0+0,05'
    assert nb.amount_shown(5, "<b>") == '0,05 <span class="small">&lt;b&gt;</span>'
    assert en.amount(123_450, "NOK") == "1,234.50\u00a0NOK"


def test_account_numbers_of_eleven_digits_are_grouped(nb: Phrases, en: Phrases) -> None:
    for typed in ("12345678901", "1234.56.78901", "1234 56 78901"):
        assert nb.number(typed) == "1234.56.78901"
        assert en.number(typed) == "1234 56 78901"
    assert nb.number("GB29 NWBK 1") == "GB29 NWBK 1"


def test_days_and_times_are_written_as_each_language_does(nb: Phrases, en: Phrases) -> None:
    at_us = int(datetime(2021, 7, 2, 14, 2, 9, tzinfo=ZoneInfo("Europe/Oslo")).timestamp() * 1e6)
    assert nb.day(date(2026, 11, 22)) == "22. november 2026"
    assert nb.at(at_us) == "2. juli 2021 kl. 14.02.09, norsk tid"
    assert nb.at_short(at_us) == "2. juli 2021 kl. 14.02"
    assert en.at(at_us) == "14:02:09 on 2 July 2021, Oslo time"
    assert en.at_short(at_us) == "2 July 2021, 14:02"
    assert en.at(0) == "a time we do not know"
    assert nb.day_short(date(2021, 7, 2), date(2021, 1, 1)) == "2. juli"
    assert phrases("nb", "America/New_York").at(at_us) == "2. juli 2021 kl. 08.02.09, New York-tid"


@pytest.mark.parametrize(("typed", "kind"), [("mye", "figures"), ("1234,567", "decimals"), ("0", "above_zero")])
def test_a_wrong_amount_is_explained_in_the_customers_language(typed: str, kind: str, nb: Phrases, en: Phrases) -> None:
    with pytest.raises(BadAmount) as raised:
        parse_amount(typed, "NOK")
    assert raised.value.kind == kind
    assert en.bad_amount(raised.value, "NOK") == str(raised.value)
    assert nb.bad_amount(raised.value, "NOK") not in ("", str(raised.value))


@pytest.mark.parametrize("spoken", [phrases(language, "Europe/Oslo") for language in LANGUAGES])
@pytest.mark.parametrize(
    ("minor", "currency"), [(1_250_000, "NOK"), (1_250, "JPY"), (12_500, "KWD"), (1_234_567, "KWD")]
)
def test_what_a_form_holds_to_be_changed_is_read_as_the_same_amount(spoken: Phrases, minor: int, currency: str) -> None:
    assert parse_amount(spoken.typed(minor, currency), currency) == minor
