"""A card through an outage, in real processes: used, frozen and declined at both banks, each use booked once."""

import hashlib
import json
import re
import time
import urllib.request
import uuid

import pytest

from holdfast.signing import load_keyring

pytestmark = pytest.mark.demand("B4", "S1")


SHOP = "Made-up Shop Of Cards"
"""No other payment of the made-up bank goes there."""
DONE = re.compile(r"^\s*done\s*$", re.IGNORECASE)
"""Not “not done”."""


def ask(bank, body):
    """The card network's question through the front door: the answer, and which bank gave it."""
    raw = json.dumps(body).encode()
    keyring = load_keyring(bank.installation.keys, "network")
    token = keyring.sign("card-use", {"sha256": hashlib.sha256(raw).hexdigest(), "at": time.time()})
    request = urllib.request.Request(  # noqa: S310  # our own door
        bank.door + "/cards/authorisations",
        raw,
        {"Content-Type": "application/json", "Holdfast-Network": token},
    )
    with urllib.request.urlopen(request, timeout=8) as got:  # noqa: S310  # as above
        said = json.loads(got.read())
    return said["outcome"], said["reason"], said["bank"]


def use(card, amount_minor):
    return {
        "network": "made-up-network",
        "transaction": uuid.uuid4().hex,
        "card": card,
        "amount_minor": amount_minor,
        "currency": "NOK",
        "merchant": SHOP,
        "merchant_code": "5411",
        "at": "2026-11-22T10:00:00Z",
        "final": True,
    }


def press_freeze(visitor):
    """Press the card's one button; whether it is frozen then."""
    before = visitor.mark("frozen", "[data-card]")
    visitor.press("main section form button")
    visitor.page.wait_for_selector(f"[data-card]:not([data-frozen={before}])")
    return visitor.mark("frozen", "[data-card]") == "true"


def balance(visitor):
    visitor.open("/")
    visitor.at("overview")
    return int(visitor.mark("balance-minor", "[data-account]"))


def held(visitor):
    """What the overview says is reserved of the first account, in minor units; None for nothing."""
    visitor.open("/")
    visitor.at("overview")
    found = visitor.page.locator("[data-account]").first.locator("[data-held-minor]")
    return int(found.get_attribute("data-held-minor")) if found.count() else None


def became(earlier, amount_minor):
    """What became of a use whose amount might still change."""
    return {
        **earlier,
        "transaction": uuid.uuid4().hex,
        "amount_minor": amount_minor,
        "final": True,
        "hold": earlier["transaction"],
    }


@pytest.mark.long  # in the short tests tests/standin and tests/edge use cards through an outage
def test_a_card_is_used_and_frozen_through_an_outage_and_each_use_is_booked_once(bank, visit):
    bank.to_main()
    visitor = visit(1280)
    visitor.log_in()
    visitor.at("overview").check()
    began = balance(visitor)
    visitor.go("Cards")
    visitor.at("cards").check()
    card = visitor.mark("card", "[data-card]")
    first, second, third = use(card, 10_000), use(card, 2_000), use(card, 100)
    hotel = {**use(card, 5_000), "final": False}
    assert ask(bank, first) == ask(bank, hotel) == ("approved", "ok", "primary")
    assert held(visitor) == 5_000
    visitor.go("Cards")
    assert press_freeze(visitor)
    assert ask(bank, third) == ("declined", "card_frozen", "primary")
    assert not press_freeze(visitor)
    bank.holdfast("break", "bank")
    try:
        began_s = time.monotonic()
        assert ask(bank, second) == ("approved", "ok", "standin")
        assert time.monotonic() - began_s < 4
        assert ask(bank, first) == ("approved", "ok", "standin")
        assert ask(bank, third) == ("declined", "card_frozen", "standin")
        phone = visit(360, keyboard=True, dark=True)
        phone.person = visitor.person
        phone.log_in()
        phone.at("overview").check()
        assert (phone.mark("bank"), held(phone)) == ("standin", 5_000)
        assert ask(bank, became(hotel, 4_500)) == ("approved", "ok", "standin")
        assert held(phone) is None
        phone.press("main a[href='/cards']")
        phone.at("cards").check()
        assert press_freeze(phone)
        phone.check()
        assert ask(bank, use(card, 300)) == ("declined", "card_frozen", "standin")
        assert balance(phone) == began - 16_500
    finally:
        bank.holdfast("mend", "bank")
    # An order that comes before the mended bank answers ends in an undo, so it is given until it holds.
    bank.wait_for("everyone back", lambda: bank.holdfast("standin", "off") is not None and bank.away() == 0, 90)
    visitor.open("/cards")
    visitor.at("cards").check()
    assert (visitor.mark("bank"), visitor.mark("frozen", "[data-card]")) == ("primary", "true")
    assert ask(bank, second) == ("approved", "ok", "primary")
    assert ask(bank, use(card, 300)) == ("declined", "card_frozen", "primary")
    assert balance(visitor) == began - 16_500
    visitor.open("/money")
    assert visitor.page.locator("li", has_text=SHOP).locator(".tag", has_text=DONE).count() == 3


def test_a_cards_limits_are_lowered(visitor):
    visitor.open("/cards")
    visitor.at("cards")
    visitor.press("main a[href$='/limits']")
    visitor.at("card-limits").check()
    visitor.type("#use", "999999")
    visitor.press("main form button.main")
    visitor.page.wait_for_selector("#use-wrong")
    visitor.check()
    visitor.type("#use", "50")
    visitor.press("main form button.main")
    visitor.at("cards").check()
    visitor.press("main a[href$='/limits']")
    visitor.at("card-limits")
    assert visitor.mark("holds-use", "[data-holds-use]") == "5000"
