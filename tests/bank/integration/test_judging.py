"""The rules at the main bank: limits with a last known good version, new payees, habits, and rules that break."""

import json
import uuid
from datetime import timedelta

import proofs
import pytest
from django.utils import timezone
from proofs import outcome, with_password

from holdfast.bank import commands
from holdfast.bank.exchange.facts import LIMITS_DEFAULT, bank_facts, mark_payee, set_limits
from holdfast.bank.exchange.models import BankFact, Fact
from holdfast.bank.exchange.replay import replay
from holdfast.bank.filling.fill import LIMITS
from holdfast.bank.payments import judging
from holdfast.bank.payments.models import Intent
from holdfast.guard import BadLimits


@pytest.fixture
def limits():
    """The limits may be changed; before and afterwards they are those of a new bank."""

    def anew() -> None:
        BankFact.objects.filter(key__in=("limits", "limits_good")).update(body=LIMITS)
        bank_facts.forget()

    anew()
    yield
    anew()


def pay(town, person, amount, **more):
    form = person.form(town.ben, amount, **more)
    return outcome(proofs.pay(with_password(person), form)), Intent.objects.get(id=form["id"]).reason


def tell_without_checking(body):
    """As a rehearsal breaks the rules: straight into the database and the stream, past every check."""
    BankFact.objects.filter(key="limits").update(body=body)
    Fact.objects.create(kind="limits", key="limits", body=body)
    bank_facts.forget()


@pytest.mark.parametrize(
    "bad",
    [
        {},
        LIMITS | {"normal": LIMITS["normal"] | {"per_payment_minor": 0}},
        LIMITS | {"normal": LIMITS["normal"] | {"per_payment_minor": 1}},
        LIMITS | {"spare_total_minor": 10**15},
    ],
)
def test_bad_rule_the_last_good_limits_hold_and_the_trouble_is_shown(town, call, limits, bad):
    tell_without_checking(bad)
    assert pay(town, town.ann, "10") == ("done", "")
    assert bank_facts.limits() == LIMITS_DEFAULT
    health = call("/-/health").json()
    assert health["ok"]
    assert health["rules_trouble"].startswith("New limits were not taken: ")
    set_limits(LIMITS)
    assert pay(town, town.ann, "10") == ("done", "")
    assert call("/-/health").json()["rules_trouble"] is None


def test_health_tells_of_bad_limits_and_of_their_end_though_nobody_pays(town, call, limits):
    assert call("/-/health").json()["rules_trouble"] is None
    tell_without_checking(LIMITS | {"spare_total_minor": 10**15})
    assert call("/-/health").json()["rules_trouble"].startswith("New limits were not taken: ")
    set_limits(LIMITS)
    assert call("/-/health").json()["rules_trouble"] is None


def test_the_command_sets_limits_that_can_be_meant_and_says_why_not(town, limits, tmp_path, capsys):
    file = tmp_path / "limits.json"
    wide = LIMITS | {"spare_cohort_minor": LIMITS["spare_cohort_minor"] * 11}
    facts = Fact.objects.filter(kind="limits").count()
    for text in ("{", "7", "{}", json.dumps(wide)):
        file.write_text(text)
        assert commands.set_limits(file, confirmed=False) == 1
        assert capsys.readouterr().err.startswith("Nothing was changed: ")
    assert Fact.objects.filter(kind="limits").count() == facts
    assert bank_facts.limits() == LIMITS_DEFAULT
    assert commands.set_limits(file, confirmed=True) == 0
    assert bank_facts.limits().cohort_minor == wide["spare_cohort_minor"]
    assert Fact.objects.filter(kind="limits").order_by("-id")[0].body["confirmed"] is True
    with pytest.raises(BadLimits):
        set_limits(LIMITS | {"spare_total_minor": 1})


def test_a_new_payee_has_a_tighter_limit_until_he_was_paid(town, limits):
    tight = LIMITS["normal"] | {"new_payee_minor": 2_500_000, "habit_floor_minor": 20_000_000}
    set_limits(LIMITS | {"normal": tight, "confirmed": True})
    rich = town.person(90_000_000).log_in()
    assert pay(town, rich, "25000.01") == ("refused-own", "new_payee_limit")
    assert pay(town, rich, "25000.00") == ("done", "")
    assert pay(town, rich, "25000.01") == ("done", "")


