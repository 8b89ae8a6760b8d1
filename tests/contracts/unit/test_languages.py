"""Which language a customer is answered in, and the statement's file."""

from datetime import date

import pytest

from holdfast.contracts.languages import accepted_language, choose_language, own_address
from holdfast.contracts.money import format_amount
from holdfast.contracts.statement import StatementLine, plain_amount, quoted, read_period, statement_csv


@pytest.mark.parametrize(
    ("chosen", "known", "accepted", "language"),
    [
        ("nb", "en", "en", "nb"),
        ("en", "nb", "nb", "en"),
        (None, "nb", "en", "nb"),
        ("<x>", "nb", "en", "nb"),
        ("fr", "de", "nb", "nb"),
        (None, None, None, "en"),
    ],
)
def test_the_customers_choice_comes_first_then_what_we_know_then_the_browser(chosen, known, accepted, language):
    assert choose_language(chosen, known, accepted) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        ("no", "nb"),
        ("nn-NO, en;q=0.5", "nb"),
        ("en-GB,nb;q=0.9", "en"),
        ("de, nb;q=0.4, en;q=0.6", "en"),
        ("de, nb;q=0.6, en;q=0.4", "nb"),
        ("nb;q=0", "en"),
        ("nb;q=x, de", "en"),
        ("nb;q=5", "en"),
        ("", "en"),
        ("*", "en"),
        ("xx," * 20 + "nb", "en"),
    ],
)
def test_the_browsers_languages_are_weighed(header, language):
    assert accepted_language(header) == language


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("/pay?from=10", "/pay?from=10"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_one_goes_back_only_to_an_address_of_ours(wanted, address):
    assert own_address(wanted) == address


def test_norwegian_amounts_have_spaces_that_do_not_break_and_a_comma():
    assert format_amount(-123456789, "NOK", language="nb") == "\u22121\u00a0234\u00a0567,89"
    assert format_amount(1234, "JPY", signed=True, language="nb") == "+1\u00a0234"


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("http://x")', "\uff1d1", "\u22121"],
)
def test_words_never_begin_a_formula_in_a_spreadsheet(words):
    for between in (",", ";"):
        shown = quoted(words, between).strip('"')
        assert shown.startswith("'")


def test_words_that_are_no_formula_stay_as_they_are():
    assert quoted("Rema 1000", ";") == "Rema 1000"
    assert quoted('a "b"; c', ";") == '"a ""b""; c"'
    assert quoted("a\nb", ";") == "a b"


def test_amounts_in_a_file_are_plain_numbers():
    assert plain_amount(-123450, "NOK", ",") == "-1234,50"
    assert plain_amount(5, "NOK", ".") == "0.05"
    assert plain_amount(1234, "JPY", ",") == "1234"


def test_the_file_has_the_separators_of_its_language():
    line = StatementLine(date(2026, 11, 2), "Rema", "=1", -123450, 50, "NOK", "x", "ab")
    headings = ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert statement_csv(headings, [line], ["n, m"], "nb").decode("utf-8") == (
        '\ufeffa;b;c;d;e;f;g;h\r\n02.11.2026;Rema;\'=1;-1234,50;0,50;NOK;x;ab\r\n\r\n"n, m"\r\n'
    )
    assert statement_csv(headings, [line], [], "en").decode("utf-8") == (
        "\ufeffa,b,c,d,e,f,g,h\r\n2026-11-02,Rema,'=1,-1234.50,0.50,NOK,x,ab\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        ("2026-11-01", "2026-11-22", (date(2026, 11, 1), date(2026, 11, 22))),
        ("1.11.2026", "22.11.2026", (date(2026, 11, 1), date(2026, 11, 22))),
        ("2026-11-22", "2026-11-22", (date(2026, 11, 22), date(2026, 11, 22))),
        ("2026-11-23", "2026-11-22", None),
        ("2006-11-22", "2026-11-22", None),
        ("", "2026-11-22", None),
        ("31.2.2026", "22.11.2026", None),
        ("x.y.z", "22.11.2026", None),
    ],
)
def test_a_period_is_two_days_in_their_order(first, last, period):
    assert read_period(first, last) == period
