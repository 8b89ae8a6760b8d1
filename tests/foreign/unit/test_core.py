"""A core known from files: blocks from differences, stable numbers, and what makes no sense is said and left out."""

import json

import pytest
from made_up import ACCOUNTS, BALANCES, CUSTOMERS

from holdfast.foreign.groups import give_groups
from holdfast.foreign.handing import Handing
from holdfast.foreign.rows import AccountRow, BadRow, minor_of

pytestmark = pytest.mark.demand("X2")
SECRET = "B5BO7FPH6YB3ETJMD6HKU64WCXL72S2N"


def facts(place, kind):
    found = place.core.facts_after(0, 1000)["facts"]
    return {fact["key"]: fact["body"] for fact in found if fact["kind"] == kind}


def test_the_first_files_open_the_accounts_and_book_their_balances_against_the_core(filled, balance_of):
    assert balance_of(filled.blocks()) == {1: -125_050, 1001: 100_000, 1002: 25_050}
    (block,) = filled.blocks()
    opened = {item[2]: item[5] for item in block["items"] if item[0] == "A" and item[1] >= 1001}
    assert opened == {"97120000018": -50_000, "97120000026": 0, "97120000034": 0}


def test_people_who_share_an_account_share_a_group_and_facts_say_who_owns_what(filled):
    people, accounts = facts(filled, "customer"), facts(filled, "account")
    assert {one["username"]: one["accounts"] for one in people.values()} == {"ada": [1001, 1002], "bo": [1002, 1003]}
    assert len({one["cohort"] for one in (*people.values(), *accounts.values())}) == 1
    assert accounts["1002"]["owners"] == [1, 2] and people["2"]["language"] == "nb"
    assert facts(filled, "bank")["bank"]["settlement"] == 1
    assert facts(filled, "limits")["limits"]["spare_total_minor"] > 0


def test_the_same_files_again_change_nothing_not_even_in_a_new_process(filled):
    before = (filled.blocks(), filled.core.facts_after(0, 1000))
    assert filled.look() == []
    filled.core.close()
    filled.open()
    filled.write("balances-copy.csv", BALANCES)
    assert filled.look() == []
    assert (filled.blocks(), filled.core.facts_after(0, 1000)) == before


def test_a_new_file_is_a_new_state_and_becomes_one_transfer_for_each_changed_balance(filled, balance_of):
    filled.write("balances-2.csv", BALANCES.replace("1000.00", "900.00").replace("2026-11-20", "2026-11-21"))
    assert filled.look() == []
    assert balance_of(filled.blocks()) == {1: -115_050, 1001: 90_000, 1002: 25_050}
    assert [item[0] for item in filled.blocks()[1]["items"]] == ["T"]


def test_an_older_file_changes_nothing(filled):
    before = filled.blocks()
    filled.write("balances-0.csv", BALANCES.replace("1000.00", "1.00").replace("2026-11-20", "2026-11-19"))
    assert filled.look() == []
    assert filled.blocks() == before


def test_a_row_that_makes_no_sense_is_said_with_file_and_line_and_the_rest_is_loaded(place, balance_of):
    place.write("customers.csv", CUSTOMERS + "C-3;;nameless;;en;\nC-4;Cy;cy;;xx;\nC-5;Di;di;;en;md5:abc\n")
    place.write("accounts.csv", ACCOUNTS + "97120000042;NOK;C-9;Nobody's\n97120000050;SEK;C-1;Kronor\n;NOK;C-1;None\n")
    place.write("balances-1.csv", BALANCES + "97120000034;NOK;12,3456;0;2026-11-20\n1;NOK;5;0;2026-11-20\n")
    said = {(one.file, one.line): one.words for one in place.look()}
    assert {where[1] for where in said if where[0] == "customers.csv"} == {4, 5, 6}
    assert "C-9 is not in customers.csv" in said["accounts.csv", 5]
    assert "this installation serves NOK" in said["accounts.csv", 6] and "no account number" in said["accounts.csv", 7]
    assert "there is no such account" in said["balances-1.csv", 5]
    assert "is no amount" in said["balances-1.csv", 4]
    assert balance_of(place.blocks()) == {1: -125_050, 1001: 100_000, 1002: 25_050}
    assert len(place.core.problems()) == len(said) == 8


