"""The name check before paying: asked once, in words, never a refusal, and never about an id that was answered."""

import re
import uuid

import pytest
from fakes import E1, E2, refusal, transfer
from world import World

PAIR = "12345600020|somebody else"


def asked(text: str) -> str:
    """What the button to pay all the same sends; empty without one."""
    found = re.search(r'<button class="button" name="checked" value="([^"]*)">', text)
    return found.group(1) if found else ""


def test_a_name_that_does_not_fit_is_asked_about_before_anything_is_paid(town: World) -> None:
    before = len(town.journal())
    form = town.form(uuid.uuid4(), name="Somebody Else", text="<b>kept</b>", amount="12.50")
    answer = town.pay(form)
    assert (answer.status, answer.headers["Holdfast-Outcome"]) == (422, None)
    assert "not in the name you wrote, “Somebody Else”" in answer.text
    assert "cheat you" in answer.text
    assert "Bea Example" not in answer.text
    for kept in (form["id"], form["birth"], "12.50", "Somebody Else", "&lt;b&gt;kept&lt;/b&gt;", "1234.56.00020"):
        assert kept in answer.text
    assert asked(answer.text) == PAIR
    assert town.pay(form).status == 422
    assert len(town.journal()) == before


def test_a_payee_is_reached_by_the_name_they_had_until_lately_and_by_no_older_one(world: World) -> None:
    told = next(one["body"] for one in world.bank.facts if (one["kind"], one["key"]) == ("customer", "18"))
    for until, outcome in (("2199-01-01T00:00:00+00:00", "done"), ("2020-01-01T00:00:00+00:00", "")):
        world.bank.say("customer", 18, told | {"former": {"name": "Beatrix Formerly", "until": until}})
        world.fed()
        answer = world.pay(world.form(uuid.uuid4(), name="Beatrix Formerly"))
        assert (answer.outcome, "Beatrix" in answer.text) == (outcome, not outcome)


def test_paying_all_the_same_pays_once(town: World) -> None:
    form = town.form(uuid.uuid4(), name="Somebody Else")
    answer = town.pay(form | {"checked": asked(town.pay(form).text)})
    assert (answer.status, answer.outcome) == (303, "done")
    entry = town.journal()[-1]
    assert (entry.kind, entry.payment().id, entry.payment().payee) == ("accept", uuid.UUID(form["id"]), "Somebody Else")


def test_the_consent_holds_for_that_payee_only(town: World) -> None:
    before = len(town.journal())
    form = town.form(uuid.uuid4(), name="Somebody Else", checked=PAIR)
    for changed in ({"name": "Third Person"}, {"to": "1234.56.00030"}, {"checked": "yes"}, {"checked": ""}):
        answer = town.pay(form | changed)
        assert (answer.status, bool(asked(answer.text))) == (422, True)
    assert len(town.journal()) == before


def test_a_form_that_the_main_bank_warned_about_can_be_sent_here(town: World) -> None:
    """The main bank names the field `checked`, with the number as it stores it and the name in small letters."""
    form = town.form(uuid.uuid4(), signer="primary", name="Somebody Else", to="1234 56 00020", checked=PAIR)
    assert town.pay(form).outcome == "done"


@pytest.mark.parametrize("name", ["Bea Example", "bea", "EXAMPLE BEA", "Bea M. Example", ""])
def test_a_name_that_fits_is_not_asked_about(town: World, name: str) -> None:
    assert town.pay(town.form(uuid.uuid4(), name=name)).outcome == "done"


def test_an_id_that_was_answered_is_answered_alike_and_not_asked_about(town: World) -> None:
    booked, settled, own = (uuid.uuid4() for _ in range(3))
    town.bank.add(transfer(10, 20, 1000, id=booked), refusal(settled, "journal"), refusal(own))
    town.fed()
    done, void, refused = (town.form(uuid.uuid4()), town.form(uuid.uuid4(), epoch=E1), town.form(uuid.uuid4()))
    void, refused = void | {"amount": "99,999.00"}, refused | {"amount": "99,999.00"}
    assert [town.pay(form).outcome for form in (done, void, refused)] == ["done", "checking", "refused-own"]
    before = len(town.journal())
    forms = [done, void, refused, *(town.form(ident, epoch=E1) for ident in (booked, settled, own))]
    assert [town.pay(form | {"name": "Somebody Else"}).outcome for form in forms] == [
        "done",
        "checking",
        "refused-own",
        "done",
        "refused-settled",
        "refused-own",
    ]
    assert len(town.journal()) == before


@pytest.mark.parametrize("epoch", [E1, E2])
def test_asking_again_is_no_refusal_of_an_older_id(town: World, epoch: int) -> None:
    form = town.form(uuid.uuid4(), epoch=epoch, name="Somebody Else")
    before = len(town.journal())
    answer = town.pay(form)
    assert (answer.status, answer.headers["Holdfast-Outcome"]) == (422, None)
    assert uuid.UUID(form["id"]).hex not in town.doors.claims
    assert len(town.journal()) == before
    assert "No money was taken" not in answer.text
    town.bank.add(transfer(10, 20, 1000, id=uuid.UUID(form["id"])))  # the bank had booked it after all
    town.fed()
    assert town.pay(form).outcome == "done"
    assert len(town.journal()) == before


def test_an_older_id_to_an_account_that_only_the_bank_knows_is_not_asked_about(town: World) -> None:
    form = town.form(uuid.uuid4(), epoch=E1, to="9999.99.99999", name="Somebody Else", amount="99,999.00")
    assert town.pay(form).outcome == "checking"


def test_a_name_that_nearly_fits_is_asked_about_with_the_owners(town: World) -> None:
    form = town.form(uuid.uuid4(), name="Bea Exampel")
    answer = town.pay(form)
    assert (answer.status, "belongs to Bea Example" in answer.text) == (422, True)
    assert town.pay(form | {"checked": asked(answer.text)}).outcome == "done"
