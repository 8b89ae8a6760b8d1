"""Wages within a limit that was agreed beforehand: by the employer's own file, and by files that the clearing brings."""

import hashlib
import time
from datetime import timedelta

import pytest
from enrolling import mark
from payment_files import block, line, order
from proofs import with_password
from sending import carry, confirm, states, taken, today_file

from holdfast.bank.books import reader
from holdfast.bank.exchange.facts import block_payee
from holdfast.bank.files.models import PaymentFile, PayrollLimit
from holdfast.bank.files.payroll import agree_limit
from holdfast.bank.freezing.everything import freeze_everything
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.own_limits import choose_limits
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.worker import refusals
from holdfast.contracts.plain_xml import parse_plain
from holdfast.guard import Pair

pytestmark = pytest.mark.demand("B4")


@pytest.fixture
def firm(town, register):
    """An employer with 10,000.00, of which 5,000.00 a month may be wages."""
    made = with_password(town.person(1_000_000, name="Example Ltd").log_in())
    assert agree_limit(made.number, 0, 500_000, "responder", "manager") == ""
    return made


def wage(person, amount, end="W1"):
    return line(person.number, amount, person.name, end, purpose="SALA")


def bring(person, keys, raw, purpose="payroll-file", signer="clearing"):
    """The clearing brings a file; the answer."""
    token = keys[signer].sign(purpose, {"sha256": hashlib.sha256(raw).hexdigest(), "at": time.time()})
    headers = {"Holdfast-Row": person.row(cohort=None), "Holdfast-Clearing": token}
    return person.client.generic("POST", "/clearing/pain.001", raw, content_type="application/xml", headers=headers)


def statuses(answer):
    """(end-to-end id, status, code) of each line of the pain.002."""
    root = parse_plain(answer.content)
    return [
        (one.findtext("OrgnlEndToEndId"), one.findtext("TxSts"), one.findtext("StsRsnInf/Rsn/Cd", ""))
        for one in root.iterfind(".//TxInfAndSts")
    ]


def test_the_clearing_brings_wages_that_nobody_confirms_each_once(town, firm, keys):
    raw = order(
        block(
            firm.number, [wage(town.ben, "1000.00"), line("97129999999", "1", end="W2", purpose="SALA")], bank_today()
        )
    )
    answer = bring(town.ann, keys, raw)
    assert (answer.status_code, statuses(answer)) == (200, [("W1", "PDNG", ""), ("W2", "RJCT", "AC03")])
    carry()
    assert statuses(bring(town.ann, keys, raw)) == [("W1", "ACSC", ""), ("W2", "RJCT", "AC03")]
    carry()
    assert (town.ben.balance, firm.balance) == (100_000, 900_000)
    entry = reader().lines(town.ben.account)[0]
    assert (entry.kind, entry.payer) == ("salary", "Example Ltd")
    (file,) = PaymentFile.objects.filter(fileline__debit=firm.account).distinct()
    assert f'data-file="{file.id}"' in firm.get("/files").content.decode(), "the employer sees it"


@pytest.mark.parametrize(
    ("code", "bend"),
    [
        ("AM14", lambda firm, town: order(block(firm.number, [wage(town.ben, "3000"), wage(town.ann, "2000.01")], bank_today()))),
        ("FF01", lambda firm, town: order(block(firm.number, [line(town.ben.number, "1")], bank_today()))),
        ("AC02", lambda firm, town: order(block(town.ann.number, [wage(town.ben, "1")], bank_today()))),
        ("DT01", lambda firm, town: order(block(firm.number, [wage(town.ben, "1")], "2020-01-01"))),
        ("AM10", lambda firm, town: today_file(firm, wage(town.ben, "1"), total="2")),
        ("FF01", lambda firm, town: b"<html/>"),
    ],
)  # fmt: skip
def test_nothing_is_taken_of_a_file_beyond_what_was_agreed(town, firm, keys, code, bend):
    answer = bring(town.ann, keys, bend(firm, town))
    root = parse_plain(answer.content)
    assert (answer.status_code, root.findtext(".//GrpSts"), root.findtext(".//Rsn/Cd")) == (400, "RJCT", code)
    assert not PaymentFile.objects.filter(fileline__debit__in=[firm.account, town.ann.account]).exists()
    carry()
    assert (town.ben.balance, firm.balance) == (0, 1_000_000)


