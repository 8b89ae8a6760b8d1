"""What customers set up for payments at the main bank: payees, payments to come, limits, and the proof of a risky one; by
keyboard alone without JavaScript on a narrow screen in Norwegian, and by mouse at a computer in English.
"""

import pytest


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B4")
def test_a_payee_is_saved_and_paid_from_the_list(visitor, bank):
    other = bank.person()
    visitor.open("/payees")
    visitor.at("payees").check()
    visitor.type("#to", other["accounts"][0]["number"])
    visitor.type("#name", "Nobody of that name")
    visitor.press("main form[action='/payees'] button.main")
    visitor.page.wait_for_selector("#name-wrong")
    visitor.check()
    assert visitor.mark("name-check", "#name") == "none"
    visitor.type("#name", other["name"])
    visitor.press("main form[action='/payees'] button.main")
    visitor.page.wait_for_selector("li[data-payee]")
    visitor.check()
    assert visitor.mark("name-check", "li[data-payee]") == "match"
    visitor.press("li[data-payee] a.main")
    visitor.at("pay")
    assert visitor.page.input_value("#name") == other["name"]
    visitor.type("#amount", "3.00" if visitor.page.locator("html[lang=en]").count() else "3,00")
    visitor.press("main form button.main")
    visitor.at("receipt")
    assert visitor.mark("outcome", "[data-outcome]") == "done"


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B4")
def test_a_monthly_payment_is_ordered_changed_and_cancelled(visitor, bank):
    other = bank.person()
    visitor.open("/orders/new")
    visitor.at("order").check()
    visitor.page.select_option("#rhythm", "monthly")
    visitor.pay(other, "120")
    visitor.at("orders").check()
    mine = f"li[data-plan]:has-text({other['name']!r})"
    assert visitor.mark("amount-minor", mine) == "12000"
    visitor.press(f"{mine} a.button")
    visitor.at("order").check()
    visitor.type("#amount", "130")
    visitor.press("main form button.main")
    visitor.at("orders")
    bank.wait_for("the change", lambda: _settled(visitor, mine), 15)
    assert visitor.mark("amount-minor", mine) == "13000"
    visitor.send(f"{mine} form button")
    visitor.at("orders")
    bank.wait_for("the cancelling", lambda: visitor.page.reload() and not visitor.page.locator(mine).count(), 15)


def _settled(visitor, mine):
    """Whether only the one in force is listed."""
    visitor.page.reload()
    return visitor.page.locator(mine).count() == 1 and visitor.mark("state", mine) == "active"


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B4")
def test_a_limit_is_lowered_at_once_and_the_raise_can_be_taken_back(visitor):
    visitor.open("/limits")
    visitor.at("limits").check()
    visitor.type("#payment", "5000")
    visitor.press("main form[action='/limits'] button.main")
    visitor.at("limits")
    assert visitor.mark("held-payment", "section[data-held-payment]") == "500000"
    visitor.type("#payment", "6000")
    visitor.press("main form[action='/limits'] button.main")
    visitor.page.wait_for_selector("[data-coming]")
    visitor.check()
    visitor.press("main form[action='/limits/keep'] button")
    visitor.page.wait_for_selector("[data-coming]", state="detached")
    assert visitor.mark("held-payment", "section[data-held-payment]") == "500000"


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B6")
def test_a_risky_payment_is_stopped_read_and_proved_by_code(visitor, bank):
    other = bank.unknown_to(visitor.person)
    visitor.open("/pay")
    visitor.pay(other, "5001", "invest now")
    visitor.at("warning").check()
    visitor.press("main form button")
    visitor.at("prove").check()
    visitor.type("#code", "000000")
    visitor.press("main form[action='/pay/confirm'] button.main")
    visitor.page.wait_for_selector("[data-problem]")
    visitor.check()
    visitor.type_code()
    visitor.press("main form[action='/pay/confirm'] button.main")
    visitor.at("receipt")
    assert visitor.mark("amount-minor", "[data-outcome]") == "500100"


@pytest.mark.demand("B4")
def test_a_payment_is_held_back_and_undone_and_another_goes_out(visitor, bank):
    _choose_window(visitor, "30")
    visitor.check()
    _held_back(visitor, bank)
    visitor.check()
    visitor.open("/orders")
    visitor.at("orders").check()
    visitor.press("li[data-held] a")
    visitor.at("receipt")
    visitor.press("form[action$='/undo'] button")
    visitor.page.wait_for_selector("[data-held=undone][data-state=refused]")
    visitor.check()
    _choose_window(visitor, "10")
    _held_back(visitor, bank)
    bank.wait_for("the payment", lambda: visitor.page.reload() and visitor.mark("state", "[data-state]") == "done", 20)
    _choose_window(visitor, "0")


def _choose_window(visitor, seconds):
    """How long payments are held back."""
    visitor.open("/limits")
    visitor.page.select_option("#seconds", seconds)
    visitor.press("#undo button")
    visitor.page.wait_for_selector(f"#undo[data-undo-s='{seconds}']")


def _held_back(visitor, bank):
    """Pay, and see that it waits."""
    visitor.open("/pay")
    visitor.pay(bank.person(), "2")
    visitor.at("receipt").page.wait_for_selector("[data-held=held]")
