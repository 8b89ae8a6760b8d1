"""Paying through the real process: outcomes, headers, journal, and what stays as it was."""

import uuid

import pytest
from fakes import E1, E2, E3, refusal, transfer
from world import World

from holdfast.contracts.epochs import pack_epoch


def test_a_payment_is_journaled_before_it_is_told_and_repeated_alike(town: World) -> None:
    ident = uuid.uuid4()
    before = len(town.journal())
    answers = [town.pay(town.form(ident)) for _ in range(3)]
    assert [(one.status, one.headers["Holdfast-Outcome"]) for one in answers] == [(303, f"done {ident}")] * 3
    entries = town.journal()[before:]
    assert [
        (one.kind, one.cohort, one.epoch, one.payment().id, one.payment().amount_minor, one.body["birth"])
        for one in entries
    ] == [("accept", 5, E2, ident, 1000, E2)]
    assert entries[0].payment().customer == 17


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing(town: World) -> None:
    form = town.form(uuid.uuid4())
    assert town.pay(form).outcome == "done"
    before = len(town.journal())
    answer = town.pay(form | {"amount": "11.00"})
    assert (answer.status, answer.outcome) == (422, "conflict")
    assert len(town.journal()) == before


def test_a_refusal_is_journaled_and_repeated_even_when_money_comes(town: World) -> None:
    form = town.form(uuid.uuid4(), cohort=7, amount="4999.00") | {"from": "30"}
    row, cookies = town.row(7), town.session(19, 7)
    assert town.pay(form | {"amount": "4,900.00"}, row, cookies).outcome == "done"
    form = town.form(uuid.uuid4(), cohort=7, amount="4,990.00") | {"from": "30"}
    answer = town.pay(form, row, cookies)
    assert answer.outcome == "refused-own"
    assert (town.journal()[-1].kind, town.journal()[-1].body["reason"]) == ("refusal", "spare_limit")
    position = len(town.journal())
    assert town.pay(form, row, cookies).outcome == "refused-own"
    assert len(town.journal()) == position


def test_an_older_id_that_cannot_be_paid_is_voided_and_being_checked(town: World) -> None:
    for form in (
        town.form(uuid.uuid4(), epoch=E1),
        town.form(uuid.uuid4()) | {"birth": ""},
        town.form(uuid.uuid4()) | {"birth": town.form()["birth"]},
        town.form(uuid.uuid4(), signer="clearing"),
    ):
        answer = town.pay(form | {"amount": "99,999.00"})
        assert (answer.status, answer.outcome) == (303, "checking")
        assert town.journal()[-1].kind == "void"
        assert town.pay(form | {"amount": "99,999.00"}).outcome == "checking"


def test_an_older_id_with_money_is_accepted(town: World) -> None:
    assert town.pay(town.form(uuid.uuid4(), epoch=E1, signer="primary")).outcome == "done"


def test_an_older_id_to_a_number_only_the_bank_knows_is_never_told_as_wrong(town: World) -> None:
    for amount in ("1.00", "99,999.00"):
        answer = town.pay(town.form(uuid.uuid4(), epoch=E1, to="9999.99.99999", amount=amount))
        assert (answer.status, answer.outcome, town.journal()[-1].kind) == (303, "checking", "void")


@pytest.mark.parametrize("row", [{"bank": "primary"}, {"mode": "handing_back"}, {"mode": "primary"}, {"epoch": E1}])
def test_a_row_that_is_not_current_gets_409_and_no_trace(town: World, row: dict[str, str]) -> None:
    before = len(town.journal())
    answer = town.pay(town.form(uuid.uuid4()), town.row(**row))  # type: ignore[arg-type]
    assert (answer.status, answer.headers["Holdfast-Stale"]) == (409, str(E2))
    assert len(town.journal()) == before


def test_an_id_born_after_its_row_gets_409(town: World) -> None:
    before = len(town.journal())
    assert town.pay(town.form(uuid.uuid4(), epoch=E3)).status == 409
    assert len(town.journal()) == before


def test_form_errors_come_back_with_the_same_id_and_are_not_journaled(town: World) -> None:
    before = len(town.journal())
    for field, value, words in (
        ("amount", "much", "figures"),
        ("amount", "0", "above zero"),
        ("amount", "1.234", "decimals"),
        ("to", "9999.99.99999", "no account"),
        ("to", "", "account number"),
        ("from", "20", "your accounts"),
        ("from", "²", "your accounts"),
        ("from", "", "your"),
    ):
        form = town.form(uuid.uuid4(), text="<b>kept</b>") | {field: value}
        answer = town.pay(form)
        assert answer.status == 422
        assert words in answer.text
        assert f'value="{form["id"]}"' in answer.text
        assert form["birth"] in answer.text
        assert "&lt;b&gt;kept&lt;/b&gt;" in answer.text
        assert answer.headers["Holdfast-Outcome"] is None
    assert town.pay(town.form() | {"id": "x"}).status == 422
    assert len(town.journal()) == before


