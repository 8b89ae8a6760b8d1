"""A claim for what others charged: made once with its proof, kept sealed, decided by people, paid once, answered."""

import base64
import json
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from ordering import TODAY, let_nothing_wait, order, salary

from holdfast.bank.books import keyring, reader
from holdfast.bank.cases.models import CLAIMS_FROM, Decision
from holdfast.bank.commands import write_order_run
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.executing import run_orders
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress import proofs
from holdfast.bank.redress.errors import BadProof
from holdfast.bank.redress.models import Claim, ProofPiece
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.contracts.confirmation import PURPOSE, SIGNERS, How, confirmation_from_payload

pytestmark = [pytest.mark.demand("C3"), pytest.mark.usefixtures("door")]
PDF = b"%PDF-1.7\n" + b"late fee " * 9_000 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 40 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"x" * 40 + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.fixture(autouse=True)
def no_outage(bank):
    Outage.objects.all().delete()


def form(person, **more):
    return {
        "id": str(uuid.uuid4()), "by_whom": "Hansen Property", "what": "Reminder fee", "amount": "350.00", "currency": "NOK",
        "day": bank_today().isoformat(), "account": str(person.account),
        "file": SimpleUploadedFile("reminder.pdf", PDF, "text/html"), **more,
    }  # fmt: skip


def claim_of(person, **more):
    assert person.post("/claims", form(person, **more)).status_code == 303
    return Claim.objects.filter(customer=person.id).latest("number")


def decide(call, keys, claim, decision="pay", **more):
    said = {
        "number": CLAIMS_FROM + claim.number, "decision": decision, "to": "", "owner": "kari", "why": "the rent was late",
        "asked_by": "kari", "approved_by": "ola", **more,
    }  # fmt: skip
    token = keys["control"].sign("case-decision", {**said, "at": time.time()})
    return call("/-/exceptions/decide", {"token": token}, by="control")


def test_a_claim_is_made_once_with_its_file_and_shown_to_its_customer_alone(town):
    said = form(town.ann)
    assert town.ann.post("/claims", said).status_code == 303
    again = {**said, "file": SimpleUploadedFile("reminder.pdf", PDF)}
    assert town.ann.post("/claims", again).status_code == 303
    (one,) = Claim.objects.filter(customer=town.ann.id)
    assert (one.amount_minor, one.file_type, one.file_bytes) == (35_000, "application/pdf", len(PDF))
    page = town.ann.get("/claims").content.decode()
    assert "Reminder fee" in page and "Hansen Property" in page and "We know of no outage" in page
    answer = town.ann.get(f"/claims/{one.number}/file")
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="claim-{one.number}.pdf"'
    other = town.person(0).log_in()
    assert other.get(f"/claims/{one.number}/file").status_code == 404
    assert "Reminder fee" not in other.get("/claims").content.decode()


def test_the_database_holds_nothing_of_it_that_can_be_read(town):
    one = claim_of(town.ann)
    with connection.cursor() as cursor:
        cursor.execute("select by_whom || what || file_name from redress_claim where number = %s", [one.number])
        (words,) = cursor.fetchone()
        cursor.execute("select content from redress_proof where claim_id = %s", [one.number])
        pieces = [base64.b64decode(content) for (content,) in cursor.fetchall()]
    assert "Hansen" not in words and "reminder" not in words
    assert len(pieces) == 2 and all(b"late fee" not in one and b"PDF" not in one for one in pieces)


@pytest.mark.parametrize(("raw", "kind"), [(PDF, proofs.PDF), (JPEG, proofs.JPEG), (PNG, proofs.PNG)])
def test_the_kind_of_a_file_is_told_by_its_content(raw, kind):
    assert proofs.kind_of(raw) == kind


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "no_file"), (b"<html>%PDF-1.7 %%EOF", "kind"), (PDF[:-8], "kind"), (JPEG[:-2], "kind"), (PNG[:-4], "kind"),
        (b"MZ" + PDF, "kind"), (PDF.replace(b"late", b"/JS ", 1), "active"), (PDF + b" " * proofs.BYTES_MAX, "too_large"),
        (b"GIF89a" + b"x" * 50, "kind"),
    ],
)  # fmt: skip
def test_other_files_are_refused(raw, why):
    with pytest.raises(BadProof) as refused:
        proofs.kind_of(raw)
    assert refused.value.kind == why


def test_a_form_that_is_wrong_says_so_beside_each_field_and_stores_nothing(town):
    before = Claim.objects.count()
    tomorrow = (bank_today() + timedelta(days=1)).isoformat()
    wrong = {"by_whom": "", "what": "x" * 141, "amount": "12.345", "currency": "XXX", "day": tomorrow, "account": "1"}
    answer = town.ann.post("/claims", form(town.ann, **wrong, file=SimpleUploadedFile("a.pdf", b"no")))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert [name for name in wrong if f'id="{name}-wrong"' not in page] == []
    small = form(town.ann, file=SimpleUploadedFile("a.pdf", b"no pdf at all"))
    answer = town.ann.post("/claims", small)
    assert answer.status_code == 422 and 'id="file-wrong"' in answer.content.decode()
    assert town.ann.post("/claims", form(town.ann, id="7")).status_code == 422
    assert (Claim.objects.count(), ProofPiece.objects.filter(claim__customer=town.ann.id).count()) == (before, 0)


