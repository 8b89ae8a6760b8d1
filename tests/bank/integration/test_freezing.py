"""Freeze everything: one button stops what leaves a customer's accounts, and only who shows anew who they are undoes it."""

import hashlib
import itertools
import json
import time
import uuid
from dataclasses import replace

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from enrolling import PASSWORD, both_steps, mark, old_login

from holdfast.bank.api.tokens import find_token, make_token
from holdfast.bank.cards.freezing import open_cards
from holdfast.bank.cards.models import Card
from holdfast.bank.commands import write_order_run
from holdfast.bank.customers import passwords
from holdfast.bank.customers.models import Customer, Owner
from holdfast.bank.customers.opening import NewOrder, open_orders
from holdfast.bank.customers.sessions import read_session
from holdfast.bank.exchange import replay as replaying
from holdfast.bank.exchange.models import Fact, JournalPosition
from holdfast.bank.factors.models import SecurityEvent
from holdfast.bank.freezing import known
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.freezing.models import Frozen
from holdfast.bank.mail.models import Mail
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import run_orders
from holdfast.bank.orders.models import Execution
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.contracts import cards
from holdfast.contracts.api import read_token

pytestmark = pytest.mark.demand("B4", "B6", "G3")
ORDERS = itertools.count(970_000)


@pytest.fixture
def ann(town, register):
    Customer.objects.filter(id=town.ann.id).update(verifier=passwords.make_verifier(PASSWORD))
    return town.ann


def card_of(person, frozen=False):
    made = cards.Card(uuid.uuid4().hex, person.account, person.id, "0042", "net", frozen, 20_000, 30_000, "2099-12")
    open_cards([made])
    return made.id


