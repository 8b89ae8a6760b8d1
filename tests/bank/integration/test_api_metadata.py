"""Metadata of payments by program: attached, kept through proof, undo and replay, shown to the payer alone."""

import uuid
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from programs import Program, code
from proofs import prove, with_password

from holdfast.bank.api.models import ApiPayment, ApiToken, ApiWaiting
from holdfast.bank.books import reader
from holdfast.bank.payments.models import HeldPayment, Intent
from holdfast.bank.payments.undo import carry_out_held
from holdfast.bank.worker.loop import JOBS
from holdfast.contracts.api import WAITING_S
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.contracts.ids import api_payment_id
from holdfast.contracts.metadata import metadata_of

pytestmark = pytest.mark.demand("A1", "B11", "S4")

NAMED = {"invoice": "2026-17", "order.no": '<b>Ødegård</b> & "5"'}
ONLY = {"metadata": NAMED}
LARGE = 9_000_000


@pytest.fixture
def program(town, register):
    return Program(with_password(town.ann))


def entry_of(person, ident):
    """The address of the transaction of a payment on the person's account."""
    seq = reader().line_of(person.account, ident).seq
    return f"/accounts/{person.account}/lines/{seq}"


def test_metadata_is_booked_with_the_payment_and_answered_alike(town, program):
    first = program.pay(town.ben, 100, "k", more=ONLY)
    assert (first.status_code, first.json()["metadata"]) == (201, NAMED)
    ident = uuid.UUID(first.json()["id"])
    assert reader().metadata([ident]) == {ident: NAMED}
    turned = {"metadata": dict(reversed(NAMED.items()))}
    assert program.pay(town.ben, 100, "k", more=turned).json() == first.json()
    assert program.get(f"/payments/{ident}").json() == first.json()
    for more in ({}, {"metadata": {}}, {"metadata": None}):
        bare = program.pay(town.ben, 1, more=more)
        assert (bare.status_code, bare.json()["metadata"]) == (201, {})


@pytest.mark.parametrize("other", [{}, {"metadata": {}}, {"metadata": {"invoice": "2026-18"}}])
def test_the_same_key_with_other_metadata_is_another_payment_and_nothing_is_done(town, program, other):
    first = program.pay(town.ben, 100, "k", more=ONLY).json()
    assert code(program.pay(town.ben, 100, "k", more=other)) == (422, "key-reused")
    ApiPayment.objects.filter(payment=first["id"]).delete()  # as where the spare bank took it
    assert code(program.pay(town.ben, 100, "k", more=other)) == (422, "key-reused")
    told = program.get(f"/payments/{first['id']}").json()
    assert (told["state"], told["metadata"]) == ("done", NAMED)
    assert town.ben.balance == 100


@pytest.mark.parametrize(
    ("metadata", "field", "said"),
    [
        ({"A": "b"}, "metadata", "metadata-wrong"),
        ({"a": "x" * 501}, "metadata", "metadata-wrong"),
        ({"a": "x\0"}, "metadata", "metadata-wrong"),
        ({str(n): "x" * 500 for n in range(9)}, "metadata", "metadata-wrong"),
        ({str(n): "x" for n in range(17)}, "metadata", "too_long"),
        ({"a": 1}, "metadata.a", "string_type"),
        (["a"], "metadata", "dict_type"),
    ],
)
def test_what_cannot_be_attached_is_told_by_its_field_and_nothing_is_done(town, program, metadata, field, said):
    answer = program.pay(town.ben, 100, "k", more={"metadata": metadata})
    assert code(answer) == (422, "invalid")
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, said)]
    assert not ApiPayment.objects.filter(payment=api_payment_id(town.ann.id, "k")).exists()
    assert town.ben.balance == 0


def test_the_payer_sees_it_on_the_receipt_and_the_transaction_and_who_is_paid_does_not(town, program):
    ident = uuid.UUID(program.pay(town.ben, 100, more=ONLY).json()["id"])
    ann, ben = town.ann.log_in(), town.ben.log_in()
    for path in (f"/receipt/{ident}", entry_of(ann, ident)):
        page = ann.get(path).content.decode()
        assert 'data-metadata="2"' in page
        assert "2026-17" in page and "&lt;b&gt;Ødegård&lt;/b&gt; &amp; &quot;5&quot;" in page
    page = ben.get(entry_of(ben, ident)).content.decode()
    assert "data-metadata" not in page and "2026-17" not in page
    assert ben.get(f"/receipt/{ident}").status_code == 404
    bare = uuid.UUID(program.pay(town.ben, 100).json()["id"])
    assert "data-metadata" not in ann.get(f"/receipt/{bare}").content.decode()


