"""Customers' programs at the spare bank: known by the fact, answered in the main bank's form, paid once for each key."""

from typing import Any

import pytest
from fakes import E2
from using import EVERYTHING, Program, code
from world import World

from holdfast.contracts.api import Scope
from holdfast.contracts.ids import api_payment_id


def balance(program: Program) -> int:
    return int(program.ask("GET", "/accounts/10/balance").json()["booked_minor"])


def test_a_key_is_paid_once_and_answered_alike(world: World) -> None:
    program, ident = Program(world), api_payment_id(17, "invoice-7")
    first = program.pay("invoice-7")
    assert (first.status, first.json()["state"], first.outcome) == (201, "done", "done")
    again = [program.pay("invoice-7").json(), program.ask("GET", f"/payments/{ident}").json()]
    assert again == [first.json()] * 2
    assert balance(program) == 999_000
    (entry,) = [one for one in world.journal() if one.kind == "accept"]
    assert (entry.payment().id, entry.payment().cause, entry.body["birth"]) == (ident, "api:3", 0)
    assert code(program.pay("invoice-7", 1_001)) == (422, "key-reused")
    assert balance(program) == 999_000


@pytest.mark.parametrize("amount_minor", [100_001, 600_000])
def test_what_is_above_a_limit_is_never_refused_but_being_checked(world: World, amount_minor: int) -> None:
    program = Program(world)
    answer = program.pay("k", amount_minor)
    assert (answer.status, answer.json()["state"], answer.outcome) == (202, "checking", "checking")
    assert [one.kind for one in world.journal() if one.kind in ("accept", "void", "refusal")] == ["void"]
    assert program.ask("GET", f"/payments/{api_payment_id(17, 'k')}").json()["state"] == "checking"
    assert balance(program) == 1_000_000


def test_the_tokens_limit_counts_all_of_the_day(world: World) -> None:
    program = Program(world, day_minor=1_500)
    assert program.pay("a").status == 201
    assert program.pay("b", 501).status == 202
    assert program.pay("c", 500).status == 201


def test_a_revoked_an_unknown_and_an_ended_token_are_refused(world: World) -> None:
    program = Program(world)
    assert program.ask("GET", "/accounts").status == 200
    program.told(program.body | {"ends_us": 1})
    assert code(program.ask("GET", "/accounts")) == (401, "token-ended")
    program.told(None)
    assert code(program.ask("GET", "/accounts")) == (401, "token-unknown")
    assert code(program.ask("GET", "/accounts", Authorization="")) == (401, "token-missing")
    assert code(program.pay("k")) == (401, "token-unknown")
    assert [one for one in world.journal() if one.kind == "accept"] == []


def test_each_address_needs_its_scope(world: World) -> None:
    world.bank.say("card", "c" * 32, {"account": 10, "customer": 17, "last4": "0042", "network": "net", "frozen": False,
                                      "per_use_minor": 1, "per_day_minor": 1, "ends": "2099-12", "changed_us": 0})  # fmt: skip
    none, all_of_it = Program(world, ["orders:read"]), Program(world)
    for method, path in (("GET", "/accounts"), ("GET", "/accounts/10"), ("GET", "/payees"), ("GET", "/cards"),
                         ("POST", f"/cards/{'c' * 32}/freeze")):  # fmt: skip
        assert code(none.ask(method, path)) == (403, "scope-missing")
        answer = all_of_it.ask(method, path)
        assert (answer.status, "RateLimit" in answer.headers) == (200, True)
    assert all_of_it.ask("GET", "/cards").json()["items"][0]["frozen"] is True
    assert code(none.pay("k")) == (403, "scope-missing")


def test_what_is_another_customers_answers_as_not_found(world: World) -> None:
    world.bank.say("card", "d" * 32, {"account": 20, "customer": 18, "last4": "0042", "network": "net", "frozen": False,
                                      "per_use_minor": 1, "per_day_minor": 1, "ends": "2099-12", "changed_us": 0})  # fmt: skip
    program = Program(world, [scope for scope in EVERYTHING if scope != Scope.EXCHANGE_WRITE])
    for method, path in (("GET", "/accounts/20"), ("GET", "/accounts/20/balance"), ("POST", f"/cards/{'d' * 32}/freeze"),
                         ("GET", f"/payments/{api_payment_id(18, 'k')}")):  # fmt: skip
        assert code(program.ask(method, path)) == (404, "not-found")
    assert program.ask("GET", "/accounts", row=world.row(9)).status == 421
    assert program.ask("GET", "/accounts", row=world.row(epoch=E2 - 1)).status == 409


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amount_minor": "100"}, "amount_minor"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": True}, "amount_minor"),
        ({"text": "a\nb"}, "text"),
        ({"payee": "a\x7fb"}, "payee"),
        ({"kid": "a" * 141}, "kid"),
        ({"currency": "EUR"}, "currency"),
        ({"amont": 1}, "amont"),
        ({"to_number": "1234.56.00010"}, "to_number"),
    ],
)
def test_a_wrong_member_is_told_by_its_name_and_nothing_is_journaled(
    town: World, more: dict[str, Any], field: str
) -> None:
    program = Program(town)
    answer = program.pay("wrong", **more)
    assert code(answer) == (422, "invalid")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert [one for one in town.journal() if one.kind in ("accept", "void")] == []


