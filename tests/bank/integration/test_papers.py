"""Papers: statements as OFX and PDF, the year's certificate, and the proof that each file carries."""

import io
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lending import FIRST, collect, loan, owed
from ofxtools.Parser import OFXTree
from pypdf import PdfReader

from holdfast.bank.books import books, keyring
from holdfast.bank.charges.models import LoanPayment
from holdfast.bank.papers import typesetting
from holdfast.bank.papers.proving import address_of, code_of
from holdfast.bank.web import statement
from holdfast.contracts.papers import (
    PURPOSE,
    SIGNERS,
    TOKEN_CHARACTERS_MAX,
    Figure,
    Paper,
    digest_of,
    paper_from_payload,
    split_proof,
)
from holdfast.ledger.api import Post, Result

DAYS = "from=2020-01-01&to=2030-01-01"
OF_A_YEAR = ("closing", "interest_received", "interest_paid", "fees_paid", "given_back", "owed")
KINDS = ("csv", "ofx", "camt053", "camt054", "pdf")


def file_of(person, kind, days=DAYS):
    path = f"/accounts/{person.account}/statement"
    return person.get(f"{path}/paper?{days}" if kind == "pdf" else f"{path}?as={kind}&{days}")


def proof_of(file):
    body, token = split_proof(file)
    return body, paper_from_payload(keyring().verify_large(PURPOSE, token, SIGNERS))


