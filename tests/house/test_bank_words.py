"""The main bank's words: the same texts in both languages, each used, and no text outside them."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.needs import CODES
from holdfast.contracts.papers import FIGURES
from holdfast.look import read_rooms

BANK = Path(__file__).resolve().parents[2] / "src" / "holdfast" / "bank"
TEMPLATES = sorted(BANK.rglob("templates/**/*.html"))
ROOMS = BANK / "web" / "words"
WORDS = read_rooms(ROOMS)
PROBLEMS = (
    "token_missing", "token_unknown", "token_revoked", "token_ended", "scope_missing", "too_many_requests", "not_found",
    "method_not_allowed", "not_json", "unreadable", "invalid", "key_missing", "key_wrong", "key_reused", "in_flight",
    "token_limit", "confirm_needed", "name_close", "name_other", "name_not_checked", "journal_missing", "away", "broken",
    "quote_over",
)  # fmt: skip
"""Codes of the problems that programs are told, with _ for -."""
OF_OTHER_WORDS = ["payment_refused", "no_rate", "old_rates", "too_small", "too_large"]
"""Codes whose words are those of the page."""
MADE_UP = {
    "mydata.name_": ["wrong", "no_reason", "same", "waits", "too_many"],
    "papers.": list(FIGURES),
    "ahead.": ["weekly", "fortnightly", "monthly", "quarterly", "yearly"],
    "needs.": [f"{one.replace('-', '_')}{end}" for one in CODES for end in ("", "_does")],
    "needs.wrong_": ["unknown", "clash", "phone", "no_phone"],
    "back.": ["no_money", "frozen", "later"],
    "pay.long_": ["name", "text"],
    "payees.check_": ["match", "close", "none", "not_possible"],
    "prove.why_": ["new_payee", "unusual"],
    "prove.warn_": ["other_name", "other_name_do", "investment", "investment_do", "safe_account", "safe_account_do"],
    "tokens.may_": [
        "accounts_read",
        "payees_read",
        "payments_read",
        "payments_write",
        "exchange_write",
        "orders_read",
        "cards_read",
        "cards_freeze",
    ],
    "tokens.state_": ["holds", "revoked", "ended"],
    "api.": [f"{one}{end}" for one in PROBLEMS for end in ("", "_words")] + OF_OTHER_WORDS,
    "advice.": [
        "not_enough_money",
        "account_closed",
        "amount_limit",
        "day_limit",
        "own_payment_limit",
        "own_day_limit",
        "too_many",
        "payee_blocked",
        "new_payee_limit",
        "unusual_amount",
    ],
    "coming.every_": ["once", "weekly", "monthly", "quarterly", "yearly"],
    "security.passkey_": ["many", "known"],
    "case.decided_": ["book_on", "give_back", "write_off", "repay", "leave"],
    "open.wrong_": ["product", "currency", "owners"],
    "search.way_": ["in", "out"],
    "search.kind_": ["payment", "order", "salary", "card", "charge", "other"],
    "claims.bad_": ["no_file", "too_large", "kind", "active"],
    "claims.wrong_": ["by_whom", "what"],
    "dispute.reason_": ["unknown", "not_mine", "wrong_amount", "twice", "not_received"],
    "files.bad_": [
        "no_file",
        "empty",
        "too_large",
        "encoding",
        "entities",
        "xml",
        "too_deep",
        "too_many_elements",
        "other_message",
        "version",
        "missing",
        "unexpected",
        "repeated",
        "text",
        "attribute",
        "choice",
        "too_many_lines",
        "count",
        "sum",
        "method",
        "day",
        "equivalent",
        "no_account",
        "currency",
        "amount",
        "amount_range",
        "not_yours",
        "cannot_pay",
        "past",
        "far",
        "used",
    ],
    "files.line_": [
        "unknown_to",
        "same_account",
        "currency",
        "kid_wrong",
        "kid_missing",
        "kid_and_text",
        "long_text",
        "full",
    ],
    "files.name_": ["close", "none", "not_possible"],
    "files.not_": ["gone", "changed", "running", "nothing"],
    "prices.rule_": ["interest", "overdraft", "service", "uses"],
    "prices.booked_": ["month", "quarter", "year"],
    "prices.accrued_": ["interest", "overdraft"],
    "prices.part_": ["principal", "interest", "fee", "late_interest", "late_fee"],
    "loans.state_": ["paid", "next", "late", "coming"],
    "loans.not_": ["over", "busy", "changed", "frozen", "short", "due", "whole", "rest", "often"],
    "statement.": ["day", "line", "text", "amount", "balance", "currency", "state", "ident"],
}
"""Keys whose last part is put together in code, with every last part there is."""
MESSAGES = {"common.no_door", "common.away", "common.broken", "common.not_found", "common.too_many", "common.unreadable",
            "common.other_site", "common.no_site", "open.declined"}  # fmt: skip
"""Texts of pages that say one thing: the same key with `_words` says the rest (answers.message)."""
SPEAKING = ("web/answers", "web/cards", "web/lines", "web/login", "web/origin", "web/pages", "web/paying",
            "web/registering", "web/security", "web/statement", "web/transactions", "web/filters", "web/accounts",
            "web/payform", "web/asking", "web/payees", "web/limits", "web/orders", "web/proving", "web/files",
            "web/tokens", "web/waiting", "web/forgotten", "web/prices", "web/loans", "web/repaying", "web/calculations",
            "web/exchanging", "web/exchanged", "web/payanswers", "web/helping",
            "payments/money", "payments/fate")  # fmt: skip
"""Modules whose answers customers read."""
NOT_FOR_CUSTOMERS = {
    "the card use is larger than ",
    "confirming by password",
    "proving a payment by password",
    "This was for an earlier state of service; nothing was done.\n",
    "This customer is served under another row; nothing was done.\n",
    r"rule:(interest|overdraft|service|uses):[^:]*:(\d{4}-\d\d-\d\d)",
    r"loan:\d+:(\d+)",
    r"(?:Late charge given back, )?due (\d{4}-\d\d-\d\d)",
}
"""What doors and the card network read, and what database and books hold."""


def places(text: str) -> set[str]:
    """The names of a text's places."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_with_the_same_places():
    english, norwegian = WORDS["en"].texts, WORDS["nb"].texts
    assert english.keys() == norwegian.keys()
    for key, text in english.items():
        assert text.strip() and norwegian[key].strip(), key
        assert places(text) == places(norwegian[key]), key


