"""Customers' programs: tokens made, shown once, limited and revoked; what they read, and what they may not."""

import hashlib
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from enrolling import PASSWORD
from programs import EVERYTHING, Program, code
from proofs import with_password

from holdfast.bank.api import callers
from holdfast.bank.api.models import ApiToken
from holdfast.bank.cards.freezing import open_cards
from holdfast.bank.cards.models import Card
from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.payments.models import SavedPayee
from holdfast.contracts import cards
from holdfast.contracts.api import Scope, read_token
from holdfast.guard.rates import Rates

pytestmark = pytest.mark.demand("B11", "B6")
MAKES = {"name": "Household book", "scope": ["accounts:read"], "days": "90", "day_limit": "", "password": PASSWORD}
NEEDS = {
    "/accounts": Scope.ACCOUNTS_READ,
    "/accounts/{account}": Scope.ACCOUNTS_READ,
    "/accounts/{account}/balance": Scope.ACCOUNTS_READ,
    "/accounts/{account}/transactions": Scope.ACCOUNTS_READ,
    "/payees": Scope.PAYEES_READ,
    "/orders": Scope.ORDERS_READ,
    "/cards": Scope.CARDS_READ,
}


@pytest.fixture
def ann(town, register):
    return with_password(town.ann)


def made_token(answer):
    return re.search(r'data-made-token="([^"]*)"', answer.content.decode()).group(1)


def card_of(person):
    made = cards.Card(uuid.uuid4().hex, person.account, person.id, "0042", "net", False, 20_000, 30_000, "2099-12")
    open_cards([made])
    return made.id


