"""Accounts at the main bank in a real browser: in Norwegian by keyboard without JavaScript on a narrow screen, and in
English by mouse: search, one transaction, asking what it is, opening and naming an account.
"""

import pytest


def said(visitor, norwegian, english):
    """Whether the page says it in the visitor's language."""
    language = visitor.page.locator("html").get_attribute("lang")
    return (norwegian if language == "nb" else english) in visitor.page.locator("main").inner_text()


def account_of(visitor):
    return visitor.person["accounts"][0]["id"]


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B1", "B5")
def test_a_transaction_is_found_and_asked_about(visitor):
    visitor.open(f"/accounts/{account_of(visitor)}")
    visitor.at("account").check()
    visitor.press("main a[href$='/search']")
    visitor.at("search").check()
    visitor.type("#least", "1,00")
    visitor.press("main form button.main")
    visitor.at("search").check()
    assert int(visitor.mark("found", "[data-found]")) >= 1
    visitor.press("[data-found] li a")
    visitor.at("line").check()
    visitor.type("#words", "Was that me?")
    visitor.press("#ask form button")
    visitor.page.wait_for_selector("[data-dispute]")
    visitor.at("line").check()
    assert said(visitor, "vi ser på det", "being looked into")
    visitor.open("/disputes")
    visitor.at("disputes").check()
    assert "Was that me?" in visitor.page.locator("[data-dispute]").inner_text()


@pytest.mark.demand("B1", "B9")
def test_an_account_is_opened_and_named(visitor):
    visitor.press("main a[href='/accounts/new']")
    visitor.at("open").check()
    visitor.type("#title", "Ferie")
    visitor.press("main form button.main")
    visitor.at("opened").check()
    account = visitor.mark("opened", "[data-opened]")
    visitor.open(f"/accounts/{account}/about")
    visitor.at("about").check()
    assert visitor.page.locator("[data-iban]").inner_text().startswith("NO")
    visitor.type("#title", "Hytte")
    visitor.press("main form button.main")
    visitor.at("about")
    visitor.open("/")
    visitor.at("overview").check()
    assert visitor.page.locator(f"[data-account='{account}'] h2").inner_text() == "Hytte"


@pytest.mark.demand("B9")
def test_the_language_is_one_link_away_on_every_page(visitor):
    before = visitor.page.locator("html").get_attribute("lang")
    for path, mark in (
        ("/", "overview"),
        ("/pay", "pay"),
        ("/money", "money"),
        ("/security", "security"),
        ("/help", "help"),
    ):
        visitor.open(path)
        visitor.at(mark).check()
    visitor.press("main a[hreflang]")
    visitor.at("help").check()
    assert visitor.page.locator("html").get_attribute("lang") != before
    visitor.open("/")
    assert ("kr" in visitor.page.locator(".amount.big").first.inner_text()) == (before == "en")