def freeze(person):
    answer = person.post("/security/freeze", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/security/freeze")


def confirm(person):
    return person.post("/security/confirm", {"password": PASSWORD})


def pay(person, to):
    answer = person.post("/pay", person.form(to, "10"))
    assert answer.status_code == 303
    return person.get(answer.headers["Location"])


def use(person, card, keys):
    raw = json.dumps({
        "network": "net", "transaction": uuid.uuid4().hex, "card": card, "amount_minor": 100, "currency": "NOK",
        "merchant": "Grocer", "merchant_code": "5411", "at": timezone.now().isoformat(), "final": True,
    }).encode()  # fmt: skip
    token = keys["network"].sign("card-use", {"sha256": hashlib.sha256(raw).hexdigest(), "at": time.time()})
    headers = {"Holdfast-Row": person.row(), "Holdfast-Network": token}
    answer = Client().generic("POST", "/cards/authorisations", raw, content_type="application/json", headers=headers)
    return answer.json()["outcome"], answer.json()["reason"]


def last_fact(account):
    return Fact.objects.filter(kind="frozen", key=str(account)).latest("id").body


def test_nothing_is_paid_by_hand_or_card_while_everything_is_frozen_and_all_is_again_after(ann, town, keys, door):
    card, closed = card_of(ann), card_of(ann, frozen=True)
    before = ann.balance
    freeze(ann)
    shown = pay(ann, town.ben).content.decode()
    assert mark(ann.get("/security/freeze"), "frozen") == "true"
    assert ("Everything was frozen" in shown, "data-frozen-notice" in shown) == (True, True)
    assert use(ann, card, keys) == ("declined", "customer_frozen")
    assert (ann.balance, town.ben.balance) == (before, 0)
    assert Card.objects.filter(id__in=(card, closed), frozen=True).count() == 2
    assert last_fact(ann.account) == {}
    assert confirm(ann).headers["Location"] == "/security/freeze"
    assert ann.post("/security/freeze/open", {}).status_code == 303
    assert use(ann, card, keys) == ("approved", "ok")
    assert mark(pay(ann, town.ben), "outcome") == "done"
    assert Card.objects.get(id=closed).frozen
    assert last_fact(ann.account) is None


def test_money_still_arrives_and_other_customers_pay(ann, town):
    freeze(town.ben.log_in())
    assert mark(pay(ann, town.ben), "outcome") == "done"
    assert town.ben.balance == 1000


def test_a_standing_order_is_refused_says_why_and_costs_nothing(ann, town, door, register):
    day = timezone.localdate()
    number = next(ORDERS)
    open_orders([
        NewOrder(number, town.cohort, ann.account, town.ben.account, 500, "NOK", ann.name, "Ben", "Rent", "rent", day)
    ])  # fmt: skip
    freeze(ann)
    write_order_run(day, timezone.now())
    for _ in range(20):
        run_orders()
    tell_refusals()
    charge_late_orders()
    ran = Execution.objects.get(order=number)
    assert (ran.state, ran.reason, ran.settled) == ("refused", "customer_frozen", True)
    assert not hasattr(ran, "charge")
    assert town.ben.balance == 0
    assert "Everything was frozen by an owner" in ann.get("/money").content.decode()


def test_it_ends_every_other_session_and_is_told_by_mail(ann, keys):
    both_steps(ann)
    phone = ann.client.cookies["hf_bank"].value
    ann.client.cookies.clear()
    both_steps(ann)
    freeze(ann)
    assert ann.get("/").status_code == 200
    ann.client.cookies["hf_bank"] = phone
    assert ann.get("/").headers["Location"] == "/login"
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.frozen").count() == 1


def test_a_session_that_froze_cannot_open_again_without_showing_anew_who_it_is(ann):
    freeze(ann)
    refused = ann.post("/security/freeze/open", {})
    assert (refused.status_code, mark(refused, "page")) == (403, "security")
    assert Frozen.objects.filter(customer=ann.id).exists()
    assert confirm(ann).status_code == 303
    assert ann.post("/security/freeze/open", {}).status_code == 303
    assert not Frozen.objects.filter(customer=ann.id).exists()


def test_an_old_session_may_freeze_but_not_open(ann, keys):
    old_login(ann, keys)
    freeze(ann)
    assert ann.post("/security/freeze/open", {}).status_code == 403
    assert Frozen.objects.filter(customer=ann.id).exists()


def test_a_shared_account_pays_nothing_until_every_owner_who_froze_it_opened_it(ann, town):
    ben = town.person(1000).log_in()
    Customer.objects.filter(id=ben.id).update(verifier=passwords.make_verifier(PASSWORD))
    Owner.objects.create(account_id=ann.account, customer_id=ben.id)
    for one in (ann, ben):
        freeze(one)
    for one, body in ((ann, {}), (ben, None)):
        confirm(one)
        assert one.post("/security/freeze/open", {}).status_code == 303
        assert last_fact(ann.account) == body


def test_freezing_twice_changes_nothing_more(ann):
    freeze(ann)
    facts, events = Fact.objects.count(), SecurityEvent.objects.filter(customer=ann.id).count()
    freeze(ann)
    assert (Fact.objects.count(), SecurityEvent.objects.filter(customer=ann.id).count()) == (facts, events)


def test_a_payment_asks_the_database_nothing_more_for_it(ann, town):
    pay(ann, town.ben)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            ann.post("/pay", ann.form(town.ben, "10"))
    assert sum('"frozen"' in one["sql"] for one in asked) <= 1


def test_with_the_store_away_its_page_says_so_and_asks_it_nothing_more(ann, monkeypatch):
    class Away:
        @property
        def objects(self):
            raise OperationalError("the database does not answer")

    frozen_now.forget()
    monkeypatch.setattr(known, "Frozen", Away())
    answer = ann.get("/")
    assert (answer.status_code, mark(answer, "page")) == (503, "away")


def frozen_at_spare(person, journal, session="elsewhere", at_us=0, **more):
    at_us = at_us or time.time_ns() // 1000
    body = {
        "customer": person.id, "changed_us": at_us, "at_us": at_us, "session": session, "accounts": [person.account],
        "cards": [], **more,
    }  # fmt: skip
    journal.add("freeze", body, person.cohort)
    return body


def own_session(person):
    return read_session({"hf_bank": person.client.cookies["hf_bank"].value})[0]


def change_told(person):
    return Fact.objects.filter(kind="freeze", key=str(person.id)).latest("id").body


def repeat_from(position):
    """As if the bank had fallen before it kept how far it had come."""
    JournalPosition.objects.filter(id=1).update(position=position.position, hash=position.hash)
    replaying.replay(None)


def test_a_freeze_of_the_spare_bank_is_entered_once_however_often_it_is_replayed(ann, town, keys, door, journal):
    Customer.objects.filter(id=ann.id).update(email="ann@frozen.example")
    replaying.replay(None)
    before = replaying.stored_position()
    card, closed = card_of(ann), card_of(ann, frozen=True)
    body = frozen_at_spare(ann, journal, own_session(ann).session, cards=[card])
    for _ in range(3):
        repeat_from(before)
    assert SecurityEvent.objects.filter(customer=ann.id, event="event.frozen").count() == 1
    assert Mail.objects.filter(customer=ann.id, notice="security-changed").count() == 1
    assert change_told(ann) == {"frozen": True, "changed_us": body["changed_us"]}
    assert last_fact(ann.account) == {}
    assert mark(ann.get("/security/freeze"), "frozen") == "true"
    assert "Everything was frozen" in pay(ann, town.ben).content.decode()
    assert use(ann, card, keys) == ("declined", "customer_frozen")
    assert (ann.post("/security/freeze/open", {}).status_code, town.ben.balance) == (403, 0)
    assert confirm(ann).status_code == 303
    assert ann.post("/security/freeze/open", {}).status_code == 303
    assert change_told(ann)["changed_us"] > body["changed_us"]
    repeat_from(before)
    assert not Frozen.objects.filter(customer=ann.id).exists()
    assert (Card.objects.get(id=card).frozen, Card.objects.get(id=closed).frozen) == (False, True)
    assert mark(pay(ann, town.ben), "outcome") == "done"


def test_sessions_begun_before_it_end_here_too_even_those_that_this_bank_never_saw(ann, keys, journal):
    mine, now = own_session(ann), time.time()

    def held(ident, began):
        said = replace(mine, session=ident, began=began, issued=now)
        ann.client.cookies["hf_bank"] = keys["primary"].sign("session", said.to_payload())
        return ann.get("/").status_code == 200

    assert held("thief", now - 60)
    frozen_at_spare(ann, journal, mine.session, int(now * 1e6))
    replaying.replay(None)
    assert not held("thief", now - 60)
    assert not held("never-seen", now - 30)
    assert held(mine.session, mine.began)
    assert held("after", now + 1)


def test_a_freeze_ends_the_tokens_of_programs_and_of_who_left_nothing_is_frozen(ann, town, journal):
    token = make_token(Customer.objects.get(id=ann.id), "Books", frozenset({"accounts:read"}), 30, 0)
    frozen_at_spare(ann, journal)
    gone = town.person(0)
    Customer.objects.filter(id=gone.id).update(left=timezone.now())
    frozen_at_spare(gone, journal)
    replaying.replay(None)
    found = find_token(read_token(token))
    assert (found.revoked is not None, last_of("api_token", found.digest)) == (True, None)
    assert not Frozen.objects.filter(customer=gone.id).exists()


def last_of(kind, key):
    return Fact.objects.filter(kind=kind, key=key).latest("id").body


def test_what_was_opened_later_here_is_not_frozen_again_by_an_older_freeze(ann, journal):
    before_us = time.time_ns() // 1000
    freeze(ann)
    confirm(ann)
    assert ann.post("/security/freeze/open", {}).status_code == 303
    frozen_at_spare(ann, journal, at_us=before_us)
    replaying.replay(None)
    assert not Frozen.objects.filter(customer=ann.id).exists()


def test_the_spare_bank_is_told_who_froze_before_it_has_to_serve(ann):
    freeze(ann)
    told = change_told(ann)
    assert (told["frozen"], told["changed_us"] > 0) == (True, True)
    numbers = list(
        Fact.objects.filter(kind__in=("freeze", "frozen")).order_by("-id").values_list("kind", flat=True)[:2]
    )
    assert numbers == ["freeze", "frozen"]  # behind the accounts that it speaks of