def test_a_token_is_shown_once_kept_as_a_digest_and_told_to_the_customer_and_the_spare_bank(ann):
    answer = ann.post("/security/tokens", MAKES)
    text = made_token(answer)
    kept = ApiToken.objects.get(customer=ann.id)
    assert (kept.digest, kept.scopes) == (hashlib.sha256(text.encode()).hexdigest(), ["accounts:read"])
    assert read_token(text).cohort == ann.cohort
    assert text not in ann.get("/security/tokens").content.decode()
    assert "Household book" in ann.get("/security").content.decode()
    told = Fact.objects.get(kind="api_token", key=kept.digest).body
    assert (told["customer"], told["scopes"], told["day_minor"]) == (ann.id, ["accounts:read"], 0)
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.token_made").count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "wrong"}, "proof"),
        ({"password": ""}, "proof"),
        ({"name": ""}, "name"),
        ({"scope": []}, "scope"),
        ({"scope": ["everything"]}, "scope"),
        ({"days": "9999"}, "days"),
        ({"scope": ["payments:write"]}, "day_limit"),
        ({"scope": ["payments:write"], "day_limit": "none"}, "day_limit"),
    ],
)
def test_a_form_with_a_wrong_field_makes_no_token_and_keeps_what_was_typed(ann, changed, field):
    answer = ann.post("/security/tokens", {**MAKES, **changed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in page
    assert changed.get("name", "Household book") in page
    assert not ApiToken.objects.filter(customer=ann.id).exists()


def test_a_revoked_token_is_refused_at_once_and_another_customers_is_not_found(ann, town):
    program = Program(ann)
    kept = ApiToken.objects.get(customer=ann.id)
    assert program.get("/accounts").status_code == 200
    other = town.person(0).log_in()
    assert other.post("/security/tokens/revoke", {"token": kept.id}).status_code == 404
    assert program.get("/accounts").status_code == 200
    assert ann.post("/security/tokens/revoke", {"token": kept.id}).status_code == 303
    assert code(program.get("/accounts")) == (401, "token-revoked")
    assert Fact.objects.filter(kind="api_token", key=kept.digest).order_by("-id").first().body is None


def test_freezing_everything_revokes_all_tokens_and_no_new_one_is_made(ann):
    programs = [Program(ann), Program(ann, Scope.PAYEES_READ)]
    ann.post("/security/freeze", {})
    assert [code(one.get("/accounts")) for one in programs] == [(401, "token-revoked")] * 2
    answer = ann.post("/security/tokens", MAKES)
    assert (answer.status_code, ApiToken.objects.filter(customer=ann.id).count()) == (422, 2)


def test_a_token_that_ended_is_refused_and_its_last_use_is_shown(ann):
    program = Program(ann)
    program.get("/accounts")
    kept = ApiToken.objects.get(customer=ann.id)
    assert timezone.now() - kept.used < timedelta(minutes=1)
    ApiToken.objects.filter(id=kept.id).update(ends=timezone.now())
    assert code(program.get("/accounts")) == (401, "token-ended")
    assert 'data-state="ended"' in ann.get("/security/tokens").content.decode()


def test_without_a_token_nobody_is_let_in_not_even_with_a_session(ann):
    answer = ann.get("/api/v1/accounts")
    assert code(answer) == (401, "token-missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    stranger = Client().get(
        "/api/v1/accounts", headers={"Holdfast-Row": ann.row(), "Authorization": "Bearer hfk_1_2_x"}
    )
    assert code(stranger) == (401, "token-unknown")


@pytest.mark.parametrize(("path", "scope"), NEEDS.items())
def test_each_address_takes_its_scope_and_no_other(ann, path, scope):
    path = path.format(account=ann.account)
    assert Program(ann, scope).get(path).status_code == 200
    others = Program(ann, *(one for one in EVERYTHING if one is not scope))
    refused = others.get(path)
    assert code(refused) == (403, "scope-missing")
    assert refused.json()["scopes"] == [scope.value]
    assert f'scope="{scope.value}"' in refused.headers["WWW-Authenticate"]


def test_changes_need_their_own_scopes(ann, town):
    readers = Program(ann, *(one for one in EVERYTHING if one not in (Scope.PAYMENTS_WRITE, Scope.CARDS_FREEZE)))
    card = card_of(ann)
    assert code(readers.pay(town.ben, 100)) == (403, "scope-missing")
    assert code(readers.ask("POST", f"/cards/{card}/freeze")) == (403, "scope-missing")
    assert (town.ben.balance, Card.objects.get(id=card).frozen) == (0, False)


def test_what_is_another_customers_answers_as_what_nobody_has(ann, town):
    other = town.person(5_000)
    theirs, program = Program(other), Program(ann)
    line = theirs.get(f"/accounts/{other.account}/transactions").json()["items"][0]
    made = theirs.pay(town.ben, 100).json()["id"]
    card = card_of(other)
    for path in ("", "/balance", "/transactions", f"/transactions/{line['id']}"):
        assert code(program.get(f"/accounts/{other.account}{path}")) == (404, "not-found")
    assert code(program.get(f"/accounts/{ann.account}/transactions/{line['id']}")) == (404, "not-found")
    assert code(program.get(f"/payments/{made}")) == (404, "not-found")
    assert code(program.get(f"/payments/{uuid.uuid4()}")) == (404, "not-found")
    assert code(program.ask("POST", f"/cards/{card}/freeze")) == (404, "not-found")
    assert not Card.objects.get(id=card).frozen


def test_a_program_reads_what_its_customer_sees(ann, town):
    SavedPayee.objects.create(
        customer=ann.id, account=town.ben.account, number=town.ben.number, name="Ben", checked="match"
    )
    program, card = Program(ann), card_of(ann)
    account = program.get("/accounts").json()["items"][0]
    assert (account["id"], account["balance"]["booked_minor"]) == (str(ann.account), 100_000)
    assert program.get(f"/accounts/{ann.account}/balance").json()["available_minor"] == 100_000
    assert program.get("/payees").json()["items"][0]["number"] == town.ben.number
    assert program.ask("POST", f"/cards/{card}/freeze").json()["frozen"] is True
    assert [one["frozen"] for one in program.get("/cards").json()["items"]] == [True]
    assert program.get("/orders").json() == {"items": []}


def test_entries_are_read_by_pages_and_filters_without_holes(ann, town):
    program = Program(ann)
    for amount in (100, 200, 300, 400):
        assert program.pay(town.ben, amount, more={"text": f"part {amount}"}).status_code == 201
    address, seen, cursor = f"/accounts/{ann.account}/transactions", [], ""
    for _ in range(3):
        page = program.get(f"{address}?limit=2{cursor}").json()
        seen += [one["amount_minor"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (seen, page["next_cursor"]) == ([-400, -300, -200, -100, 100_000], None)
    found = program.get(f"{address}?least_minor=200&most_minor=300&way=out&text=PART").json()["items"]
    assert [one["text"] for one in found] == ["part 300", "part 200"]
    one = program.get(f"{address}/{found[0]['id']}").json()
    assert (one["balance_after_minor"], one["payee"]) == (99_400, town.ben.name)


def test_what_asks_too_often_is_told_when_to_come_again(ann, monkeypatch):
    monkeypatch.setattr(callers, "by_token", Rates(2))
    program = Program(ann)
    first = program.get("/accounts")
    assert first.headers["RateLimit-Policy"] == '"default";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"default";r=1;t=')
    program.get("/accounts")
    refused = program.get("/accounts")
    assert code(refused) == (429, "too-many-requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert Program(ann).get("/accounts").status_code == 200


def test_who_tries_tokens_is_stopped_by_network_and_others_go_on(ann, monkeypatch):
    monkeypatch.setattr(callers, "by_network", Rates(2))
    guesser, program = Program(ann), Program(ann)
    guesser.token = guesser.token[:-4] + "aaaa"
    said = [code(guesser.get("/accounts", network="198.51.100.7"))[0] for _ in range(3)]
    assert said == [401, 401, 429]
    for network in ("198.51.100.7", "198.51.100.8"):
        assert program.get("/accounts", network=network).status_code == 200, "a good token beside the guesses"


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "/accounts/abc", (422, "invalid")),
        ("DELETE", "/accounts", (405, "method-not-allowed")),
        ("GET", "/accounts/1/transactions?limit=0", (422, "invalid")),
        ("GET", "/payments/abc", (422, "invalid")),
    ],
)
def test_every_mistake_is_told_as_a_problem(ann, method, path, said):
    assert code(Program(ann).ask(method, path)) == said


def test_words_are_in_the_language_that_the_program_asks_for(ann):
    program = Program(ann)
    answer = program.ask("GET", "/nothing", headers={"Accept-Language": "nb"})
    assert (answer.headers["Content-Language"], answer.json()["title"]) == ("nb", "Det er ingenting på denne adressen")


def test_a_token_under_another_cohorts_row_is_sent_back_to_its_own(ann):
    answer = Program(ann).get("/accounts", cohort=(ann.cohort + 1) % 256)
    assert (answer.status_code, answer.headers["Holdfast-Cohort"]) == (421, str(ann.cohort))
