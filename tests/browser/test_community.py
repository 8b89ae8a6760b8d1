"""Ideas, polls, webinars, a tour and a reported problem: by plain forms and the keyboard on a narrow screen in Norwegian,
by mouse on a wide one in English, and the staff's pages beside it."""

import socket

import psycopg
import pytest

from holdfast.runtime import launching

pytestmark = pytest.mark.demand("B8", "B1")


@pytest.fixture(scope="module")
def filled(bank):
    """The made-up content, as a made-up bank has it."""
    launching.module(bank.installation, "holdfast.control", "community", "sample")


@pytest.fixture
def editor(bank, filled, open_visitor):
    """Who speaks for the bank, at the console."""

    def answers():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", bank.installation.console_port)) == 0

    bank.wait_for("the console answers", answers)
    made = open_visitor(1280)
    page = made.page
    page.goto(bank.console + "/login")
    page.fill("[name=username]", "communicator")
    page.fill("[name=password]", bank.installation.secret("communicator"))
    page.fill("[name=code]", bank.staff_code("communicator"))
    page.click("button.main")
    page.wait_for_selector("body[data-page=now]")
    yield made
    made.close()


def _long_ago(bank):
    """As if the outages of the tests before had ended an hour ago, and with them the notice that all is well again,
    which stands for half an hour."""
    closed = "update incidents_incident set closed_at = closed_at - interval '1 hour' where closed_at is not null"
    over = """update tell_bundle set payload = jsonb_set(payload, '{ends_at}', to_jsonb(made_at::text))
              where has_banner and payload ? 'ends_at'"""
    with psycopg.connect(bank.installation.database_url("control")) as connection:
        connection.execute(closed)
        connection.execute(over)


def _noticed(customer):
    """Whether the overview says that something is wrong."""
    customer.open("/")
    return customer.page.locator("[data-incident]").count()


def _tours(customer):
    customer.open("/")
    return customer.page.locator("[data-tour]").count()


def test_by_keyboard_without_script_in_norwegian_a_customer_suggests_votes_answers_and_registers(bank, filled, visit):
    bank.to_main()
    customer = visit(360, keyboard=True, language="nb", dark=True)
    customer.open("/community")
    customer.at("community").check()
    assert customer.page.locator("form").count() == 0
    customer.log_in()
    customer.at("overview")
    _long_ago(bank)
    bank.wait_for("no notice of an outage, beside which no tour stands", lambda: not _noticed(customer))
    bank.wait_for("the tour on the overview", lambda: _tours(customer))
    customer.check()
    assert "Nytt: Ideer og webinarer" in customer.page.locator("[data-tour]").inner_text()
    customer.send("[data-tour] button")
    customer.at("overview")
    customer.open("/")
    assert customer.page.locator("[data-tour]").count() == 0
    customer.press("main nav a[href='/community']")
    customer.at("community").check()
    votes = int(customer.mark("votes", "[data-idea] [data-votes]"))
    customer.send("[data-idea] button[value=vote]")
    customer.at("community")
    assert int(customer.mark("votes", "[data-idea] [data-votes]")) == votes + 1
    customer.tick("input[name=chosen-0][value='0']")
    customer.tick("input[name=chosen-1][value='0']")
    customer.press("button[value=poll]")
    customer.page.wait_for_selector("[data-answered]")
    customer.check()
    customer.type("#suggest ~ form input[name=title]", "Kortet mitt 4111 1111 1111 1111")
    customer.type("#suggest ~ form textarea[name=words]", "<b>Større</b> knapper, takk")
    customer.press("button[value=suggest]")
    customer.page.wait_for_selector("[data-trouble=card]")
    customer.check()
    assert customer.page.locator("#suggest ~ form textarea").first.input_value() == "<b>Større</b> knapper, takk"
    customer.type("#suggest ~ form input[name=title]", "Større knapper")
    customer.press("button[value=suggest]")
    customer.at("idea").check()
    assert "<b>Større</b> knapper, takk" in customer.page.locator("main").inner_text()
    customer.open("/learn")
    customer.at("learn").check()
    customer.press("[data-webinar] h3 a")
    customer.at("webinar").check()
    customer.press("button[value=register]")
    customer.page.wait_for_selector("[data-place=seat]")
    customer.check()


def test_by_mouse_in_english_the_pages_are_whole_and_a_problem_is_reported_by_a_stranger(bank, filled, visit):
    stranger = visit(1280)
    for path, name in (("/community", "community"), ("/community/1", "idea"), ("/learn", "learn"), ("/learn/2", "webinar"),
                       ("/learn/help?find=payment", "topics"), ("/news", "news"), ("/problem", "problem")):  # fmt: skip
        stranger.open(path)
        stranger.at(name).check()
        assert stranger.page.locator("html").get_attribute("lang") == "en"
    stranger.page.check("input[value=pay]")
    stranger.page.fill("textarea", "It turned and turned")
    stranger.press("button[value=problem]")
    stranger.page.wait_for_selector("[data-done]")
    stranger.check()


def test_at_the_spare_bank_the_pages_are_linked_and_no_tour_stands(bank, filled, visit):
    bank.to_spare()
    customer = visit(1280)
    customer.log_in()
    customer.at("overview")
    assert customer.mark("bank") == "standin" and customer.page.locator("[data-tour]").count() == 0
    customer.press("main nav a[href='/learn']")
    customer.at("learn")
    customer.press("a[href='/learn/1']")
    customer.press("button[value=register]")
    customer.page.wait_for_selector("[data-place=seat]")
    bank.to_main()


def test_staff_answer_an_idea_and_hide_one_with_the_reason_that_its_writer_reads(bank, editor, visit):
    bank.to_main()
    customer = visit(1280)
    customer.log_in()
    customer.at("overview")
    customer.open("/community")
    customer.page.fill("#suggest ~ form input[name=title]", "A louder bell")
    customer.page.fill("#suggest ~ form textarea[name=words]", "So that I hear it in the kitchen.")
    customer.press("button[value=suggest]")
    customer.at("idea")
    number = customer.page.url.rpartition("/")[2]
    page = editor.page
    for path in ("/community", "/community/polls", "/community/webinars", "/community/webinars/1", "/community/tours"):
        page.goto(bank.console + path)
        editor.check()
    page.goto(f"{bank.console}/community/ideas/{number}")
    editor.check()
    page.select_option("[name=state]", "planned")
    page.fill("[name=answer-en]", "We make it louder this winter.")
    page.fill("[name=answer-nb]", "Vi gjør den høyere i vinter.")
    with page.expect_navigation():
        page.click("text='Keep'")
    customer.open(f"/community/{number}")
    customer.page.wait_for_selector("[data-state=planned]")
    assert "louder this winter" in customer.page.locator("[data-answer]").inner_text()
    customer.check()
    page.goto(f"{bank.console}/community/ideas/{number}")
    page.fill("section.w6 input[name=why]", "It names somebody.")
    with page.expect_navigation():
        page.click("text='Hide the idea'")
    customer.open(f"/community/{number}")
    assert "It names somebody." in customer.page.locator("[data-hidden]").inner_text()
    customer.check()
