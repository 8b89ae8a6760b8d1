"""The bank as an app: what stands there without a connection, and nothing that was sent is kept to be sent later."""

import re

import pytest

pytestmark = pytest.mark.demand("B10")
READY = "() => navigator.serviceWorker.ready.then((found) => found.active && !!navigator.serviceWorker.controller)"


@pytest.fixture
def customer(bank, visit):
    """Somebody at the main bank whose browser has the app's worker."""
    bank.to_main()
    made = visit(360, language="nb", app=True)
    made.person = bank.well_off()
    made.log_in()
    made.at("overview")
    bank.wait_for("the worker of the app", lambda: made.page.evaluate(READY))
    return made


def shown(customer):
    """What the page without a connection shows to a customer: its words in the language that is seen."""
    return customer.at("offline").page.locator("[data-offline]:not([hidden])")


def test_who_wants_it_sees_their_last_balances_with_the_time_when_nothing_can_be_reached(customer):
    context = customer.page.context
    customer.open("/app")
    customer.at("app").check()
    customer.press("[data-keep] button")
    assert customer.page.locator("[data-keep] button").get_attribute("aria-pressed") == "true"
    customer.open("/")
    amount = customer.at("overview").page.locator("section[data-account] .amount").first.inner_text()
    context.set_offline(True)
    customer.open("/")
    page = shown(customer)
    assert page.get_attribute("lang") == "nb"
    assert page.locator("dd").first.inner_text() == amount
    assert re.search(r"slik du så dem \d+\. \w+ \d{4}", page.locator("[data-kept-at]").inner_text())
    customer.check()
    context.set_offline(False)
    customer.press("[data-offline]:not([hidden]) a.main")
    customer.at("overview")
    customer.send("form[action='/logout'] button")
    customer.at("login")
    assert customer.page.evaluate("[localStorage.getItem('holdfast-kept'), localStorage.getItem('holdfast-keep')]") == [
        None,
        None,
    ]


def test_a_payment_without_a_connection_is_not_kept_and_the_customer_is_told(bank, customer):
    context = customer.page.context
    customer.open("/pay")
    customer.at("pay")
    ident = customer.page.input_value("input[name=id]")
    context.set_offline(True)
    customer.pay(bank.person(), "12,50")
    page = shown(customer)
    assert page.locator("[data-was-sent]").is_visible()
    assert page.locator("dd").count() == 0
    context.set_offline(False)
    customer.open(f"/receipt/{ident}")
    customer.at("not-found")


def test_the_open_app_goes_on_at_the_spare_bank(bank, customer):
    bank.wait_for("the spare bank was told", bank.is_fed)
    bank.to_spare()
    try:
        customer.open("/")
        assert customer.at("overview").mark("bank") == "standin"
        assert customer.page.evaluate(READY)
    finally:
        bank.to_main()