def test_a_file_that_still_grows_is_not_read(place):
    place.write("customers.csv", CUSTOMERS)
    assert place.folder.look() is None
    place.write("customers.csv", CUSTOMERS + "C-3;Cy Example;cy;;en;\n")
    assert place.folder.look() is None
    assert len(place.folder.look().customers) == 3


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("balances-2.csv", BALANCES[:-4], "half written"),
        ("balances-2.csv", "number;what\n1;2\n", "no column"),
        ("statement.xml", "<Document><BkToCstmrStmt><Stmt>", "not well-formed"),
        ("statement.xml", "<Document/>", "no statement"),
    ],
)
def test_a_broken_file_changes_nothing_and_is_said_once(filled, name, text, words):
    before = filled.blocks()
    filled.write(name, text)
    (problem,) = filled.look()
    assert words in problem.words and problem.file == name
    assert filled.look() == []
    assert filled.blocks() == before


def test_accounts_that_came_before_their_owners_are_loaded_when_the_owners_come(place, balance_of):
    place.write("accounts.csv", ACCOUNTS)
    place.write("balances-1.csv", BALANCES)
    assert len(place.look()) == 5
    place.write("customers.csv", CUSTOMERS)
    assert place.look() == []
    assert balance_of(place.blocks()) == {1: -125_050, 1001: 100_000, 1002: 25_050}


CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>
<Stmt><Id>1</Id><CreDtTm>2026-11-21T20:00:00+01:00</CreDtTm><Acct><Id><Othr><Id>97120000018</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-21</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{available}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-21</Dt></Dt></Bal>
<Ntry><Amt Ccy="NOK">123.45</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs>
<EndToEndId>{ident}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
"""


def test_a_statement_brings_balance_floor_and_the_payments_that_the_core_carried_out(filled, journal, balance_of):
    payment = journal.add("accept")
    Handing(filled.core, filled.files / "handed-back", "Made-up Bank").take(journal.wire())
    assert filled.core.waiting() == 1
    filled.write("statement.xml", CAMT.format(amount="876.55", available="1376.55", ident=payment.id.hex))
    assert filled.look() == []
    assert filled.core.waiting() == 0
    (item,) = [item for item in filled.blocks()[1]["items"] if item[0] == "T"]
    assert (item[1], item[2], item[3], item[4], item[11]) == (payment.id.hex, 1001, 1002, 12_345, 1)
    assert balance_of(filled.blocks()) == {1: -125_050, 1001: 87_655, 1002: 37_395}


def test_a_payment_that_the_core_does_not_report_is_left_to_the_balances(filled, journal, balance_of):
    journal.add("accept")
    Handing(filled.core, filled.files / "handed-back", "Made-up Bank").take(journal.wire())
    filled.write("statement.xml", CAMT.format(amount="800.00", available="800.00", ident="not one of ours"))
    assert filled.look() == []
    assert filled.core.waiting() == 1
    assert balance_of(filled.blocks())[1001] == 80_000


def test_a_payment_that_the_core_rejects_is_said_to_a_person(filled, journal):
    payment = journal.add("accept")
    Handing(filled.core, filled.files / "handed-back", "Made-up Bank").take(journal.wire())
    before = filled.blocks()
    filled.write("carried-out-1.csv", f"payment id;outcome\n{payment.id};rejected\n")
    (problem,) = filled.look()
    assert "rejected by the core" in problem.words
    assert filled.blocks() == before


def test_a_group_once_given_stays_and_an_account_that_would_join_two_is_left_out(place):
    place.write("customers.csv", CUSTOMERS)
    place.write("accounts.csv", ACCOUNTS.splitlines()[0] + "\n97120000018;NOK;C-1;Everyday\n97120000034;NOK;C-2;Own\n")
    assert place.look() == []
    before = facts(place, "customer")
    assert len({one["cohort"] for one in before.values()}) == 2
    place.write("accounts.csv", ACCOUNTS)
    (problem,) = place.look()
    assert "different groups" in problem.words
    assert {key: one["cohort"] for key, one in facts(place, "customer").items()} == {
        key: one["cohort"] for key, one in before.items()
    }


def test_groups_follow_shared_accounts_whatever_the_order():
    accounts = [AccountRow(str(n), "NOK", owners, "") for n, owners in enumerate([("a", "b"), ("c", "d"), ("b", "c")])]
    for order in (accounts, accounts[::-1]):
        assert len(set(give_groups({}, "abcde", order).values())) in (1, 2)
        assert len({give_groups({}, "abcde", order)[one] for one in "abcd"}) == 1
    assert give_groups({"a": 7}, "b", accounts[:1])["b"] == 7


@pytest.mark.parametrize(("typed", "minor"), [("1234.50", 123_450), ("-3,1", -310), ("+7", 700), ("0.100", 10)])
def test_amounts_are_read_as_decimals_never_as_floats(typed, minor):
    assert minor_of(typed, "NOK") == minor


@pytest.mark.parametrize("typed", ["", "1e3", "1.234", "12 kr", "1,234.50"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(BadRow):
        minor_of(typed, "NOK")


def test_the_blocks_are_the_wire_form_that_the_spare_bank_reads(filled):
    from holdfast.contracts.blocks import block_from_wire, block_to_wire

    for raw in filled.blocks():
        block = block_from_wire(json.loads(json.dumps(raw)))
        assert block_to_wire(block, block.hash()) == raw


def test_an_authenticator_of_the_core_is_told_once_and_one_that_is_none_leaves_its_row_out(filled):
    assert facts(filled, "factors") == {}
    first, *rows = CUSTOMERS.splitlines()
    said = f"{first};authenticator secret\n{rows[0]};{SECRET.lower()}\n{rows[1]};not one\n"
    filled.write("customers.csv", said)
    assert [one.words for one in filled.look() if "base32" in one.words]
    told = facts(filled, "factors")
    assert {key: body["authenticator"] for key, body in told.items()} == {"1": SECRET}
    before = filled.core.facts_after(0, 1000)
    filled.write("customers.csv", said + "\n")
    filled.look()
    assert filled.core.facts_after(0, 1000) == before


def with_secrets(ada, bo, name="bo"):
    """The customers' file with these secrets; name: the second one's."""
    first, one, two = CUSTOMERS.replace(";bo;", f";{name};").splitlines()
    return f"{first};authenticator secret\n{one};{ada}\n{two};{bo}\n"


def test_an_authenticator_that_the_core_removes_opens_nothing_any_more(filled):
    for secret in (SECRET, ""):
        filled.write("customers.csv", with_secrets(secret, ""))
        assert filled.look() == []
    assert {key: body["authenticator"] for key, body in facts(filled, "factors").items()} == {"1": ""}


def test_a_row_that_is_left_out_tells_no_authenticator(filled):
    filled.write("customers.csv", with_secrets("", SECRET, "ada"))
    assert [one.words for one in filled.look()] == ["username 'ada' is given twice"]
    assert facts(filled, "factors") == {}


def test_what_the_core_opened_again_is_told_and_no_instant_that_is_none(filled):
    first, *rows = CUSTOMERS.strip().split("\n")
    said = f"{first};authenticator secret;opened again\n{rows[0]};;2026-11-22T14:00:00Z\n{rows[1]};;soon\n"
    filled.write("customers.csv", said)
    filled.look()
    facts = [one for one in filled.core.facts_after(0, 1000)["facts"] if one["kind"] == "freeze"]
    assert [(one["key"], one["body"]) for one in facts] == [
        ("1", {"frozen": False, "changed_us": 1_795_356_000_000_000})
    ]