def test_an_amount_far_above_the_habit_is_refused_when_there_is_a_habit(town, limits):
    tight = LIMITS["normal"] | {"habit_floor_minor": 2_000_000}
    set_limits(LIMITS | {"normal": tight, "confirmed": True})
    rich = town.person(90_000_000).log_in()
    for _ in range(3):
        assert pay(town, rich, "100") == ("done", "")
    assert pay(town, rich, "20000.01") == ("refused-own", "unusual_amount")
    assert pay(town, rich, "20000.00") == ("done", "")
    assert pay(town, rich, "200000.00") == ("done", "")


def test_what_is_older_than_90_days_is_no_habit_and_refused_ones_never_are(town):
    rich = town.person(90_000_000).log_in()
    pay(town, rich, "100")
    Intent.objects.filter(customer=rich.id).update(created=timezone.now() - timedelta(days=91))
    pay(town, rich, "999999")
    request = judging.Request(
        uuid.uuid4(), rich.id, rich.account, town.ben.account, 1, "NOK", "NOK", "a", "b", "", 0, town.cohort, 1
    )
    found = judging.activity(request, timezone.now())
    assert (found.habit.payments, found.to_payee, found.hour, found.today_minor) == (0, 0, 0, 0)


def test_many_payments_in_an_hour_are_refused(town, limits):
    few = LIMITS["normal"] | {"payments_per_minute_max": 6, "payments_per_hour_max": 120}
    set_limits(LIMITS | {"normal": few, "confirmed": True})
    rich = town.person(90_000_000).log_in()
    template = Intent(
        customer=rich.id, debit=rich.account, credit=town.ben.account, amount_minor=1, currency="NOK", cohort=0, epoch=1,
        payer="a", payee="b", outcome="posted", created=timezone.now() - timedelta(minutes=30),
    )  # fmt: skip
    rows = [
        Intent(**{**{f.name: getattr(template, f.name) for f in Intent._meta.fields}, "id": uuid.uuid4()})
        for _ in range(119)
    ]
    Intent.objects.bulk_create(rows)
    assert pay(town, rich, "10") == ("done", "")
    assert pay(town, rich, "10") == ("refused-own", "too_many")


def test_rules_that_break_mean_a_tenth_of_the_limit_and_no_failed_payment(town, call, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    rich = town.person(90_000_000).log_in()
    assert pay(town, rich, "10") == ("done", "")
    monkeypatch.setattr(judging.rules, "_rules", broken)
    monkeypatch.setattr(judging.rules, "not_judged", 0)
    assert pay(town, rich, "50000.00") == ("done", "")
    assert pay(town, rich, "50000.01") == ("refused-own", "amount_limit")
    health = call("/-/health").json()
    assert (health["rules_not_judged"], "by nothing" in health["rules_trouble"]) == (2, True)
    monkeypatch.setattr(judging.rules, "trouble", "")


def test_what_was_paid_at_the_spare_bank_counts_here_after_the_replay(town, journal):
    paid = town.payment(town.ann.account, town.ben.account, 4_000)
    journal.payment("accept", paid)
    replay(None)
    replay(None)
    intent = Intent.objects.get(id=paid.id)
    assert (intent.outcome, intent.source, intent.customer, intent.amount_minor) == (
        "posted",
        "journal",
        town.ann.id,
        4_000,
    )
    request = judging.Request(
        uuid.uuid4(), town.ann.id, town.ann.account, town.ben.account, 1, "NOK", "NOK", "a", "b", "", 0, town.cohort, 1
    )
    found = judging.activity(request, timezone.now())
    assert (found.habit.payments, found.habit.largest_minor, found.to_payee, found.minute) == (1, 4_000, 1, 1)
    assert town.ann.get("/money").content.decode().count(paid.id.hex) == 1


def test_the_form_keeps_the_mark_that_a_payment_must_arrive_in_time(town):
    page = town.ann.post("/pay", town.ann.form(town.ben, "nothing", deadline="yes")).content.decode()
    assert 'name="deadline" value="yes" checked' in page
    assert pay(town, town.ann, "10", deadline="yes") == ("done", "")


def test_payees_whose_payments_must_arrive_in_time_are_told_to_the_spare_bank(town, capsys):
    assert commands.mark_payee(town.ben.number, "tax") == 0
    assert Fact.objects.filter(kind="payee_kind").order_by("-id")[0].body == {"kind": "tax"}
    assert commands.mark_payee("no such", "tax") == 1
    with pytest.raises(ValueError, match="gift"):
        mark_payee(town.ben.account, "gift")
    landlord = Fact.objects.filter(kind="payee_kind").order_by("id")[0]
    assert (landlord.key, landlord.body) == ("1001", {"kind": "rent"})
    assert capsys.readouterr().err == "There is no account no such; nothing was changed.\n"