def test_mistakes_are_told_as_the_main_bank_tells_them(town: World) -> None:
    program = Program(town)
    assert code(program.pay("k", payee="Carla Other")) == (422, "name-other")
    assert code(program.ask("POST", "/payments", {})) == (400, "key-missing")
    assert code(program.pay("a b")) == (400, "key-wrong")
    said = program.ask("POST", "/payments", {}, Idempotency_Key="k", Content_Type="text/plain")
    assert code(said) == (415, "not-json")
    for path in ("/orders", "/openapi.json", "/accounts/10/transactions"):
        later = program.ask("GET", path, Accept_Language="nb")
        assert (code(later), later.headers["Content-Language"]) == ((503, "later"), "nb")
        assert int(later.headers["Retry-After"]) > 0
        assert later.headers["Holdfast-Says"] == "later"
    assert [one for one in town.journal() if one.kind in ("accept", "void")] == []


def test_who_does_not_come_through_a_door_is_not_answered(town: World) -> None:
    program = Program(town)
    assert program.ask("GET", "/accounts", row="forged").status == 403


NAMED = {"invoice": "2026-17", "ref": "Ødegård"}


def test_metadata_stays_with_the_payment_until_it_is_entered(world: World) -> None:
    program = Program(world)
    first = program.pay("k", metadata=NAMED)
    assert (first.status, first.json()["metadata"]) == (201, NAMED)
    (entry,) = [one for one in world.journal() if one.kind == "accept"]
    assert dict(entry.payment().metadata) == NAMED
    ident = api_payment_id(17, "k")
    assert program.ask("GET", f"/payments/{ident}").json() == program.pay("k", metadata=NAMED).json() == first.json()
    for other in ({}, {"metadata": {"invoice": "other"}}):
        assert code(program.pay("k", **other)) == (422, "key-reused")
    page = world.visit("GET", f"/receipt/{ident.hex}", cookies=world.session()).text
    assert 'data-metadata="2"' in page and "2026-17" in page
    assert balance(program) == 999_000


def test_what_cannot_be_attached_is_told_by_its_field_and_nothing_is_taken(world: World) -> None:
    program = Program(world)
    wrong: list[Any] = [{"A": "b"}, {"a": 1}, ["a"], {"a": "x" * 501}, {str(n): "x" for n in range(17)}]
    for metadata in wrong:
        answer = program.pay("k", metadata=metadata)
        assert code(answer) == (422, "invalid")
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("metadata", "metadata-wrong")]
    assert [one for one in world.journal() if one.kind in ("accept", "void", "refusal")] == []
    assert program.pay("k", metadata=None).json()["metadata"] == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [("/exchange-quotes", {"from_account": "10", "to_account": "11", "sold_minor": 5}), ("/exchanges", {"quote": "x"})],
)
def test_exchange_waits_for_the_main_bank_in_words_and_leaves_no_trace(
    town: World, path: str, body: dict[str, Any]
) -> None:
    program = Program(town)
    before = len(program.world.journal())
    answer = program.ask("POST", path, body, Idempotency_Key="holiday", Accept_Language="nb")
    assert code(answer) == (503, "later") and answer.headers["Retry-After"] == "30"
    said = answer.json()["detail"]
    assert "Bare hovedsystemet vårt veksler penger" in said
    assert ("Ingenting er flyttet" in said) == (path == "/exchange-quotes")
    assert ("samme Idempotency-Key" in said) == (path == "/exchanges")
    assert answer.headers.get("Holdfast-Outcome") is None and len(program.world.journal()) == before
    assert code(Program(program.world, ["payments:write"]).ask("POST", path, body)) == (403, "scope-missing")


def test_an_exchange_that_the_main_bank_may_have_made_is_never_told_as_unknown(town: World) -> None:
    """It may have been sent there as the main bank fell: nothing of it is here yet."""
    path = f"/payments/{api_payment_id(17, 'holiday')}"
    answer = Program(town, ["exchange:write"]).ask("GET", path)
    assert code(answer) == (503, "later") and answer.headers["Retry-After"] == "30"
    assert code(Program(town, ["payments:read"]).ask("GET", path)) == (404, "not-found")