def test_what_the_books_say_is_repeated(town: World) -> None:
    booked, other, settled = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    town.bank.add(transfer(10, 20, 1000, id=booked), transfer(10, 20, 1001, id=other), refusal(settled, "journal"))
    town.fed()
    before = len(town.journal())
    assert [town.pay(town.form(ident, epoch=E1)).outcome for ident in (booked, other, settled)] == [
        "done",
        "conflict",
        "refused-settled",
    ]
    assert len(town.journal()) == before


def test_the_banks_own_refusal_is_told_only_after_the_claim(town: World) -> None:
    told, taken = uuid.uuid4(), uuid.uuid4()
    town.bank.add(refusal(told), refusal(taken))
    town.fed()
    town.doors.claims[taken.hex] = ("taken", E2)
    before = len(town.journal())
    assert town.pay(town.form(told, epoch=E1)).outcome == "refused-own"
    assert town.doors.claims[told.hex] == ("refused", E2)
    assert len(town.journal()) == before
    assert town.pay(town.form(taken, epoch=E1)).outcome == "done"
    assert town.journal()[-1].kind == "accept"


def test_accepted_money_counts_at_once_and_comes_back_by_the_feed_once(world: World) -> None:
    ident = uuid.uuid4()
    world.pay(world.form(ident, amount="100.00"))
    seen = [world.visit("GET", "/accounts/10", cookies=world.session()).mark("data-balance-minor")]
    world.bank.add(transfer(10, 20, 10_000, id=ident, source="journal", journal_number=1))
    world.fed()
    seen.append(world.visit("GET", "/accounts/10", cookies=world.session()).mark("data-balance-minor"))
    assert seen == ["990000", "990000"]
    assert (world.health()["exposure_minor"], world.health()["unreplayed"]) == (0, 0)
    accounts = world.call("primary", "GET", "/-/balances?after=0&limit=100").json()
    assert (accounts["block"], accounts["pending"], dict(accounts["accounts"])[10]) == (3, 0, 990_000)


def test_the_total_exposure_has_an_end_over_cohorts_and_a_restart(world: World) -> None:
    def pay(amount: str, account: str, customer: int, cohort: int) -> str:
        form = world.form(cohort=cohort, amount=amount, to="1234.56.00011", name="") | {"from": account}
        return world.pay(form, world.row(cohort), world.session(customer, cohort)).outcome

    assert [pay("4,000.00", "20", 18, 9), pay("4,000.00", "20", 18, 9)] == ["done", "done"]
    assert pay("0.01", "20", 18, 9) == "refused-own"
    assert pay("5,000.00", "30", 19, 7) == "done"
    world.stop()
    world.start()
    assert world.health()["exposure_minor"] == 1_300_000
    assert [pay("2,000.01", "30", 19, 7), pay("2,000.00", "30", 19, 7)] == ["refused-own", "done"]


def test_close_is_in_one_order_with_payments_and_says_the_same_again(world: World) -> None:
    world.pay(world.form())
    closed = world.call("door", "POST", "/-/close", {"rows": [[5, E2], [9, E2]]})
    assert (closed.status, closed.json()) == (200, {"position": 3})
    assert world.call("door", "POST", "/-/close", {"rows": [[5, E2], [9, E2]]}).json() == {"position": 3}
    assert world.pay(world.form()).status == 409
    assert [entry.kind for entry in world.journal()] == ["accept", "close", "close"]
    world.stop()
    world.start(wait=False)
    world.until(lambda: world.health()["ok"])
    assert world.pay(world.form()).status == 409
    assert world.pay(world.form(epoch=E3), world.row(epoch=E3)).outcome == "done"
    assert world.pay(world.form(), world.row(epoch=E2)).status == 409
    assert world.visit("GET", "/", world.row(epoch=E3, mode="handing_back"), world.session()).status == 200


def test_a_new_generation_voids_ids_of_the_old_one(world: World) -> None:
    later = pack_epoch(2, 0)
    assert world.pay(world.form(epoch=E2), world.row(epoch=later)).outcome == "checking"
    assert world.journal()[-1].kind == "void"
    assert world.pay(world.form(epoch=later), world.row(epoch=later)).outcome == "done"


def test_before_the_copy_is_filled_nothing_is_taken(stage: World) -> None:
    stage.bank.away = True
    stage.start(wait=False)
    stage.until(lambda: stage.health()["filled"] is False)
    assert stage.health()["ok"] is False
    form = {"username": "ann", "password": "x"}
    assert stage.visit("POST", "/login", form=form).status == 503
    assert stage.journal() == []


def test_a_form_that_was_made_for_a_program_keeps_its_metadata(world: World) -> None:
    form = world.form(to="12345600020", amount="5") | {"metadata": '{"invoice": "2026-17"}'}
    assert world.pay(form).outcome == "done"
    (entry,) = [one for one in world.journal() if one.kind == "accept"]
    assert entry.payment().metadata == (("invoice", "2026-17"),)
    torn = world.pay(world.form(to="12345600020", amount="5") | {"metadata": '{"invoice": 5}'})
    assert (torn.status, len(world.journal())) == (422, 1)
