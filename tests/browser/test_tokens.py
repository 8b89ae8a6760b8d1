"""Access for a customer's own program in a browser: a token is made, used and revoked."""

import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.demand("B6")


def ask(bank, token):
    """The status with which the front door answers a program that shows this token."""
    request = urllib.request.Request(  # noqa: S310  # our own door
        bank.door + "/api/v1/accounts", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=8) as got:  # noqa: S310  # as above
            return got.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_token_is_made_used_and_revoked(visitor, bank):
    visitor.open("/security")
    visitor.press("main a[href='/security/tokens']")
    visitor.at("tokens").check()
    visitor.type("#name", "Bookkeeping")
    visitor.type_code()
    visitor.press("main form[action='/security/tokens'] button.main")
    visitor.page.wait_for_selector("#scope-wrong")
    visitor.check()
    visitor.tick("#scope-1")
    visitor.type_code()
    visitor.press("main form[action='/security/tokens'] button.main")
    visitor.at("token").check()
    token = visitor.mark("made-token", "[data-made-token]")
    assert ask(bank, token) == 200
    visitor.press("main a.main")
    visitor.at("tokens").check()
    assert token not in visitor.page.content()
    visitor.press("main form[action='/security/tokens/revoke'] button")
    visitor.page.wait_for_selector("[data-state=revoked]")
    visitor.check()
    assert ask(bank, token) == 401