def test_only_the_clearing_brings_files_and_signs_each(town, firm, keys):
    raw = today_file(firm, wage(town.ben, "1.00"))
    assert bring(town.ann, keys, raw, purpose="clearing-file").status_code == 403
    assert bring(town.ann, keys, raw, signer="standin").status_code == 403
    assert not PaymentFile.objects.filter(fileline__debit=firm.account).exists()


def test_another_file_under_a_used_message_id_is_refused(town, firm, keys):
    assert bring(town.ann, keys, today_file(firm, wage(town.ben, "1.00"), message="PAY-1")).status_code == 200
    again = bring(town.ann, keys, today_file(firm, wage(town.ben, "2.00"), message="PAY-1"))
    assert (again.status_code, parse_plain(again.content).findtext(".//Rsn/Cd")) == (400, "AM05")
    carry()
    assert town.ben.balance == 100


def test_wages_use_up_the_month_and_no_limit_of_the_customer(town, firm, keys):
    choose_limits(firm.id, Pair(20_000, 20_000), proved=True)
    first = taken(firm, today_file(firm, wage(town.ben, "3000.00"), line(town.ben.number, "150.00", end="B")))
    assert states(firm, first) == ["ready", "ready"]
    confirm(firm, first)
    carry()
    assert (town.ben.balance, firm.balance) == (315_000, 685_000)
    second = taken(firm, today_file(firm, wage(town.ann, "2000.00"), wage(town.ben, "0.01", "W2")))
    page = firm.get(second).content.decode()
    assert states(firm, second) == ["ready", "bad"] and "above the payroll limit" in page
    later = bank_today() + timedelta(days=40)
    assert states(firm, taken(firm, order(block(firm.number, [wage(town.ben, "5000.00")], later)))) == ["ready"]


def test_of_two_files_at_once_only_what_was_agreed_is_paid(town, firm):
    one = taken(firm, today_file(firm, wage(town.ben, "3000.00")))
    other = taken(firm, today_file(firm, wage(town.ann, "3000.00")))
    confirm(firm, one)
    confirm(firm, other)
    carry()
    refusals.tell_refusals()
    assert (states(firm, one), states(firm, other)) == (["done"], ["refused"])
    assert firm.balance == 700_000


def test_a_limit_that_ended_meanwhile_pays_nothing(town, firm):
    address = taken(firm, today_file(firm, wage(town.ben, "3000.00")))
    confirm(firm, address)
    assert agree_limit(firm.number, 500_000, 0, "responder", "manager") == ""
    carry()
    assert (town.ben.balance, Intent.objects.get(debit=firm.account).reason) == (0, "payroll_limit")


def test_what_always_holds_holds_for_wages_too(town, firm):
    stopped = town.person(0)
    block_payee(stopped.account)
    address = taken(firm, today_file(firm, wage(stopped, "1.00"), wage(town.ben, "1.00", "W2")))
    assert states(firm, address) == ["bad", "ready"]
    confirm(firm, address)
    freeze_everything(firm.id, "")
    carry()
    assert (town.ben.balance, stopped.balance) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({}, 200), ({"approved_by": "responder"}, 409), ({"approved_by": ""}, 409), ({"before_minor": 1}, 409),
     ({"number": "97129999999"}, 409), ({"limit_minor": -1}, 400), ({"limit_minor": True}, 400)],
)  # fmt: skip
def test_two_people_set_a_limit_that_is_still_as_they_saw_it(town, call, keys, changed, status):
    said = {
        "number": town.ann.number,
        "before_minor": 0,
        "limit_minor": 700,
        "asked_by": "responder",
        "approved_by": "manager",
        "why": "w",
    }
    token = keys["control"].sign("payroll-limit", said | changed | {"at": time.time()})
    assert call("/-/payroll/set", {"token": token}, by="control").status_code == status
    held = PayrollLimit.objects.filter(account=town.ann.account).values_list("limit_minor", flat=True)
    assert list(held) == ([700] if status == 200 else [])
    shown = [one for one in call("/-/payroll", by="control").json()["limits"] if one["number"] == town.ann.number]
    assert [one["limit_minor"] for one in shown] == list(held)


def test_nobody_else_sets_or_reads_payroll_limits(town, call):
    for by in ("door", "standin"):
        assert call("/-/payroll", by=by).status_code == 403
        assert call("/-/payroll/set", {"token": ""}, by=by).status_code == 403
    assert mark(town.ann.get("/files"), "page") == "files"
