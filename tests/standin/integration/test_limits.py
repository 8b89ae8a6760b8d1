"""Limits through the real process: by age, for deadlines, and a last good version that outlives a bad one."""

import time

from fakes import DAY, transfer
from world import LIMITS, World

from holdfast.contracts import ids

FOR_NEW_PAYEES = {"new_payee_minor": 30_000, "habit_floor_minor": 20_000}
NEWER = LIMITS | {
    "confirmed": True,
    "normal": LIMITS["normal"] | FOR_NEW_PAYEES,  # type: ignore[operator]
    "spare": LIMITS["spare"] | FOR_NEW_PAYEES,  # type: ignore[operator]
    "deadline_percent": 20,
}


def reason(world: World) -> tuple[str, str]:
    """Of the last journal entry."""
    entry = world.journal()[-1]
    return entry.kind, str(entry.body["reason"])


def test_limits_that_cannot_be_meant_do_not_hold_and_are_shown_also_after_a_restart(world: World) -> None:
    assert world.health()["rules_trouble"] is None
    for bad in (
        LIMITS | {"spare_total_minor": 0},
        LIMITS | {"spare": {"per_payment_minor": 1}},
        LIMITS | {"spare_total_minor": 15_000_001},
        None,
    ):
        world.bank.say("limits", "limits", bad)
        world.fed()
        health = world.health()
        assert health["ok"]
        assert health["exposure_limit_minor"] == 1_500_000
        assert health["rules_trouble"].startswith("New limits were not taken: ")
        assert world.pay(world.form()).outcome == "done"
    world.stop()
    world.bank.away = True
    world.start(wait=False)
    world.until(lambda: world.health()["ok"])
    assert "New limits were not taken" in world.health()["rules_trouble"]
    assert world.health()["exposure_limit_minor"] == 1_500_000
    assert world.pay(world.form()).outcome == "done"


def test_good_limits_and_a_confirmed_change_are_taken(world: World) -> None:
    world.bank.say("limits", "limits", LIMITS | {"spare_total_minor": 0})
    world.bank.say("limits", "limits", LIMITS | {"spare_total_minor": 90_000_000, "confirmed": True})
    world.fed()
    health = world.health()
    assert (health["rules_trouble"], health["exposure_limit_minor"]) == (None, 90_000_000)


def test_a_new_payee_has_a_tighter_limit_until_he_was_paid(world: World) -> None:
    world.bank.say("limits", "limits", NEWER)
    world.fed()
    large = {"amount": "300.01"}
    assert world.pay(world.form() | large).outcome == "refused-own"
    assert reason(world) == ("refusal", "new_payee_limit")
    assert world.pay(world.form() | {"amount": "1.00"}).outcome == "done"
    assert world.pay(world.form() | large).outcome == "done"
    own = {"to": "1234.56.00011", "name": "", "amount": "900.00"}
    assert world.pay(world.form() | own).outcome == "done"


def test_an_amount_far_above_the_habit_that_the_feed_brought_is_refused(world: World) -> None:
    world.bank.say("limits", "limits", NEWER)
    world.bank.add(*(transfer(10, 20, 2_000) for _ in range(3)))
    world.fed()
    assert world.pay(world.form() | {"amount": "200.01"}).outcome == "refused-own"
    assert reason(world) == ("refusal", "unusual_amount")
    assert world.pay(world.form() | {"amount": "200.00"}).outcome == "done"


def test_the_last_fifth_is_for_payments_with_a_deadline_by_mark_or_payee(world: World) -> None:
    world.bank.say("limits", "limits", LIMITS | {"deadline_percent": 20})
    world.fed()
    assert world.pay(world.form(amount="4,000.00")).outcome == "done"
    assert world.pay(world.form(amount="2,400.00")).outcome == "done"
    assert world.pay(world.form()).outcome == "refused-own"
    assert reason(world) == ("refusal", "kept_for_deadlines")
    assert world.pay(world.form(deadline="yes")).outcome == "done"
    assert world.journal()[-1].body["deadline"] is True
    assert world.pay(world.form()).outcome == "refused-own"
    world.bank.say("payee_kind", "20", {"kind": "tax"})
    world.fed()
    assert world.pay(world.form()).outcome == "done"
    assert world.journal()[-1].body["deadline"] is True


def test_every_decision_says_how_old_its_data_were_and_by_which_rules(world: World) -> None:
    world.pay(world.form())
    body = world.journal()[-1].body
    assert body["rules_version"] == "2026.4" == world.health()["rules_version"]
    assert (body["deadline"], body["fresh_block"]) == (False, world.health()["block"])
    assert 0 <= body["fresh_s"] <= 5


def test_a_form_keeps_the_mark_when_it_comes_back(town: World) -> None:
    form = town.form(amount="nothing", deadline="yes")
    assert 'name="deadline" value="yes" checked' in town.pay(form).text
    assert 'name="deadline" value="yes" checked' not in town.pay(form | {"deadline": ""}).text


def test_old_data_mean_smaller_limits_and_the_page_says_so(stage: World) -> None:
    then_us = time.time_ns() // 1000 - 7_200 * 10**6
    stage.start()
    stage.bank.add(transfer(1, 10, 5, kind="deposit"), at_us=then_us)
    stage.fed()
    assert "5,000.00" in stage.visit("GET", "/help", cookies=stage.session()).text
    stage.stop()
    stage.bank.away = True
    stage.start(wait=False)
    stage.until(lambda: stage.health()["ok"])
    assert stage.health()["exposure_limit_minor"] == 375_000
    page = stage.visit("GET", "/help", cookies=stage.session()).text
    assert "1,250.00" in page
    assert "25 percent" in page
    assert stage.pay(stage.form(amount="1,250.01")).outcome == "refused-own"
    assert reason(stage) == ("refusal", "spare_limit")
    assert stage.pay(stage.form(amount="1,250.00")).outcome == "done"
    assert stage.journal()[-1].body["fresh_s"] >= 7_200


def test_orders_that_must_arrive_in_time_are_run_first(stage: World) -> None:
    for number, kind in ((1, "bill"), (2, "bill"), (3, "rent")):
        stage.bank.say(
            "order",
            number,
            {
                "cohort": 5,
                "debit": 10,
                "credit": 30,
                "amount_minor": 600_000,
                "currency": "NOK",
                "payer": "Ann",
                "payee": "Cam",
                "text": "",
                "kind": kind,
                "due": DAY.isoformat(),
            },
        )
    stage.bank.say("order_run", DAY.isoformat(), {"at": "2026-01-01T00:00:00Z"})
    stage.start()
    stage.until(lambda: len(stage.journal()) == 3)
    first = stage.journal()[0]
    assert (first.kind, first.payment().id, first.body["deadline"]) == ("accept", ids.order_payment_id(3, DAY), True)
    assert [entry.kind for entry in stage.journal()[1:]] == ["void", "void"]


def test_health_states_the_worst_case_and_the_shadow_tells_its_callers_only(world: World) -> None:
    world.until(lambda: world.health()["exposure_worst_minor"] == 1_500_000)
    world.bank.add(transfer(10, 20, 1_000), transfer(10, 20, 2_000))
    world.fed()
    world.until(lambda: world.call("runtime", "GET", "/-/shadow").json()["judged"] == 2)
    told = world.call("control", "GET", "/-/shadow").json()
    assert (told["same"], told["same_share"], told["dropped"]) == (2, 1.0, 0)
    assert world.call("primary", "GET", "/-/shadow").status == 403
    assert 'standin_shadow{figure="judged",program="standin"} 2.0' in world.request("GET", "/-/metrics").text