def text_of(answer):
    reader = PdfReader(io.BytesIO(answer.content))
    return reader, " ".join("\n".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.demand("B5")
def test_home_accounting_reads_the_ofx_file_with_every_amount_and_balance(town):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50", text="Thanks & <goodbye>"))
    answer = file_of(town.ann, "ofx")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/x-ofx; charset=utf-8")
    tree = OFXTree()
    tree.parse(io.BytesIO(answer.content))
    told = tree.convert().statements[0]
    assert (told.account.acctid, told.curdef) == (town.ann.number, "NOK")
    assert [one.trnamt for one in told.transactions] == [Decimal("1000.00"), Decimal("-12.50")]
    assert told.transactions[1].memo == "Thanks & <goodbye>"
    assert told.transactions[1].name == "Ben Builder"
    assert told.ledgerbal.balamt == Decimal("987.50")
    assert len({one.fitid for one in told.transactions}) == 2


@pytest.mark.demand("B5")
@pytest.mark.parametrize(
    ("language", "title", "amount"), [("en", "Statement", "−12.50"), ("nb", "Kontoutskrift", "−12,50")]
)
def test_the_pdf_is_tagged_in_its_language_and_holds_every_line(town, language, title, amount):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50", text="#set page() *x* $y$"))
    town.ann.client.cookies["hf_language"] = language
    answer = file_of(town.ann, "pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    reader, text = text_of(answer)
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"]), reader.metadata.title) == (language, True, title)
    assert "#set page() *x* $y$" in text
    assert "Ben Builder" in text
    assert amount in text
    (link,) = [one.get_object() for page in reader.pages for one in page.get("/Annots", [])]
    assert "/papers/check?proof=primary." in link["/A"]["/URI"]


@pytest.mark.demand("B5")
@pytest.mark.parametrize("kind", KINDS)
def test_each_file_proves_its_figures_and_that_no_byte_was_changed(town, kind):
    town.ann.post("/pay", town.ann.form(town.ben, "12.50"))
    file = file_of(town.ann, kind).content
    body, paper = proof_of(file)
    assert paper.digest == digest_of(body)
    assert (paper.kind, paper.account, paper.lines) == ("statement", town.ann.number, 2)
    assert {one.name: one.amount_minor for one in paper.figures} == {
        "opening": 0,
        "came_in": 100_000,
        "went_out": -1_250,
        "closing": 98_750,
    }
    changed, same = proof_of(file.replace(b"NOK", b"SEK", 1) if kind != "pdf" else file.replace(b"%PDF-1", b"%PDF-2"))
    assert same.digest != digest_of(changed)


def test_a_pdf_of_too_many_lines_is_refused_in_words_before_it_is_made(town, monkeypatch):
    town.ann.post("/pay", town.ann.form(town.ben, "1.00"))
    monkeypatch.setattr(statement, "PAPER_LINES_MAX", 1)
    answer = file_of(town.ann, "pdf")
    assert (answer.status_code, b"at most 1 transactions" in answer.content) == (422, True)


def test_when_no_pdf_can_be_made_the_form_says_so(town, monkeypatch):
    monkeypatch.setattr(typesetting, "MAKE_S_MAX", 0.001)
    answer = file_of(town.ann, "pdf")
    assert (answer.status_code, b"Try again in a few seconds" in answer.content) == (503, True)
    monkeypatch.setattr(typesetting, "WAIT_S_MAX", 0.001)
    with typesetting._places, typesetting._places:
        assert file_of(town.ann, "pdf").status_code == 503


def test_papers_of_others_are_not_found_and_wrong_days_come_back(town):
    assert town.ann.get(f"/accounts/{town.ben.account}/statement/paper?{DAYS}").status_code == 404
    assert file_of(town.ann, "pdf", "from=2026-02-01&to=2026-01-01").status_code == 422


def test_a_period_without_transactions_says_so(town):
    _, text = text_of(file_of(town.ann, "pdf", "from=2021-01-01&to=2021-01-02"))
    assert "There are no transactions on these days." in text


@pytest.mark.demand("B5", "A2")
def test_the_years_certificate_has_interest_and_fees_of_value_in_that_year(town):
    def booked(debit, credit, *, minor, kind, day, cause):
        post = Post(
            id=uuid.uuid4(), debit=debit, credit=credit, amount_minor=minor, currency="NOK", kind=kind, value_date=day,
            cohort=town.cohort, epoch=town.ann.epoch, cause=cause,
        )  # fmt: skip
        assert books().post(post).result is Result.POSTED

    ann, own = town.ann.account, 1
    booked(own, ann, minor=1_234, kind="interest", day=date(2025, 12, 31), cause="rule:interest:a:2025-12-01")
    booked(ann, own, minor=500, kind="interest", day=date(2025, 6, 30), cause="rule:overdraft:a:2025-06-01")
    booked(ann, own, minor=900, kind="fee", day=date(2025, 3, 31), cause="rule:service:a:2025-03-01")
    booked(ann, own, minor=7_700, kind="fee", day=date(2024, 12, 31), cause="rule:service:a:2024-12-01")
    assert town.ann.get("/year").status_code == 200
    answer = town.ann.get("/year/paper?year=2025")
    _, text = text_of(answer)
    for said in (
        "Interest and fees in 2025",
        "Interest received 12.34 NOK",
        "Interest paid 5.00 NOK",
        "Fees paid 9.00 NOK",
    ):
        assert said in text, text
    _, paper = proof_of(answer.content)
    assert paper.kind == "year"
    assert {one.name: one.amount_minor for one in paper.figures}["interest_received"] == 1_234
    assert town.ann.get("/year/paper?year=1066").status_code == 422
    assert town.ann.get("/year/paper?year=x").status_code == 422


@pytest.mark.demand("B5")
def test_the_years_certificate_has_what_a_loan_cost_and_what_is_still_owed(town):
    made = loan(town)
    collect(FIRST)
    _, text = text_of(town.ann.get("/year/paper?year=2025"))
    paid = LoanPayment.objects.get(loan=made)
    assert paid.interest_minor > 0 and paid.fee_minor > 0
    spoken = text.partition("Boat")[2]
    for what, minor in (
        ("Owed at the end", owed(made)),
        ("Interest paid", paid.interest_minor),
        ("Fees paid", paid.fee_minor),
    ):
        assert f"{what} {minor / 100:,.2f} NOK" in spoken, spoken
    assert owed(made) == 10_000_000 - paid.principal_minor


def test_a_paper_of_ten_currencies_can_be_read_again():
    figures = tuple(Figure(name, 10**12, f"C{number:02d}") for number in range(10) for name in OF_A_YEAR)
    paper = Paper(
        "year", "Ann", "", date(2025, 1, 1), date(2025, 12, 31), 10, figures, datetime(2026, 1, 2, tzinfo=UTC)
    )
    assert paper_from_payload(paper.to_payload()) == paper
    assert len(keyring().sign(PURPOSE, paper.to_payload())) <= TOKEN_CHARACTERS_MAX
    assert code_of(address_of(paper)).startswith("<svg")
