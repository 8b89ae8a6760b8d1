"""Pay-day files."""

import hashlib
import time

import pytest
from crediting import pacs, send

from holdfast.bank.books import books, reader, rows
from holdfast.bank.exchange.facts import bank_facts
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.plain_xml import parse_plain


def test_a_file_is_booked_once_however_often_it_is_sent(town, keys):
    suspense = bank_facts.own("suspense")
    before = reader().accounts([suspense])[suspense].balance_minor
    raw = pacs((town.ben.number, "315.00", "NOK"), (town.ann.number, "1.00", "NOK"), ("NOBODY", "2.50", "NOK"))
    answer = send(town.ann, keys, raw)
    assert answer.status_code == 200
    first = answer.json()
    assert {key: first[key] for key in ("lines", "accepted", "already", "suspended", "bank")} == {
        "lines": 3,
        "accepted": 2,
        "already": 0,
        "suspended": 1,
        "bank": "primary",
    }
    again = send(town.ann, keys, raw).json()
    assert (again["accepted"], again["already"], again["suspended"]) == (0, 3, 0)
    assert town.ben.balance == 31_500
    assert reader().accounts([suspense])[suspense].balance_minor == before + 250
    (line,) = reader().lines(town.ben.account)
    assert (line.kind, line.payer) == ("salary", "Example Employer")


def test_nothing_is_taken_of_a_file_with_a_bad_line_or_a_wrong_signature(town, keys):
    for raw in (
        pacs((town.ben.number, "1.00", "NOK"), (town.ben.number, "1.001", "NOK")),
        pacs((town.ben.number, "1.00", "NOK"), (town.ben.number, "1.00", "EUR")),
        b"<not",
        b"\xff",
    ):
        answer = send(town.ann, keys, raw)
        assert answer.status_code == 400
        assert answer.json()["error"]
    good = pacs((town.ben.number, "1.00", "NOK"))
    assert send(town.ann, keys, good, signed=b"another").status_code == 403
    assert town.ben.balance == 0


def test_a_file_with_a_line_for_a_cohort_at_the_spare_bank_is_sent_elsewhere(town, keys):
    rows.learn([Row(town.cohort, Mode.STANDIN, FIRST_EPOCH + 1)])
    answer = send(town.ann, keys, pacs((town.ben.number, "1.00", "NOK")))
    assert (answer.status_code, answer.headers["Holdfast-Stale"]) == (409, str(FIRST_EPOCH + 1))
    assert town.ben.balance == 0


def answered(person, keys, raw, status=200):
    """The pacs.002 that answers a file."""
    token = keys["clearing"].sign("clearing-file", {"sha256": hashlib.sha256(raw).hexdigest(), "at": time.time()})
    headers = {"Holdfast-Row": person.row(cohort=None), "Holdfast-Clearing": token, "Accept": "application/xml"}
    answer = person.client.generic("POST", "/clearing/pacs.008", raw, content_type="application/xml", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml; charset=utf-8")
    return parse_plain(answer.content)


@pytest.mark.demand("B4")
def test_the_clearing_reads_what_became_of_each_line_with_a_reason_code(town, keys):
    closed = town.person(0)
    books().change_accounts(
        [AccountChange(closed.account, closed.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)]
    )
    raw = pacs(
        (town.ben.number, "10.00", "NOK"), ("NOBODY", "2.50", "NOK"), (closed.number, "1.00", "NOK"), message="M-1"
    )
    for _ in range(2):
        root = answered(town.ann, keys, raw)
        assert root.findtext(".//OrgnlMsgId", "") == "M-1"
        assert [(one.findtext("OrgnlEndToEndId", ""), one.findtext("TxSts", ""),
                 one.findtext(".//Rsn/Cd", "")) for one in root.iterfind(".//TxInfAndSts")] == [
            ("E0", "ACSC", ""), ("E1", "PDNG", "AC03"), ("E2", "PDNG", "AC07"),
        ]  # fmt: skip
    assert town.ben.balance == 1000


def test_a_line_is_told_as_it_was_booked_though_its_account_is_closed_since(town, keys):
    known = town.person(0)
    raw = pacs((known.number, "10.00", "NOK"), message="M-2")
    assert answered(town.ann, keys, raw).findtext(".//TxSts", "") == "ACSC"
    books().change_accounts([AccountChange(known.account, known.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)])
    assert answered(town.ann, keys, raw).findtext(".//TxSts", "") == "ACSC"
    other = pacs((known.number, "11.00", "NOK"), message="M-2")
    assert answered(town.ann, keys, other).findtext(".//TxSts", "") == "RJCT"
    assert known.balance == 1000


def test_a_line_that_waits_goes_on_waiting_though_its_account_is_open_again(town, keys):
    known = town.person(0)
    for flags in (FLAG_CLOSED, 0):
        books().change_accounts([AccountChange(known.account, known.number, "NOK", "credit", 0, flags, town.cohort)])
        root = answered(town.ann, keys, pacs((known.number, "10.00", "NOK"), message="M-3"))
        assert root.findtext(".//TxSts", "") == "PDNG"
    assert known.balance == 0


@pytest.mark.parametrize(
    ("code", "bend"),
    [
        ("AM18", lambda raw: raw.replace(b"<NbOfTxs>1<", b"<NbOfTxs>2<")),
        ("AM10", lambda raw: raw.replace(b"</NbOfTxs>", b"</NbOfTxs><CtrlSum>1.01</CtrlSum>")),
        ("AM03", lambda raw: raw.replace(b"'NOK'", b"'EUR'")),
        ("AM12", lambda raw: raw.replace(b">1.00<", b">1.001<")),
        ("FF01", lambda raw: raw.replace(b"FIToFICstmrCdtTrf", b"CstmrCdtTrfInitn")),
        ("FF01", lambda raw: raw[:-30]),
    ],
)
def test_a_file_that_is_not_valid_is_refused_whole_with_a_code(town, keys, code, bend):
    root = answered(town.ann, keys, bend(pacs((town.ben.number, "1.00", "NOK"))), 400)
    assert root.findtext(".//GrpSts", "") == "RJCT"
    assert root.findtext(".//Rsn/Cd", "") == code
    assert town.ben.balance == 0
