"""Money exchanged between own accounts in a real browser: the rates, the offer, the receipt, both entries."""

import pytest


@pytest.mark.demand("B1", "B4", "B9")
def test_money_is_exchanged_into_a_new_account_and_both_entries_explain_it(visitor):
    visitor.open("/accounts/new")
    visitor.page.locator("select[name=currency]").select_option("JPY")
    visitor.type("#title", "Tokyo")
    visitor.press("main form button.main")
    account = visitor.at("opened").mark("opened", "[data-opened]")
    visitor.open("/exchange")
    visitor.at("exchange-rates").check()
    visitor.page.locator("#to").select_option(label="Tokyo · JPY")
    visitor.type("#amount", "0,01")
    visitor.press("main form button.main")
    visitor.at("pay").check()
    assert visitor.page.locator("#amount").input_value() == "0,01"
    assert visitor.page.locator("#amount").get_attribute("aria-invalid") == "true"
    visitor.type("#amount", "20")
    visitor.press("main form button.main")
    visitor.at("exchange-offer").check()
    given = visitor.mark("bought-minor", "[data-offer]")
    visitor.press("main form button.main")
    visitor.at("receipt").check()
    visitor.press("main a[href$='#how']")
    visitor.at("line").check()
    visitor.press("#how a")
    visitor.at("line").check()
    assert (visitor.mark("account", "[data-amount-minor]"), visitor.mark("amount-minor", "[data-amount-minor]")) == (
        account,
        given,
    )