def test_what_the_bank_knows_of_the_outage_goes_with_it(town):
    today = bank_today()
    since = "2026-11-02T08:00Z"
    Outage.objects.create(incident="77", since=since, until="2026-11-02T14:00Z", first_day=today - timedelta(days=5),
                          last_day=today - timedelta(days=5))  # fmt: skip
    one = claim_of(town.ann)
    assert one.incident == "77"
    known = json.loads(one.confirmation)
    assert (known["since"][:13], known["tokens"]) == ("2026-11-02T08", [])
    assert "our main system was away from" in town.ann.get("/claims").content.decode()
    old = claim_of(town.ann, day=(today - timedelta(days=6)).isoformat())
    assert (old.incident, old.confirmation) == ("", "")


def test_two_people_have_it_paid_once_from_the_account_compensation_and_the_customer_reads_why(town, call, keys):
    one, had = claim_of(town.ann, amount="900.00"), town.ann.balance
    assert decide(call, keys, one, approved_by="").status_code == 409
    assert decide(call, keys, one, approved_by="kari").status_code == 409
    assert town.ann.balance == had
    answers = [decide(call, keys, one).json() for _ in range(2)]
    assert [one["outcome"] for one in answers] == ["done", "already"]
    assert town.ann.balance == had + 90_000
    (line, *_) = reader().lines(town.ann.account)
    assert (line.kind, line.other_account, line.amount_minor) == ("case", bank_facts.own("compensation"), 90_000)
    page = town.ann.get("/claims").content.decode()
    assert "the rent was late" in page and "900.00" in page and 'data-state="closed"' in page
    account = town.ann.get(f"/accounts/{town.ann.account}").content.decode()
    assert f"because of our outage (claim {one.number})" in account
    assert reader().prove() == []


def test_up_to_a_sum_one_person_decides(town, call, keys):
    one, had = claim_of(town.ann, amount="500.00"), town.ann.balance
    assert decide(call, keys, one, approved_by="").json()["outcome"] == "done"
    assert town.ann.balance == had + 50_000
    assert Decision.objects.get(number=CLAIMS_FROM + one.number).approved_by == "one person"


def test_a_part_is_paid_and_never_more_than_the_whole(town, call, keys):
    one, had = claim_of(town.ann, amount="900.00"), town.ann.balance
    for wrong in ("", "900.01", "twelve", "0"):
        assert decide(call, keys, one, "pay_part", to=wrong).status_code == 409
    assert town.ann.balance == had
    assert decide(call, keys, one, "pay_part", to="120.00").json()["outcome"] == "done"
    assert town.ann.balance == had + 12_000
    assert decide(call, keys, one).status_code == 409


def test_a_claim_is_declined_with_a_reason_and_books_nothing(town, call, keys):
    one, had = claim_of(town.ann), town.ann.balance
    assert decide(call, keys, one, "decline", why="no").status_code == 409
    assert decide(call, keys, one, "decline", why="it was charged before").json()["outcome"] == "done"
    assert town.ann.balance == had
    assert "it was charged before" in town.ann.get("/claims").content.decode()


def test_what_was_charged_in_euro_is_paid_at_the_middle_rate(town, call, keys):
    """The made-up list: one krone is worth 0.0835 euro; 10.00 euro are 119.760…, so 119.77."""
    one, had = claim_of(town.ann, amount="10.00", currency="EUR"), town.ann.balance
    assert decide(call, keys, one).json()["amount_minor"] == 11_977
    assert town.ann.balance == had + 11_977


def test_the_control_room_reads_it_among_the_cases_with_its_file_and_no_name(town, call):
    one = claim_of(town.ann)
    found = call("/-/exceptions", by="control", after=CLAIMS_FROM + one.number - 1, limit=5).json()["exceptions"]
    (shown,) = [case for case in found if case["number"] == CLAIMS_FROM + one.number]
    assert (shown["kind"], shown["state"], shown["alone"], shown["choices"]) == (
        "claim", "open", True, ["pay", "pay_part", "decline"])  # fmt: skip
    assert "Hansen Property charged on" in shown["words"] and town.ann.name not in json.dumps(shown)
    file = call("/-/claims/file", by="control", number=CLAIMS_FROM + one.number).json()
    assert base64.b64decode(file["content"]) == PDF and file["name"] == f"claim-{one.number}.pdf"
    assert call("/-/claims/file", by="standin", number=CLAIMS_FROM + one.number).status_code == 403


def test_the_confirmation_of_a_rent_that_the_outage_kept_back_is_attached_by_itself(town, call):
    write_order_run(TODAY, timezone.now() - timedelta(seconds=1))
    let_nothing_wait()
    rita = town.person(800_000).log_in()
    order(town, 1_250_000, rita)
    run_orders()
    tell_refusals()
    salary(town, rita, 700_000)
    now = datetime.now(UTC)
    Outage.objects.create(incident="9", since=now - timedelta(minutes=40), until=now, first_day=TODAY, last_day=TODAY)
    one = claim_of(rita)
    (token,) = json.loads(one.confirmation)["tokens"]
    said = confirmation_from_payload(keyring().verify(PURPOSE, token, SIGNERS))
    assert (said.payer, said.payee, said.amount_minor, said.how) == (rita.name, town.ben.name, 1_250_000, How.NOT_MADE)
    assert "/confirmation?proof=" in rita.get("/claims").content.decode()
    found = call("/-/exceptions", by="control", after=CLAIMS_FROM + one.number - 1, limit=5).json()["exceptions"]
    assert "confirmed payments that it kept back: 1" in found[0]["words"]
