"""Who can log in at the main bank can log in at the spare bank: a test for each factor, in a real browser with a real
passkey (Chromium's virtual authenticator), enrolled through the main bank's pages; what is used at one is used at both.
"""

import time

import pytest
from joining import register

from holdfast.contracts.factors import STEP_S
from holdfast.signing.onetime import code_at

pytestmark = pytest.mark.demand("B6", "S1")


class Enrolled:
    """A customer in one browser, with every factor."""

    def __init__(self, bank, visitor):
        self.bank, self.visitor = bank, visitor
        self.secret, self.codes = "", []
        self.step = 0
        visitor.hold_passkeys()

    def next_code(self):
        """A code that no step before has used; waits for its half minute to come near when it must."""
        wanted = max(self.step + 1, int(time.time() // STEP_S) - 1)
        self.bank.wait_for("the next code", lambda: wanted <= int(time.time() // STEP_S) + 1, STEP_S + 5)
        self.step = wanted
        return code_at(self.secret, wanted)

    def enrol(self):
        """Through the pages: a passkey, an authenticator, recovery codes."""
        visitor = self.visitor
        register(visitor, "enrolled")
        visitor.press("main a[href='/login']")
        visitor.log_in()
        visitor.at("second-factor").check()
        visitor.press("text='Make a passkey'")
        visitor.at("recovery").check()
        visitor.press("main a.main")
        visitor.at("overview").press("main a[href='/security']")
        visitor.at("security").check()
        assert visitor.mark("passkeys", "[data-passkeys]") == "1"
        visitor.press("text='Add an authenticator app'")
        visitor.at("authenticator").check()
        self.secret = visitor.mark("secret", "[data-secret]").replace(" ", "")
        visitor.type("#code", self.next_code())
        visitor.press("text='Use this app'")
        visitor.at("recovery").check()
        self.codes = visitor.page.eval_on_selector_all("[data-code]", "all => all.map(one => one.dataset.code)")
        visitor.open("/security")
        visitor.at("security").check()

    def password(self):
        """The first step."""
        self.visitor.page.context.clear_cookies(name="hf_bank")
        self.visitor.page.context.clear_cookies(name="hf_standin")
        self.visitor.log_in()
        self.visitor.at("login-code")

    def send_code(self, code):
        """The second step."""
        self.visitor.type("#code", code)
        self.visitor.press("button.main")

    def log_in(self, factor):
        """Log in by this factor; the page says which bank took it."""
        if factor == "passkey":
            self.visitor.page.context.clear_cookies()
            self.visitor.open("/login")
            self.visitor.press("form[data-passkey] button")
        else:
            self.password()
            self.visitor.check()
            self.send_code(self.next_code() if factor == "authenticator" else self.codes.pop())
        self.visitor.at("overview")
        return self.visitor.mark("bank")


@pytest.fixture(scope="module")
def enrolled(bank, open_visitor):
    bank.to_main()
    made = Enrolled(bank, open_visitor(1280))
    made.enrol()
    bank.wait_for("the spare bank was told", bank.is_fed)
    yield made
    made.visitor.close()


@pytest.fixture(scope="module", params=["primary", "standin"])
def served_by(request, bank, enrolled):
    """Which bank serves everyone."""
    if request.param == "standin":
        bank.to_spare()
    yield request.param
    bank.to_main()


@pytest.mark.parametrize("factor", ["authenticator", "recovery", "passkey"])
def test_who_enrolled_at_the_main_bank_logs_in_at_either(enrolled, served_by, factor):
    assert enrolled.log_in(factor) == served_by


@pytest.mark.long  # in the short tests tests/edge/integration/test_used_once.py holds it at the doors
def test_what_was_used_at_one_bank_is_refused_at_the_other_and_a_form_goes_on_there(enrolled, bank):
    bank.to_main()
    used = [enrolled.next_code(), enrolled.codes.pop()]
    for code in used:
        enrolled.password()
        enrolled.send_code(code)
        enrolled.visitor.at("overview")
    enrolled.password()
    assert enrolled.visitor.mark("bank") == "primary"
    bank.to_spare()
    for code in used:
        enrolled.send_code(code)
        enrolled.visitor.page.wait_for_selector("[data-problem=wrong-code]")
        assert enrolled.visitor.mark("bank") == "standin"
    spare_code = enrolled.codes.pop()
    enrolled.send_code(spare_code)
    enrolled.visitor.at("overview")
    bank.to_main()
    enrolled.password()
    enrolled.send_code(spare_code)
    enrolled.visitor.page.wait_for_selector("[data-problem=wrong-code]")
    assert enrolled.visitor.mark("bank") == "primary"


def test_codes_need_no_script_on_a_phone_and_sessions_can_be_ended(enrolled, bank, visit):
    bank.to_main()
    phone = visit(360, keyboard=True, dark=True)
    phone.person = enrolled.visitor.person
    phone.log_in()
    phone.at("login-code").check()
    phone.type("#code", enrolled.codes.pop())
    phone.press("button.main")
    phone.at("overview").press("main a[href='/security']")
    phone.at("security").check()
    phone.send("text='Log out everywhere else'")
    phone.at("security")
    assert phone.mark("sessions", "[data-sessions]") == "1"
    enrolled.visitor.open("/")
    enrolled.visitor.at("login")
