"""A member of staff logs in at the console by a passkey alone, in a real browser with a real one (Chromium's virtual
authenticator), enrolled through the console's page.
"""

import socket

import pytest

pytestmark = pytest.mark.demand("B6")


def answers(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_member_of_staff_adds_a_passkey_and_logs_in_by_it_alone(bank, open_visitor):
    visitor = open_visitor(1280)
    page = visitor.page
    visitor.hold_passkeys()
    bank.wait_for("the console answers", lambda: answers(bank.installation.console_port))
    page.goto(bank.console + "/login")
    page.fill("[name=username]", "communicator")
    page.fill("[name=password]", bank.installation.secret("communicator"))
    page.fill("[name=code]", bank.staff_code("communicator"))
    page.click("button.main")
    page.wait_for_selector("body[data-page=now]")
    page.goto(bank.console + "/sign-in")
    visitor.check()
    page.fill("#passkey-name", "My laptop")
    page.click("text='Add a passkey'")
    page.wait_for_selector("section[data-passkeys='1']")
    visitor.check()
    page.context.clear_cookies(name="hf_staff")
    page.goto(bank.console + "/login")
    page.click("text='Log in with a passkey'")
    page.wait_for_selector("body[data-page=now]")
    page.goto(bank.console + "/sign-in")
    assert "logged in, by a passkey" in page.locator("[data-changes]").inner_text()
    visitor.close()
