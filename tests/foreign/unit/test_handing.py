"""What the spare bank accepted leaves for the core in one file each, whatever is killed or read again."""

import csv
import io
from xml.etree import ElementTree

import pytest

from holdfast.contracts import iso20022
from holdfast.contracts.journal import Entry
from holdfast.foreign import handing
from holdfast.foreign.errors import JournalBroken
from holdfast.foreign.handing import Handing

pytestmark = pytest.mark.demand("X2")
NAMESPACE = f"{iso20022.NAMESPACE}pain.001.001.09"
SPACE = {"p": NAMESPACE}


@pytest.fixture
def out(filled):
    return filled.files / "handed-back"


@pytest.fixture
def back(filled, out):
    return Handing(filled.core, out, "Made-up Bank")


def names(out):
    return sorted(path.name for path in out.iterdir())


def text(element, path):
    found = element.find(path, SPACE)
    assert found is not None, path
    return found.text


def test_a_payment_order_names_each_payment_its_accounts_and_its_amount(back, out, journal):
    first, second = journal.add("accept"), journal.add("accept", 500, debit=1003)
    assert back.take(journal.wire()) == 2
    assert names(out) == ["pain001-000000001-000000002.xml"]
    root = ElementTree.parse(out / names(out)[0]).getroot()  # noqa: S314  # our own file
    assert root.tag == f"{{{NAMESPACE}}}Document"
    header = root.find("p:CstmrCdtTrfInitn/p:GrpHdr", SPACE)
    assert text(header, "p:MsgId") == "HF-000000001-000000002"
    assert (text(header, "p:NbOfTxs"), text(header, "p:CtrlSum")) == ("2", "128.45")
    blocks = root.findall("p:CstmrCdtTrfInitn/p:PmtInf", SPACE)
    assert [text(one, "p:DbtrAcct/p:Id/p:Othr/p:Id") for one in blocks] == ["97120000018", "97120000034"]
    assert [text(one, "p:ReqdExctnDt/p:Dt") for one in blocks] == ["2026-11-22", "2026-11-22"]
    lines = root.findall(".//p:CdtTrfTxInf", SPACE)
    assert [text(one, "p:PmtId/p:EndToEndId") for one in lines] == [first.id.hex, second.id.hex]
    amount = lines[0].find("p:Amt/p:InstdAmt", SPACE)
    assert (amount.text, amount.get("Ccy")) == ("123.45", "NOK")
    assert text(lines[0], "p:CdtrAcct/p:Id/p:Othr/p:Id") == "97120000026"
    assert (text(lines[0], "p:Cdtr/p:Nm"), text(lines[0], "p:RmtInf/p:Ustrd")) == ("Bo & Example", "for <lunch>")
    assert all(len(text(one, "p:PmtId/p:EndToEndId")) <= 35 for one in lines)


def test_the_same_journal_read_again_writes_no_second_file(filled, back, out, journal):
    journal.add("accept")
    back.take(journal.wire())
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert back.take(journal.wire()) == 0
    filled.core.close()
    filled.open()
    assert Handing(filled.core, out, "Made-up Bank").take(journal.wire()) == 0
    assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_only_what_is_new_is_in_the_next_file(back, out, journal):
    journal.add("accept")
    back.take(journal.wire())
    second = journal.add("accept", 700)
    back.take(journal.wire(after=1))
    body = (out / "pain001-000000002-000000002.xml").read_text()
    assert body.count("<EndToEndId>") == 1 and second.id.hex in body


def test_what_was_not_accepted_stands_in_a_list_and_in_no_payment_order(back, out, journal):
    void, refusal = journal.add("void"), journal.add("refusal", 900)
    journal.add("close")
    assert back.take(journal.wire()) == 3
    assert names(out) == ["refused-000000001-000000003.csv"]
    rows = list(csv.DictReader(io.StringIO((out / names(out)[0]).read_text()), delimiter=";"))
    assert [(row["payment id"], row["kind"], row["amount"]) for row in rows] == [
        (void.id.hex, "void", "123.45"),
        (refusal.id.hex, "refusal", "9.00"),
    ]
    assert rows[0]["from"] == "97120000018"


def test_a_feeder_killed_before_the_file_was_written_writes_it_at_its_next_start(
    filled, back, out, journal, monkeypatch
):
    payment = journal.add("accept")
    monkeypatch.setattr(handing, "_write", lambda *_: (_ for _ in ()).throw(OSError("killed here")))
    with pytest.raises(OSError, match="killed here"):
        back.take(journal.wire())
    assert names(out) == []
    monkeypatch.undo()
    filled.core.close()
    filled.open()
    again = Handing(filled.core, out, "Made-up Bank")
    assert again.take([]) == 0
    assert payment.id.hex in (out / "pain001-000000001-000000001.xml").read_text()
    assert again.write_files() == []


def test_a_file_is_never_seen_half_written(back, out, journal, monkeypatch):
    journal.add("accept")
    seen = []
    monkeypatch.setattr(handing.os, "fsync", lambda _: seen.append(names(out)))
    back.take(journal.wire())
    assert seen == [["pain001-000000001-000000001.xml.part"], ["pain001-000000001-000000001.xml"]]


def test_a_journal_with_a_hole_or_a_wrong_hash_hands_nothing_back(back, out, journal):
    journal.add("accept")
    journal.add("accept")
    wrong = journal.wire()
    wrong[1]["body"]["payment"]["amount_minor"] = 1
    for raw in (journal.wire(after=1), wrong):
        with pytest.raises(JournalBroken):
            back.take(raw)
        assert names(out) == [] and back.position() == 0
    assert back.take(journal.wire()) == 2


def test_who_froze_everything_is_listed_by_the_cores_own_number(back, out, journal):
    journal.add("void")
    at_us = 1_795_000_000_000_000
    body = {"customer": 1, "changed_us": at_us, "at_us": at_us, "session": "s", "accounts": [1001], "cards": []}
    last = journal.entries[-1]
    journal.entries.append(Entry(last.number + 1, last.hash(), "freeze", 5, last.epoch, at_us, body))
    for _ in range(2):
        back.take(journal.wire())
    assert names(out) == ["frozen-000000001-000000002.csv", "refused-000000001-000000002.csv"]
    rows = list(csv.DictReader(io.StringIO((out / names(out)[0]).read_text()), delimiter=";"))
    assert rows == [{"customer number": "C-1", "frozen at": "2026-11-18T11:06:40+00:00"}]
