"""What crosses a border: hashed bytes with fixed vectors, ids, amounts, routes, files."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts import ids
from holdfast.contracts.blocks import (
    GENESIS_HASH,
    AccountChange,
    Block,
    Note,
    Pending,
    Refusal,
    Release,
    Tie,
    Transfer,
    block_from_wire,
    block_to_wire,
    item_from_wire,
    item_to_wire,
)
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import COHORTS_COUNT, cohort_of, generation_of, pack_epoch, row_from_list
from holdfast.contracts.errors import BadFile, BadMessage
from holdfast.contracts.journal import Entry, Payment, entry_from_wire, payment_from_wire
from holdfast.contracts.money import BadAmount, format_amount, parse_amount
from holdfast.contracts.origins import CASES, cross_site_reason
from holdfast.contracts.pacs008 import read_credit_file
from holdfast.contracts.routes import ROUTES, find_route
from holdfast.contracts.sessions import ABSOLUTE_S, IDLE_S, Session, session_from_payload

IDENT = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
NOTE = Note(bytes(16), "Ada Sample", "Bo Example", "lunsj på Løkka")
TRANSFER = Transfer(
    IDENT,
    1,
    2,
    12_345,
    "NOK",
    "payment",
    date(2026, 3, 1),
    17,
    pack_epoch(1, 2),
    "own",
    -1,
    "form",
    False,
    NOTE.hash(),
    NOTE,
)
REFUSAL = Refusal(IDENT, 1, 2, 5, "NOK", "payment", "not_enough_money", "2026.1", 17, pack_epoch(1, 2), "journal", 9)
CHANGE = AccountChange(1, "12345678903", "NOK", "credit", -5, 0, 17)
OTHER = uuid.UUID("ffeeddcc-bbaa-9988-7766-554433221100")
TIED = replace(TRANSFER, tie=Tie(OTHER, 20_000, None, IDENT))
PENDING = Pending(
    IDENT, 1, 2, 20_000, "NOK", "card", date(2026, 3, 1), 17, pack_epoch(1, 2), "own", -1, "card:sim:t1",
    1_700_000_604_800_000, None, NOTE.hash(), NOTE,
)  # fmt: skip
RELEASE = Release(OTHER, IDENT, "voided", 1, 2, 20_000, "NOK", 17, pack_epoch(1, 2), "card:sim:t1")
METADATA = (("invoice", "2026-17"), ("order.no", "Ødegård 5"))
DESCRIBED = [replace(one, metadata=METADATA) for one in (TRANSFER, TIED, PENDING, CHANGE)] + [
    replace(CHANGE, metadata=())
]
BLOCK = Block(7, GENESIS_HASH, 1_700_000_000_000_000, (TRANSFER, REFUSAL, CHANGE))


def test_the_hashed_bytes_of_a_block_are_fixed_for_ever():
    """The vector that SQL must meet too: tests/ledger compares the database's hashes with these functions."""
    assert TRANSFER.hashed().hex() == (
        "5400112233445566778899aabbccddeeff000000000000000100000000000000020000000000003039000000034e4f4b000000077061796d656e74"
        "00005021000000110000000100000002000000036f776effffffffffffffff00000004666f726d005957ec9f64ea98e28559f65fd52ce861e397f7"
        "735a2c5aeab961edba79e71861"
    )
    assert BLOCK.hash().hex() == "dde8b1dbcd79ca1c5ee8b30330ef7110c292eb8019f5c19b69b5ee1e8ab067fe"
    bound = Block(8, GENESIS_HASH, 1_700_000_000_000_000, (TIED, PENDING, RELEASE))
    assert bound.hash().hex() == "dff77275d461becdff7858b0fc3822aea99e471fbaf8c845b8144481c913f923"
    assert RELEASE.hashed().hex() == (
        "56ffeeddccbbaa9988776655443322110000112233445566778899aabbccddeeff00000006766f6964656400000000000000"
        "0100000000000000020000000000004e20000000034e4f4b0000001100000001000000020000000b636172643a73696d3a74"
        "3100000000000000000000000000000000"
    )


def test_metadata_stands_behind_the_bytes_of_what_carries_it():
    """The vector that SQL must meet too: tests/ledger compares the database's hashes with these functions."""
    behind = (
        "0000000200000007696e766f69636500000007323032362d3137000000086f726465722e6e6f0000000bc398646567c3a572642035"
    )
    for bare, described in zip((TRANSFER, TIED, PENDING, CHANGE), DESCRIBED, strict=False):
        assert described.hashed().hex() == "4d" + bare.hashed().hex() + behind
    assert DESCRIBED[-1].hashed() == b"M" + CHANGE.hashed() + bytes(4)
    whole = Block(9, GENESIS_HASH, 1_700_000_000_000_000, tuple(DESCRIBED))
    assert whole.hash().hex() == "ddab9fa2614a9d578cad06945549f41a22ac148910d430d9e559dbf7422a3365"
    assert block_from_wire(block_to_wire(whole, whole.hash())) == whole