@pytest.mark.parametrize("room", sorted(one.name for one in ROOMS.iterdir() if one.is_dir() and one.name[0] != "_"))
def test_a_room_has_a_file_for_each_language_and_no_other(room):
    assert {one.name for one in (ROOMS / room).iterdir()} == {f"{language}.toml" for language in LANGUAGES}


def test_every_key_is_used_and_every_used_key_is_there():
    sources = [path.read_text() for path in [*BANK.rglob("*.py"), *TEMPLATES]]
    written = set().union(*(re.findall(r"""["']([a-z]+\.[a-z_0-9]+)["']""", text) for text in sources))
    rooms = {key.partition(".")[0] for key in WORDS["en"].texts}
    named = {key for key in written if key.partition(".")[0] in rooms and not key.endswith((".html", ".asc", "_"))}
    made_up = {start + end for start, ends in MADE_UP.items() for end in ends} | {f"{key}_words" for key in MESSAGES}
    assert named | made_up == set(WORDS["en"].texts)
    whole = "\n".join(sources)
    for start in MADE_UP:
        assert re.search(rf"""["']{re.escape(start)}\{{""", whole), f"{start} is put together nowhere"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_bare_word(path):
    text = re.sub(r"<style>.*?</style>|\{[{%#].*?[}%#]\}", " ", path.read_text(), flags=re.DOTALL)
    for shown in re.findall(r"""(?:aria-label|title|alt|placeholder|data-failed)=["']([^"']*)""", text):
        assert not re.search(r"[^\W\d_]", shown), shown
    assert not re.search(r"[^\W\d_]", re.sub(r"<[^>]*>", " ", text))


@pytest.mark.parametrize("name", SPEAKING)
def test_no_page_holds_a_sentence_for_customers(name):
    tree = ast.parse((BANK / f"{name}.py").read_text())
    explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = {id(one) for node in ast.walk(tree) if isinstance(node, ast.Raise) for one in ast.walk(node)}
    sentences = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained | raised
        and re.search(r"^[A-Z][a-z]+ [a-z]+|[a-z]{2,} [a-z]{2,} [a-z]{2,}", node.value)
    }  # fmt: skip
    assert sentences - NOT_FOR_CUSTOMERS == set()
