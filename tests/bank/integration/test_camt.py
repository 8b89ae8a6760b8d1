"""Statements and notices for accounting programs."""

from datetime import timedelta

import pytest
from payment_files import block, line, order
from proofs import with_password
from sending import carry, confirm, taken

from holdfast.bank.books import reader
from holdfast.bank.papers import period
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import statement
from holdfast.contracts.plain_xml import parse_plain

pytestmark = pytest.mark.demand("B5")
PERIOD = "&from=2020-01-01&to=2030-01-01"


def read(person, form, period=PERIOD):
    answer = person.get(f"/accounts/{person.account}/statement?as={form}{period}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert answer.headers["Content-Disposition"].endswith(f'.{form}.xml"')
    return parse_plain(answer.content)


def balances(root):
    """The figures of each balance with their sign, by code."""
    out = {}
    for one in root.iterfind(".//Bal"):
        sign = -1 if one.findtext("CdtDbtInd", "") == "DBIT" else 1
        code = one.findtext("Tp/CdOrPrtry/Cd", "")
        out[code] = sign * round(100 * float(one.findtext("Amt", "")))
    return out


def entries(root):
    """(way, amount, the other's name, text) of each entry."""
    return [
        (
            one.findtext("CdtDbtInd", ""),
            one.findtext("Amt", ""),
            one.findtext(".//Pty/Nm", ""),
            one.findtext(".//Ustrd", ""),
        )
        for one in root.iterfind(".//Ntry")
    ]


def test_a_statement_leads_from_the_opening_balance_to_the_closing_one(town):
    assert town.ann.post("/pay", town.ann.form(town.ben, "12.50")).status_code == 303
    root = read(town.ann, "camt053")
    assert balances(root) == {"OPBD": 0, "CLBD": 98_750}
    assert [one[:2] for one in entries(root)] == [("CRDT", "1000.00"), ("DBIT", "12.50")]
    assert entries(root)[1][2:] == ("Ben Builder", "for lunch")
    assert root.findtext(".//Acct/Ownr/Nm", "") == town.ann.name
    (booked,) = [one for one in reader().lines(town.ann.account) if one.amount_minor < 0]
    assert root.findall(".//AcctSvcrRef")[-1].text == booked.id.hex


def test_the_next_statement_opens_where_the_last_one_closed(town):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50"))
    today = bank_today()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    first = read(town.ann, "camt053", f"&from=2020-01-01&to={yesterday}")
    second = read(town.ann, "camt053", f"&from={today}&to={tomorrow}")
    assert balances(first)["CLBD"] == balances(second)["OPBD"] == 100_000
    assert (len(entries(first)), entries(second)[0][1]) == (1, "12.50")
    empty = read(town.ann, "camt053", f"&from={tomorrow}&to={tomorrow}")
    assert (balances(empty), entries(empty)) == ({"OPBD": 98_750, "CLBD": 98_750}, [])


def test_a_notice_has_what_came_in_and_nothing_else(town):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50"))
    assert [one[:2] for one in entries(read(town.ann, "camt054"))] == [("CRDT", "1000.00")]
    town.ben.log_in()
    assert entries(read(town.ben, "camt054")) == [("CRDT", "12.50", town.ann.name, "for lunch")]


def test_a_statement_that_would_not_be_whole_is_not_made(town, monkeypatch):
    for _ in range(3):
        town.ann.post("/pay", town.ann.form(town.ben, "1.00"))
    monkeypatch.setattr(period, "PAGE_LINES", 2)
    monkeypatch.setattr(period, "LINES_MAX", 2)
    monkeypatch.setattr(statement, "LINES_MAX", 2)
    answer = town.ann.get(f"/accounts/{town.ann.account}/statement?as=camt053{PERIOD}")
    assert answer.status_code == 422 and b"more than 2 transactions" in answer.content


def test_lines_of_a_file_carry_the_files_own_ids_to_both_sides(town, register):
    firm = with_password(town.person(1_000_000).log_in())
    address = taken(firm, order(block(firm.number, [line(town.ben.number, "10.00", end="PAYROLL-7")], bank_today())))
    assert firm.get(f"{address}/camt.054").status_code == 404, "nothing of it is booked yet"
    confirm(firm, address)
    carry()
    notice = parse_plain(firm.get(f"{address}/camt.054").content)
    assert [one[:2] for one in entries(notice)] == [("DBIT", "10.00")]
    assert notice.findtext(".//EndToEndId", "") == "PAYROLL-7"
    town.ben.log_in()
    assert read(town.ben, "camt053").findtext(".//EndToEndId", "") == "PAYROLL-7"