def test_a_block_travels_and_arrives_as_it_was():
    assert block_from_wire(block_to_wire(BLOCK, BLOCK.hash())) == BLOCK


@pytest.mark.parametrize(("place", "value"), [(4, 12_346), (13, "x"), (3, 3), (8, 18)])
def test_a_block_with_one_changed_field_is_refused(place, value):
    wire = block_to_wire(BLOCK, BLOCK.hash())
    wire["items"][0][place] = value
    with pytest.raises(BadMessage):
        block_from_wire(wire)


def test_words_that_were_not_booked_are_refused_though_the_hash_holds():
    wire = block_to_wire(BLOCK, BLOCK.hash())
    wire["items"][0][-1][3] = "something else"
    with pytest.raises(BadMessage, match="not those that were booked"):
        block_from_wire(wire)


@pytest.mark.parametrize(
    "raw",
    [
        [],
        ["X"],
        ["Z"],
        ["P"],
        ["V", 1],
        ["T", 1],
        ["R"],
        ["A", "x"],
        [None],
        ["T"] + [None] * 14,
        ["M"],
        ["M", []],
        ["M", [], "T"],
        ["M", [["a", "b"]], "M", [["a", "b"]], *item_to_wire(TRANSFER)],
        ["M", [["a"]], *item_to_wire(CHANGE)],
        ["M", [], *item_to_wire(TRANSFER)],
        ["M", [["a", "b"]], *item_to_wire(REFUSAL)],
        ["M", 5, *item_to_wire(CHANGE)],
        ["M", [["b", "x"], ["a", "x"]], *item_to_wire(CHANGE)],
        ["M", [["a", "x"], ["a", "x"]], *item_to_wire(CHANGE)],
    ],
)
def test_an_item_of_another_form_is_named(raw):
    with pytest.raises(BadMessage):
        item_from_wire(raw)


@pytest.mark.parametrize(
    "item",
    [TRANSFER, REFUSAL, CHANGE, TIED, PENDING, RELEASE, replace(PENDING, linked=OTHER, note=None), *DESCRIBED],
)
def test_each_item_travels_whole(item):
    assert item_from_wire(item_to_wire(item)) == item


def test_a_journal_entry_travels_and_a_changed_one_is_refused():
    payment = Payment(IDENT, 1, 2, 100, "NOK", "payment", date(2026, 3, 1), 17, "form", "A", "B", "x", 5)
    entry = Entry(1, bytes(32), "accept", 17, 5, 10, {"payment": payment.to_wire(), "reason": "ok"})
    wire = entry.to_wire()
    assert entry_from_wire(wire) == entry
    assert entry_from_wire(wire).payment() == payment
    wire["body"] = {**wire["body"], "reason": "other"}
    with pytest.raises(BadMessage, match="hash"):
        entry_from_wire(wire)
    with pytest.raises(BadMessage):
        payment_from_wire({"id": "x"})


def test_derived_ids_are_the_same_at_both_banks_for_ever():
    assert str(ids.order_payment_id(7, date(2026, 3, 1))) == str(ids.order_payment_id(7, date(2026, 3, 1)))
    made = {
        ids.order_payment_id(7, date(2026, 3, 1)),
        ids.order_retry_id(7, date(2026, 3, 1)),
        ids.order_payment_id(7, date(2026, 3, 2)),
        ids.order_payment_id(8, date(2026, 3, 1)),
        ids.file_line_id("a", "b", 1, "c"),
        ids.file_line_id("a", "b1", 1, "c"),
        ids.charge_id("late", 7, "x"),
        ids.journal_conflict_id(7),
    }
    assert len(made) == 8
    assert str(ids.order_payment_id(1, date(2026, 1, 1))) == "95c73054-b4f8-5788-8c19-6e13781ac689"


@given(st.text(max_size=20), st.text(max_size=20))
def test_words_that_run_together_otherwise_hash_otherwise(payer, payee):
    assert (ids.note_hash(b"s", payer, payee, "") == ids.note_hash(b"s", payer + payee, "", "")) == (payee == "")


def test_every_cohort_is_in_range_and_generations_outrank_epochs():
    assert all(0 <= cohort_of(str(n)) < COHORTS_COUNT for n in range(1000))
    assert len({cohort_of(str(n)) for n in range(5000)}) == COHORTS_COUNT
    assert pack_epoch(2, 1) > pack_epoch(1, 2**31)
    assert generation_of(pack_epoch(3, 9)) == 3
    assert row_from_list([1, "standin", 5, 0]).mode.value == "standin"


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("1 234,50", 123450),
        ("1,234.50", 123450),
        ("0.01", 1),
        ("1,234", 123400),
        (" 7 ", 700),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, minor):
    assert parse_amount(typed, "NOK") == minor


