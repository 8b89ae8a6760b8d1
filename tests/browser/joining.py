"""What tests share of somebody who becomes a customer: the form, the mailed code, the second factor."""

import re
import time

from holdfast.contracts.factors import STEP_S
from holdfast.signing.onetime import code_at

PASSWORD = "sju gule tog i regn"


TAKEN = set()
"""Addresses and codes that a test has typed: the next code is another one."""


def mailed_code(bank, address):
    """The newest code that was mailed to an address and that no test typed yet, once it has arrived; mails about an
    outage may come in between."""

    def found():
        codes = (re.search(r"^(\d{6})$", mail["body"], re.MULTILINE) for mail in bank.mails(address))
        return next((one.group(1) for one in codes if one and (address, one.group(1)) not in TAKEN), "")

    bank.wait_for("the mail with the code", found)
    code = found()
    TAKEN.add((address, code))
    return code


def register(visitor, name):
    """Through the pages; the person as the other tests know one."""
    bank, address = visitor.bank, f"{name}@mail.example"
    visitor.open("/login")
    visitor.press("main a[href='/register']")
    visitor.at("register").check()
    for field, words in (("name", "Nora Ny"), ("born", "24.12.1990"), ("email", address), ("username", name)):
        visitor.type(f"#{field}", words)
    visitor.type("#password", "for short")
    visitor.press("main form button.main")
    visitor.page.wait_for_selector("#password-wrong")
    visitor.check()
    visitor.type("#password", PASSWORD)
    visitor.press("main form button.main")
    visitor.at("register-code").check()
    visitor.type("#code", mailed_code(bank, address))
    visitor.press("main form button.main")
    visitor.at("registered").check()
    visitor.person = {"username": name, "password": PASSWORD, "email": address}


def set_up(visitor):
    """The second factor, right after the password: an authenticator app, which works without script; and its codes."""
    visitor.at("second-factor").check()
    visitor.press("main form[action='/security/begin/authenticator'] button")
    visitor.at("authenticator").check()
    secret = visitor.mark("secret", "[data-secret]").replace(" ", "")
    visitor.type("#code", code_at(secret, int(time.time() // STEP_S)))
    visitor.press("main form button.main")
    visitor.at("recovery").check()
    visitor.person["recovery"] = visitor.page.locator("[data-code]").all_inner_texts()
    visitor.press("main a.main")
