"""Somebody becomes a customer in a real browser, with the code from the mailbox, and logs in at either bank; a login on a
new device is told by mail.
"""

import pytest
from joining import PASSWORD, mailed_code, register, set_up

pytestmark = pytest.mark.demand("B6", "S1")


@pytest.mark.parametrize(
    ("width", "keyboard", "language"),
    [pytest.param(360, True, "nb", id="phone"), pytest.param(1280, False, "en", id="computer", marks=pytest.mark.long)],
)
def test_who_registers_logs_in_at_either_bank_reads_of_a_new_device_and_chooses_a_new_password(
    bank, visit, width, keyboard, language
):
    bank.to_main()
    visitor = visit(width, keyboard, language=language)
    register(visitor, f"nora.{language}{width}")
    visitor.press("main a[href='/login']")
    visitor.at("login")
    visitor.log_in()
    set_up(visitor)
    visitor.at("overview").check()
    assert visitor.mark("bank") == "primary"
    assert ("Brukskonto" if language == "nb" else "Everyday account") in visitor.page.content()
    visitor.press("text='Logg ut'" if language == "nb" else "text='Log out'")
    visitor.at("login")
    bank.wait_for("the spare bank was told", bank.is_fed)
    bank.to_spare()
    visitor.log_in()
    visitor.at("overview")
    assert visitor.mark("bank") == "standin"
    bank.to_main()
    other = visit(width, keyboard, language=language)
    other.person = visitor.person
    other.log_in()
    other.at("overview")
    bank.wait_for(
        "the mail about a new device",
        lambda: new_device_mail(bank, visitor.person["email"]),
    )
    assert new_device_mail(bank, visitor.person["email"])["language"] == language
    forget(other)
    other.log_in()
    other.at("overview")


def new_device_mail(bank, address):
    """The newest mail about a new device, None while there is none; others may come in between."""
    words = ("ny enhet", "new device")
    return next((mail for mail in bank.mails(address) if any(word in mail["subject"] for word in words)), None)


def forget(visitor):
    """A new password in place of a forgotten one, through the pages."""
    address = visitor.person["email"]
    visitor.open("/login")
    visitor.press("main a[href='/login/forgot']")
    visitor.at("forgot").check()
    visitor.type("#name", address)
    visitor.press("main form button.main")
    visitor.at("forgot-code").check()
    visitor.type("#code", mailed_code(visitor.bank, address))
    visitor.press("main form button.main")
    visitor.at("forgot-new").check()
    visitor.type("#new", PASSWORD[::-1])
    visitor.type_code()
    visitor.press("main form button.main")
    visitor.at("forgot-done").check()
    visitor.press("main a[href='/login']")
    visitor.at("login")
    visitor.person["password"] = PASSWORD[::-1]


def test_everything_is_frozen_by_one_button_and_opened_by_who_confirms(bank, visit):
    bank.to_main()
    visitor = visit(360, keyboard=True)
    visitor.log_in()
    visitor.at("overview").press("main a[href='/security']")
    visitor.at("security").press("main a[href='/security/freeze']")
    visitor.at("freeze").check()
    visitor.press("main form button.main")
    visitor.page.wait_for_selector("[data-frozen=true]")
    visitor.check()
    visitor.open("/pay")
    visitor.pay(bank.person(), "10")
    visitor.at("receipt").check()
    assert visitor.mark("state", "[data-payment]") == "refused"
    visitor.press("main a[href='/security/freeze']")
    visitor.at("freeze").press("main a[href='/security?confirm=yes']")
    visitor.type("#password", visitor.person["password"])
    visitor.type_code()
    visitor.press("#confirm button.main")
    visitor.at("freeze").press("main form button")
    visitor.page.wait_for_selector("[data-frozen=false]")


@pytest.mark.demand("B1")
def test_the_end_of_a_session_is_told_before_and_what_was_typed_goes_on_after(bank, visit):
    bank.to_main()
    visitor = visit(1280)
    visitor.page.clock.install()
    visitor.log_in()
    visitor.at("overview").go("Pay")
    visitor.at("pay")
    notice = visitor.page.locator("[data-left-s]")
    assert not notice.is_visible()
    visitor.page.clock.fast_forward(13 * 60 * 1000 + 5000)
    notice.wait_for(state="visible")
    visitor.check()
    visitor.page.clock.fast_forward(2 * 60 * 1000)
    visitor.page.wait_for_function("document.querySelector('[data-left-s] button').hidden")
    token = next(one for one in visitor.page.context.cookies() if one["name"] == "hf_bank")
    old = bank.expired(token["value"])
    visitor.page.context.add_cookies([{**token, "value": old}])
    visitor.pay(bank.person(), "10")
    visitor.at("login").check()
    visitor.type("#username", visitor.person["username"])
    visitor.prove()
    visitor.at("going-on").check()
    visitor.press("main form button.main")
    visitor.at("receipt")
    assert visitor.mark("state", "[data-payment]") == "done"
