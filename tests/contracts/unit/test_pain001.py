"""A payment order is read to the letter, or refused with the place and the kind of what is wrong."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payment_files import block, line, order

from holdfast.contracts import plain_xml
from holdfast.contracts.errors import BadFile
from holdfast.contracts.pain001 import BYTES_MAX, LINES_MAX, read_order_file

pytestmark = pytest.mark.demand("B4")
DAY = date(2026, 11, 30)
GOOD = order(block("97120000018", [line("97120000026", "12.50", "Ben", text="Rent"), line("X1", "1", end="E2")], DAY))


def kind_of(raw):
    with pytest.raises(BadFile) as caught:
        read_order_file(raw)
    assert str(caught.value)
    return caught.value.kind


def test_a_file_is_read_whole():
    read = read_order_file(order(
        block("97120000018", [line("NO9386011117947", "1234.50", "Ben", "E1", kid="234567891", purpose="SALA")], DAY),
        block("97120000026", [line("X1", "7", "Cara", text="two  spaces")], "2026-12-01", ident="B2"),
        message="M1",
    ))  # fmt: skip
    assert (read.message_id, read.version) == ("M1", "pain.001.001.09")
    first, second = read.lines
    assert (first.line, first.block, first.due, first.debtor_account) == (1, "B1", DAY, "97120000018")
    assert (first.amount_minor, first.currency, first.creditor, first.kid, first.purpose) == (
        123_450, "NOK", "Ben", "234567891", "SALA",
    )  # fmt: skip
    assert (second.line, second.block, second.text, second.due) == (2, "B2", "two spaces", date(2026, 12, 1))


def test_older_and_newer_versions_are_read_alike():
    for version in ("03", "08", "11"):
        read = read_order_file(order(block("A", [line("B", "1.00")], DAY, version=version), version=version))
        assert (read.version, read.lines[0].due) == (f"pain.001.001.{version}", DAY)


@pytest.mark.parametrize(
    ("kind", "bent"),
    [
        ("empty", b"  \n"),
        ("too_large", GOOD + b" " * BYTES_MAX),
        ("encoding", GOOD.replace(b"Ben", "Bjørn".encode("latin-1"))),
        ("encoding", GOOD.decode().encode("utf-16")),
        ("entities", GOOD.replace(b"<Document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document", 1)),
        ("xml", GOOD[:-20]),
        ("xml", GOOD + b"<more/>"),
        ("xml", b"PK\x03\x04 a spreadsheet"),
        ("too_deep", b"<a>" * 5000 + b"</a>" * 5000),
        ("other_message", GOOD.replace(b"CstmrCdtTrfInitn", b"CstmrDrctDbtInitn")),
        ("other_message", b"<html><body/></html>"),
        ("version", GOOD.replace(b"pain.001.001.09", b"pain.001.001.02")),
        ("missing", GOOD.replace(b"<CreDtTm>2026-11-20T08:00:00Z</CreDtTm>", b"")),
        ("unexpected", GOOD.replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>TRF</PmtMtd><Extra/>")),
        ("unexpected", GOOD.replace(b"<Cdtr><Nm>Ben</Nm></Cdtr>", b"<Cdtr><Nm>Ben<b/></Nm></Cdtr>")),
        ("repeated", GOOD.replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>TRF</PmtMtd><PmtMtd>TRF</PmtMtd>")),
        ("text", GOOD.replace(b"<EndToEndId>E2</EndToEndId>", b"<EndToEndId>" + b"E" * 36 + b"</EndToEndId>")),
        ("text", GOOD.replace(b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>XYZ</PmtMtd>")),
        ("text", GOOD.replace(b"<PmtId>", b"<PmtId>stray")),
        ("attribute", GOOD.replace(b"<PmtId>", b"<PmtId hidden='yes'>")),
        ("attribute", GOOD.replace(b"Ccy='NOK'", b"Ccy='nok'", 1)),
        ("missing", GOOD.replace(b" Ccy='NOK'", b"", 1)),
        ("choice", GOOD.replace(b"<Othr><Id>X1</Id></Othr>", b"<Othr><Id>X1</Id></Othr><IBAN>NO9386011117947</IBAN>")),
        ("too_many_lines", order(block("A", [line("B", "1")] * (LINES_MAX + 1), DAY))),
        ("count", order(block("A", [line("B", "1")], DAY), count=2)),
        ("count", order(block("A", [line("B", "1")], DAY, head="<NbOfTxs>2</NbOfTxs>"))),
        ("sum", order(block("A", [line("B", "1.00")], DAY), total="1.01")),
        ("sum", order(block("A", [line("B", "1.00")], DAY, head="<CtrlSum>2</CtrlSum>"))),
        ("method", order(block("A", [line("B", "1")], DAY, method="CHK"))),
        ("text", order(block("A", [line("B", "1")], DAY)).replace(b"<Dt>2026-11-30</Dt>", b"2026-11-30")),
        ("text", order(block("A", [line("B", "1")], "30.11.2026"))),
        ("day", order(block("A", [line("B", "1")], "2026-02-30"))),
        ("equivalent", GOOD.replace(b"InstdAmt Ccy='NOK'>12.50</InstdAmt", b"EqvtAmt>12.50</EqvtAmt")),
        ("no_account", GOOD.replace(b"<CdtrAcct><Id><Othr><Id>X1</Id></Othr></Id></CdtrAcct>", b"")),
        ("currency", order(block("A", [line("B", "1", currency="XTS")], DAY))),
        ("amount", order(block("A", [line("B", "1.001")], DAY))),
        ("amount", order(block("A", [line("B", "1.50", currency="JPY")], DAY))),
        ("text", order(block("A", [line("B", "-1")], DAY), total="-1")),
        ("amount_range", order(block("A", [line("B", "0.00")], DAY))),
        ("amount_range", order(block("A", [line("B", "99999999999999.99")], DAY))),
    ],
)  # fmt: skip
def test_each_rule_refuses_the_whole_file_and_says_which(kind, bent):
    assert bent != GOOD
    assert kind_of(bent) == kind


def test_a_file_that_would_fill_the_memory_is_stopped_on_the_way(monkeypatch):
    wide = b"<a>" + b"<b/>" * 200_000 + b"</a>"
    assert kind_of(wide) == "too_many_elements"
    monkeypatch.setattr(plain_xml, "DEPTH_MAX", 3)
    assert kind_of(GOOD) == "too_deep"


def test_a_sum_over_currencies_adds_up_the_figures_as_the_standard_says():
    lines = [line("B", "1.50"), line("B", "2", currency="JPY")]
    assert len(read_order_file(order(block("A", lines, DAY), total="3.50")).lines) == 2


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_anything_else_than_a_clear_refusal(raw):
    assert kind_of(raw) in {"empty", "encoding", "xml", "entities", "too_deep", "other_message"}


@settings(deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6), st.integers(0, 30))
def test_a_bent_file_is_refused_or_names_the_same_payers_and_sum(place, put, cut):
    """Header and amounts vouch for one another: no bent byte changes what is paid in all without being noticed."""
    bent = GOOD[:place] + put + GOOD[place + cut :]
    try:
        read = read_order_file(bent)
    except BadFile as error:
        assert error.kind
        return
    assert sum(one.amount_minor for one in read.lines) == 1350
    assert len(read.lines) == 2