@pytest.mark.parametrize("undo_s", [0, 10])
def test_what_the_customer_confirms_in_the_browser_keeps_its_metadata(town, register, undo_s):
    rich = with_password(town.person(90_000_000).log_in())
    if undo_s:
        rich.post("/limits/undo", {"seconds": str(undo_s)})
    program = Program(rich)
    asked = program.pay(town.ben, LARGE, "large", more=ONLY)
    assert code(asked) == (403, "confirm-needed")
    ident, place = uuid.UUID(asked.json()["payment"]), urlsplit(asked.json()["confirm_at"])
    assert "2026-17" not in asked.json()["confirm_at"] and len(place.query) < 4_000
    assert ApiWaiting.objects.get(payment=ident).metadata == NAMED
    paid = prove(rich, rich.get(f"{place.path}?{place.query}"))
    assert paid.status_code == 303
    if undo_s:
        HeldPayment.objects.filter(id=ident).update(goes_at="2026-01-01T00:00Z", state="going")
        HeldPayment.objects.filter(id=ident).update(goes_at=HeldPayment.objects.get(id=ident).created)
        carry_out_held()
    assert reader().metadata([ident]) == {ident: NAMED}
    assert 'data-metadata="2"' in rich.get(paid.headers["Location"]).content.decode()
    again = program.pay(town.ben, LARGE, "large", more=ONLY).json()
    assert (again["state"], again["metadata"]) == ("done", NAMED)
    assert code(program.pay(town.ben, LARGE, "large")) == (422, "key-reused")
    assert town.ben.balance == LARGE


def test_a_proof_is_worth_nothing_for_other_metadata_and_a_torn_form_pays_nothing(town, register):
    rich = with_password(town.person(90_000_000).log_in())
    place = urlsplit(Program(rich).pay(town.ben, LARGE, "large", more=ONLY).json()["confirm_at"])
    page = rich.get(f"{place.path}?{place.query}")

    class Changed:
        def post(self, action, fields):
            changed = {"metadata": fields["metadata"].replace("2026-17", "2026-18")} if "proof" in fields else {}
            return rich.post(action, fields | changed)

    assert prove(Changed(), page).status_code == 422
    torn = rich.form(town.ben, "1.00") | {"metadata": "{"}
    assert rich.post("/pay", torn).status_code == 422
    assert town.ben.balance == 0
    assert not Intent.objects.filter(customer=rich.id).exists()


def test_an_address_is_worth_nothing_once_other_metadata_was_asked_for_under_the_same_key(town, register):
    rich = with_password(town.person(90_000_000).log_in())
    program, other = Program(rich), {"metadata": {"invoice": "2026-18"}}
    asked = [program.pay(town.ben, LARGE, "large", more=more).json() for more in (ONLY, other)]
    places = [urlsplit(one["confirm_at"]) for one in asked]
    pages = [rich.get(f"{one.path}?{one.query}") for one in places]
    assert [one.status_code for one in pages] == [404, 422]
    ident = uuid.UUID(asked[1]["payment"])
    assert (prove(rich, pages[1]).status_code, reader().metadata([ident])) == (303, {ident: other["metadata"]})


def test_what_the_spare_bank_took_is_booked_with_its_metadata_once(town, register, journal, call):
    program = Program(town.ann)
    token = ApiToken.objects.get(customer=town.ann.id)
    ident = api_payment_id(town.ann.id, "there")
    taken = replace(
        town.payment(town.ann.account, town.ben.account, 700, ident),
        cause=f"api:{token.id}",
        metadata=metadata_of(NAMED),
    )
    entry = journal.payment("accept", taken)
    for _ in range(2):
        assert call("/-/replay", {"to": entry.number}).status_code == 200
    row = {"epoch": FIRST_EPOCH + 2}
    assert program.get(f"/payments/{ident}", **row).json()["metadata"] == NAMED
    assert program.pay(town.ben, 700, "there", more=ONLY, **row).json()["metadata"] == NAMED
    assert code(program.pay(town.ben, 700, "there", **row)) == (422, "key-reused")
    page = town.ann.log_in().get(f"/receipt/{ident}", **row).content.decode()
    assert 'data-metadata="2"' in page
    assert town.ben.balance == 700


@pytest.mark.parametrize("both", [(NAMED, {}), ({}, NAMED), (NAMED, {"a": "b"}), ({}, {"A": "never taken"})])
def test_a_payment_that_both_banks_took_is_booked_once_whatever_was_attached(town, program, journal, call, both):
    here, there = both
    ident = uuid.UUID(program.pay(town.ben, 700, "both", more={"metadata": here}).json()["id"])
    again = replace(town.payment(town.ann.account, town.ben.account, 700, ident), metadata=tuple(sorted(there.items())))
    new = replace(again, id=uuid.uuid4())
    entries = [journal.payment("accept", one) for one in (again, new)]
    assert call("/-/replay", {"to": entries[-1].number}).status_code == 200
    assert town.ben.balance == 1_400
    taken = {new.id: there} if there and "A" not in there else {}
    assert reader().metadata([ident, new.id]) == {**({ident: here} if here else {}), **taken}


def test_the_worker_forgets_what_nobody_confirmed_once_it_cannot_be_any_more(town):
    now, over = timezone.now(), timedelta(seconds=WAITING_S + 2 * CLOCK_LEEWAY_S)
    old, young = uuid.uuid4(), uuid.uuid4()
    for ident, age in ((old, over + timedelta(seconds=1)), (young, over - timedelta(seconds=60))):
        ApiWaiting.objects.create(payment=ident, metadata=NAMED, created=now - age)
    job = next(job for name, job, _ in JOBS if name == "keep to the table of retention")
    assert job() == 1
    assert set(ApiWaiting.objects.filter(payment__in=[old, young]).values_list("payment", flat=True)) == {young}
    assert job() == 0