@pytest.mark.parametrize(
    "typed", ["", "0", "-5", "1.234.5", "12.345", "1e3", "NaN", "٣", "9" * 20, "1,2,3", "0.00", "0x10"]
)
def test_what_is_no_amount_is_refused_in_words(typed):
    with pytest.raises(ValueError, match=r"\w"):
        parse_amount(typed, "NOK")


@given(st.integers(1, 10**14))
def test_an_amount_that_is_shown_can_be_typed_again(minor):
    assert parse_amount(format_amount(minor, "NOK"), "NOK") == minor


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [("1234", "JPY", 1_234), ("12.345", "KWD", 12_345), ("12,34", "KWD", 12_340), ("1,234.5", "KWD", 1_234_500)],
)
def test_amounts_have_their_currencys_decimals(typed: str, currency: str, minor: int) -> None:
    assert parse_amount(typed, currency) == minor
    assert parse_amount(format_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(("typed", "currency"), [("1.5", "JPY"), ("1,234", "KWD"), ("1.2345", "KWD")])
def test_what_two_languages_read_differently_is_no_amount(typed: str, currency: str) -> None:
    with pytest.raises(BadAmount):
        parse_amount(typed, currency)


def test_amounts_are_shown_with_their_sign():
    assert format_amount(-123456, "NOK") == "−1,234.56"
    assert format_amount(5, "NOK", signed=True) == "+0.05"
    assert format_amount(1234, "JPY") == "1,234"


@pytest.mark.parametrize(("method", "cookies", "origin", "site", "allowed"), CASES)
def test_what_another_site_sends_is_refused(method, cookies, origin, site, allowed):
    own = "http://localhost:8080"
    reason = cross_site_reason(method, cookies, own if origin == "OWN" else origin, site, own)
    assert (reason is None) is allowed


def test_every_route_is_found_by_its_own_address_only():
    assert find_route("GET", "/pay").name == "pay-form"
    assert find_route("POST", "/pay").pays
    assert find_route("HEAD", "/").name == "overview"
    for path in ("/pay/", "//", "/-/health", "/accounts/x", "/receipt/../pay", "/PAY"):
        assert find_route("GET", path) is None
    assert len({(r.method, r.pattern.pattern) for r in ROUTES}) == len(ROUTES)


def test_a_session_ends_by_idleness_by_age_and_when_from_the_future():
    session = Session("s", 1, 2, ("password",), 1000.0, 1000.0, 5)
    assert session_from_payload(session.to_payload()) == session
    assert not session.over(1000.0 + IDLE_S)
    assert session.over(1000.0 + IDLE_S + 1)
    assert not session.over(1000.0 - CLOCK_LEEWAY_S)
    assert session.over(1000.0 - CLOCK_LEEWAY_S - 1)
    assert Session("s", 1, 2, (), 0.0, ABSOLUTE_S + 1, 5).over(ABSOLUTE_S + 1)


FILE = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr>
<MsgId>M1</MsgId><NbOfTxs>1</NbOfTxs><IntrBkSttlmDt>2026-03-01</IntrBkSttlmDt><InstgAgt><FinInstnId><BICFI>SAMPNO22</BICFI></FinInstnId>
</InstgAgt></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="NOK">31500.50</IntrBkSttlmAmt>
<Dbtr><Nm>Sample Employer</Nm></Dbtr><Cdtr><Nm>Ada</Nm></Cdtr><CdtrAcct><Id><Othr><Id>12345678903</Id></Othr></Id></CdtrAcct>
<Purp><Cd>SALA</Cd></Purp></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"""


def test_a_pay_day_file_is_read_line_by_line():
    read = read_credit_file(FILE.encode())
    assert (read.sender, read.message_id, read.settlement_date) == ("SAMPNO22", "M1", date(2026, 3, 1))
    line = read.lines[0]
    assert (line.line, line.end_to_end_id, line.amount_minor, line.currency, line.creditor_account, line.purpose) == (
        1,
        "E1",
        3_150_050,
        "NOK",
        "12345678903",
        "SALA",
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("31500.50", "31500.505", "line 1"),
        ("31500.50", "-1", "line 1"),
        ("31500.50", "0", "line 1"),
        ('Ccy="NOK"', 'Ccy="XXX"', "XXX"),
        ("<NbOfTxs>1<", "<NbOfTxs>2<", "2 transactions"),
        ("<MsgId>M1</MsgId>", "", "MsgId"),
        ("2026-03-01", "tomorrow", "date"),
        ("</Document>", "", "well-formed"),
        ("FIToFICstmrCdtTrf", "Other", "not a pacs.008"),
        ("<Document", '<!DOCTYPE x [<!ENTITY a "b">]><Document', "document type"),
        ("12345678903", "", "CdtrAcct"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole_and_the_place_named(old, new, words):
    with pytest.raises(BadFile, match=words):
        read_credit_file(FILE.replace(old, new).encode())
