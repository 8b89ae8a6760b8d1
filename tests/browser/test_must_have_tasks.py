"""What every customer must be able to do, at both banks: by keyboard alone without JavaScript on a narrow screen,
and by mouse at a computer (in the long tests; test_all_ways.py walks each task in ways drawn by the seed).
"""

import re

import pytest

WAYS = {"keyboard, no JavaScript, 360 px": (360, True), "mouse, 1280 px": (1280, False)}


@pytest.fixture(scope="module", params=["primary", "standin"])
def served_by(request, bank):
    """Which bank serves everyone; each is walked once."""
    if request.param == "standin":
        bank.to_spare()
        yield request.param
        bank.to_main()
    else:
        bank.to_main()
        yield request.param


@pytest.fixture(params=[pytest.param(way, marks=[pytest.mark.long] if "mouse" in way else []) for way in WAYS])
def visitor(request, served_by, visit, draw):
    """Light or dark is drawn by the seed, for the whole run: a page is looked at in each of the two by turns of runs."""
    width, keyboard = WAYS[request.param]
    dark = draw.__dict__.setdefault("must_have_dark", draw.random() < 0.5)
    return visit(width, keyboard, dark=dark)


@pytest.mark.demand("B1", "S1")
def test_a_customer_logs_in_looks_pays_sees_the_receipt_and_logs_out(visitor, bank, served_by):
    other = bank.person()
    visitor.log_in()
    visitor.at("overview").check()
    assert visitor.mark("bank") == served_by
    assert visitor.mark("customer") == str(visitor.person["customer"])
    account = visitor.person["accounts"][0]["id"]
    before = int(visitor.mark("balance-minor", f"[data-account='{account}']"))
    visitor.press(f"main a[href='/accounts/{account}']")
    visitor.at("account").check()
    assert visitor.page.locator("li[data-payment]").count() >= 1
    visitor.go("Pay")
    visitor.at("pay").check()
    visitor.pay(other, "12.50", "Thanks for lunch")
    visitor.at("receipt").check()
    assert visitor.mark("outcome", "[data-outcome]") == "done"
    assert visitor.mark("amount-minor", "[data-outcome]") == "1250"
    payment = visitor.mark("payment", "[data-outcome]")
    assert "Paid" in visitor.page.locator("h1").inner_text()
    visitor.go("What happened")
    visitor.at("money").check()
    line = visitor.page.locator(f"li[data-payment='{payment}']")
    assert line.get_attribute("data-state") == "done"
    assert line.get_attribute("data-amount-minor") == "-1250"
    visitor.go("Overview")
    visitor.at("overview")
    assert int(visitor.mark("balance-minor", f"[data-account='{account}']")) == before - 1250
    visitor.log_out()
    visitor.open("/")
    visitor.at("login")


@pytest.mark.demand("B1")
def test_a_wrong_password_is_told_plainly_and_keeps_the_name(visitor):
    visitor.log_in("not this one")
    visitor.at("login").check()
    assert visitor.page.input_value("#username") == visitor.person["username"]
    assert visitor.page.input_value("#password") == ""
    assert "do not belong together" in visitor.page.get_by_role("alert").inner_text()
    assert not visitor.mark("customer")
    visitor.prove()
    visitor.at("overview")


@pytest.mark.demand("B1")
def test_a_form_with_mistakes_keeps_what_was_typed_and_its_number(visitor, bank):
    visitor.log_in()
    visitor.at("overview")
    account = visitor.person["accounts"][0]["id"]
    before = visitor.mark("balance-minor", f"[data-account='{account}']")
    visitor.open("/pay")
    ident = visitor.page.input_value("input[name=id]")
    visitor.type("#to", "1234")
    visitor.type("#name", "Nobody")
    visitor.type("#amount", "12,,x")
    visitor.type("#text", "typed words")
    visitor.press("main form button.main")
    visitor.at("pay").check()
    assert visitor.page.input_value("input[name=id]") == ident
    kept = [visitor.page.input_value(f"#{name}") for name in ("to", "name", "amount", "text")]
    assert kept == ["1234", "Nobody", "12,,x", "typed words"]
    for name in ("to", "amount"):
        field = visitor.page.locator(f"#{name}")
        assert field.get_attribute("aria-invalid") == "true"
        assert f"{name}-wrong" in (field.get_attribute("aria-describedby") or "")
        assert visitor.page.locator(f"#{name}-wrong").is_visible()
    other = bank.person()
    visitor.pay(other, "7.00")
    visitor.at("receipt")
    assert visitor.mark("payment", "[data-outcome]") == ident.replace("-", "")
    assert visitor.mark("outcome", "[data-outcome]") == "done"
    visitor.go("Overview")
    visitor.at("overview")
    assert int(visitor.mark("balance-minor", f"[data-account='{account}']")) == int(before) - 700


@pytest.mark.demand("B1", "B12")
def test_a_refused_payment_says_why_takes_nothing_and_stands_in_what_happened(visitor, bank):
    other = bank.person()
    visitor.log_in()
    visitor.at("overview")
    account = visitor.person["accounts"][0]["id"]
    before = visitor.mark("balance-minor", f"[data-account='{account}']")
    visitor.open("/pay")
    visitor.pay(other, "9000000.00")
    visitor.at("receipt").check()
    assert visitor.mark("outcome", "[data-outcome]").startswith("refused")
    assert "No money was taken" in visitor.page.locator("main").inner_text()
    payment = visitor.mark("payment", "[data-outcome]")
    visitor.go("What happened")
    visitor.at("money").check()
    line = f"li[data-payment='{payment}']"  # the bank settles its refusal a moment after the answer
    bank.wait_for("the refusal", lambda: visitor.page.reload() and visitor.mark("state", line) == "refused", 10)
    visitor.open("/")
    assert visitor.mark("balance-minor", f"[data-account='{account}']") == before


@pytest.mark.demand("B1")
def test_help_is_there_before_and_after_the_login(visitor):
    visitor.open("/login")
    visitor.press("main a[href='/help']")
    visitor.at("help").check()
    visitor.log_in()
    visitor.at("overview")
    visitor.go("Help")
    visitor.at("help").check()
    assert visitor.mark("customer") == str(visitor.person["customer"])


def test_customers_never_read_the_words_of_the_engine_room(visitor):
    visitor.log_in()
    visitor.at("overview")
    for path in ("/", "/pay", "/money", "/help", "/status"):
        visitor.open(path)
        read = visitor.page.locator("body").inner_text().lower()
        found = re.findall(r"\b(cohorts?|epochs?|hand-?back|stand-?in|primary|tokens?)\b", read)
        assert not found, f"{path} says {found}"
