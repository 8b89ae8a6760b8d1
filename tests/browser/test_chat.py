"""A customer chats with a person: by plain forms and the keyboard on a narrow screen, and live on a wide one."""

import socket

import pytest

pytestmark = pytest.mark.demand("B7", "B1")


@pytest.fixture
def desk(bank, open_visitor):
    """Somebody of support at the console's desk, in a browser of their own."""

    def answers():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", bank.installation.console_port)) == 0

    bank.wait_for("the console answers", answers)
    made = open_visitor(1280)
    page = made.page
    page.goto(bank.console + "/login")
    page.fill("[name=username]", "support")
    page.fill("[name=password]", bank.installation.secret("support"))
    page.fill("[name=code]", bank.staff_code("support"))
    page.click("button.main")
    page.wait_for_selector("body[data-page=now]")
    page.goto(bank.console + "/support")
    yield made
    made.close()


def take(desk):
    """The chat that waits."""
    desk.page.goto(desk.bank.console + "/support")
    desk.page.wait_for_selector("text='Take the next'")
    desk.check()
    desk.page.click("text='Take the next'")
    desk.page.wait_for_selector("body[data-page=support-chat]")
    desk.check()


def test_without_script_by_keyboard_a_person_is_asked_for_and_answers(bank, visit, desk):
    customer = visit(360, keyboard=True, language="nb", dark=True)
    customer.open("/chat")
    customer.at("chat").check()
    customer.type("textarea", "Jeg har mistet kortet")
    customer.press("button[value=say]")
    customer.page.wait_for_selector("[data-who=helper]")
    customer.check()
    assert "Åpne «Kort»" in customer.page.locator("[data-who=helper]").inner_text()
    customer.press("button[value=person]")
    customer.page.wait_for_selector("[data-state=waiting]")
    assert "Du er den neste" in customer.page.locator("[data-part=status]").inner_text()
    customer.check()
    take(desk)
    assert "Jeg har mistet kortet" in desk.page.locator("[data-lines]").inner_text()
    desk.page.fill("textarea", "Hei. Jeg sperrer kortet for deg nå, og sender et nytt i dag.")
    desk.page.click("text='Send'")
    desk.page.wait_for_selector("[data-who=person]")
    customer.press("a[href='/chat'].button")
    assert "sender et nytt i dag" in customer.page.locator("[data-who=person]").inner_text()
    desk.page.click("text='End the chat'")
    customer.open("/chat")
    customer.page.wait_for_selector("[data-state=ended]")
    customer.check()
    customer.tick("input[value='5']")
    customer.press("button[value=rate]")
    customer.page.wait_for_selector("text='Takk. Vi leser det.'")
    customer.check()


def test_with_script_words_come_by_themselves_on_both_screens_and_nothing_typed_is_lost(bank, visit, desk):
    bank.to_main()
    customer = visit(1280)
    customer.log_in()
    customer.at("overview")
    customer.press("main nav a[href='/chat']")
    customer.at("chat").check()
    assert "We know who you are" in customer.page.locator("main").inner_text()
    customer.type("textarea", "My rent is due today")
    customer.press("button[value=say-person]")
    customer.page.wait_for_selector("[data-state=waiting]")
    customer.check()
    take(desk)
    customer.page.wait_for_selector("[data-state=open]")
    customer.type("textarea", "half a sentence")
    desk.page.fill("textarea", "You should ask your friends or family for money.")
    desk.page.click("text='Send'")
    desk.page.wait_for_selector("[data-hurt]")
    desk.check()
    assert customer.page.locator("[data-who=person]").count() == 0
    desk.page.fill("textarea", "We pay the rent out by hand today. I stay here until it is done.")
    desk.page.click("text='Send'")
    customer.page.wait_for_selector("[data-who=person]")
    assert customer.page.input_value("textarea") == "half a sentence"
    customer.type("textarea", "Thank you")
    customer.press("button[value=say]")
    desk.page.wait_for_selector("[data-who=customer] >> text='Thank you'")
    assert customer.page.locator("[data-who=customer]").count() == 2
    customer.check()
    desk.page.goto(bank.console + "/support/hours")
    desk.check()


@pytest.mark.demand("G7")
def test_the_agent_sees_the_customers_pages_only_while_the_customer_lets_them(bank, visit, desk):
    bank.to_main()
    customer = visit(360, keyboard=True, language="nb")
    customer.log_in()
    customer.at("overview")
    customer.open("/chat")
    customer.type("textarea", "Hvor er husleien min?")
    customer.press("button[value=say-person]")
    customer.page.wait_for_selector("[data-state=waiting]")
    take(desk)
    address = desk.page.url
    assert desk.page.locator("text='See their pages'").count() == 0
    assert desk.page.locator("[data-balance]").count() == 0
    customer.open("/chat")
    customer.check()
    customer.press("button[value=let]")
    customer.page.wait_for_selector("[data-lets=yes]")
    customer.check()
    desk.page.goto(address)
    desk.page.click("text='See their pages'")
    desk.page.wait_for_selector("[data-pages-shown='the main bank']")
    desk.check()
    assert "kr" in desk.page.locator("[data-balance]").first.inner_text()
    customer.open("/chat")
    assert "så på sidene dine" in customer.page.locator("[data-part=lines]").inner_text()
    customer.press("button[value=stop]")
    customer.page.wait_for_selector("[data-lets=no]")
    desk.page.click("text='See them again'")
    desk.page.wait_for_selector("[data-not-shown]")
    assert desk.page.locator("[data-balance]").count() == 0
    customer.open("/my-data")
    customer.page.wait_for_selector("[data-looks='1']")
    customer.check()
