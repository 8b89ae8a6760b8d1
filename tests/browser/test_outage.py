"""The outage in a browser: the bank's processes are killed, customers and a responder go through it to the end.

One story in the order of the file; each test leaves the bank as the next one needs it.
"""

import json
import re
import urllib.request

import pytest

pytestmark = pytest.mark.usefixtures("broken_bank")


class Story:
    """Who was logged in, with an open form, when the bank was killed."""

    def __init__(self, visitor, other, ident, balance_minor):
        self.visitor, self.other, self.ident, self.balance_minor = visitor, other, ident, balance_minor


def has_banner(visitor):
    """Whether a banner with its words is seen; at this width."""
    visitor.page.reload()
    return visitor.page.locator(".banner strong").locator("visible=true").count() == 1


def unresolved(bank):
    """The incidents that the public status still has open: a fault meanwhile would be counted as one with them."""
    with urllib.request.urlopen(f"{bank.installation.door_origin}/status.json", timeout=10) as told:  # noqa: S310  # our own door
        return [one["id"] for one in json.load(told).get("incidents", []) if one["status"] != "resolved"]


@pytest.fixture(scope="module")
def broken_bank(bank, open_visitor):
    """A logged-in customer opens a form, then the whole bank is killed."""
    bank.to_main()
    bank.wait_for("the outages before this one to be over", lambda: not unresolved(bank), 90)
    visitor = open_visitor(1280, app=True)
    other = bank.person()
    visitor.log_in()
    visitor.at("overview")
    balance_minor = int(visitor.mark("balance-minor", "[data-account]"))
    visitor.open("/pay")
    ident = visitor.page.input_value("input[name=id]").replace("-", "")
    assert visitor.mark("bank") == "primary"
    bank.holdfast("break", "bank")
    yield Story(visitor, other, ident, balance_minor)
    bank.holdfast("mend", "bank")
    visitor.close()


@pytest.fixture(scope="module")
def anxious(broken_bank, open_visitor):
    """A customer who sees something wrong while the bank is away; with a phone, keyboard and no JavaScript."""
    visitor = open_visitor(360, True)
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def logged_in():
    """The cookies of each role that logged in at the console: a code is taken once, and the next is half a minute off."""
    return {}


@pytest.fixture
def staff(visit, bank, logged_in):
    """Log in to the console, once for each role; the first screen is shown."""

    def make(width=1280, dark=False, scripts=True, role="responder"):
        one = visit(width, dark=dark, scripts=scripts)
        one.page.goto(bank.console + "/login")
        one.at("login").check()
        if role in logged_in:
            one.page.context.add_cookies(logged_in[role])
            one.page.goto(bank.console)
            return one.at("now")
        one.page.fill("input[name=username]", role)
        one.page.fill("input[name=password]", bank.installation.secret(role))
        one.page.fill("input[name=code]", bank.staff_code(role))
        one.page.click("button.main")
        one.at("now")
        logged_in[role] = one.page.context.cookies(bank.console)
        return one

    return make


@pytest.mark.demand("S1", "B1")
def test_a_form_opened_before_the_kill_ends_in_a_receipt_at_the_spare_bank(broken_bank):
    visitor = broken_bank.visitor
    visitor.pay(broken_bank.other, "33.00", "sent into the outage")
    visitor.at("receipt").check()
    assert visitor.mark("bank") == "standin"
    assert visitor.mark("outcome", "[data-outcome]") == "done"
    assert visitor.mark("payment", "[data-outcome]") == broken_bank.ident
    assert visitor.mark("customer") == str(visitor.person["customer"])
    visitor.go("Overview")
    visitor.at("overview")
    assert visitor.mark("bank") == "standin"
    assert int(visitor.mark("balance-minor", "[data-account]")) == broken_bank.balance_minor - 3_300


@pytest.mark.demand("T2", "S1")
@pytest.mark.parametrize(("width", "keyboard", "dark"), [(360, True, True), (1280, False, False)], ids=["360", "1280"])
def test_the_banner_is_on_every_page_and_says_what_works(visit, bank, width, keyboard, dark):
    visitor = visit(width, keyboard, dark)
    visitor.open("/login")
    bank.wait_for("the banner", lambda: has_banner(visitor), 20)
    visitor.check()
    visitor.log_in()
    visitor.at("overview")
    for path, name in (("/", "overview"), ("/pay", "pay"), ("/money", "money"), ("/help", "help")):
        visitor.open(path)
        visitor.at(name).check()
        assert visitor.mark("bank") == "standin"
        banner = visitor.page.locator(".banner")
        assert banner.get_attribute("data-incident")
        if width == 360:  # on a phone it folds to its first line
            visitor.press(".banner summary")
        read = banner.inner_text()
        assert "You can" in read and "You cannot yet" in read and "Next update" in read


@pytest.mark.demand("B9", "S1")
def test_a_norwegian_customer_is_served_in_norwegian_and_can_change_to_english(visit, bank):
    visitor = visit(360, language="nb")
    visitor.open("/login")
    bank.wait_for("the banner", lambda: has_banner(visitor), 20)
    visitor.log_in()
    visitor.at("overview")
    for path, name in (("/", "overview"), ("/pay", "pay"), ("/money", "money"), ("/help", "help")):
        visitor.open(path)
        visitor.at(name).check()
        assert visitor.page.locator("html").get_attribute("lang") == "nb"
        assert visitor.page.locator(".banner").get_attribute("lang") == "nb"
    visitor.press("main nav a[hreflang=en]")
    visitor.at("help").check()
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    assert visitor.page.locator(".banner").get_attribute("lang") == "en"


@pytest.mark.demand("S1", "B4", "G3")
def test_everything_is_frozen_at_the_spare_bank_by_one_press(bank, anxious):
    anxious.log_in()
    anxious.at("overview").press("main a[href='/security/freeze']")
    anxious.at("freeze").check()
    assert anxious.mark("bank") == "standin"
    anxious.press("main form button.main")
    anxious.page.wait_for_selector("[data-frozen=true]")
    anxious.check()
    assert "opened again in our main system" in anxious.page.locator("[data-opens-later]").inner_text()
    anxious.open("/pay")
    anxious.at("pay").check()
    anxious.pay(bank.person(), "10")
    anxious.at("receipt").check()
    assert anxious.mark("outcome", "[data-outcome]") == "refused-own"


@pytest.mark.demand("T2")
def test_the_status_page_tells_of_the_outage(visit, bank):
    for width, dark in ((360, True), (1280, False)):
        visitor = visit(width, dark=dark, scripts=False)
        visitor.open("/status")
        bank.wait_for(
            "the outage on the status page", lambda one=visitor: one.page.reload() and one.mark("incident"), 20
        )
        visitor.check()
        assert "spare bank" in visitor.page.locator("h1").inner_text()


@pytest.mark.demand("T3")
def test_a_message_can_be_checked_at_the_banks_own_address(visit, bank):
    visitor = visit(360)
    visitor.page.goto(bank.mailbox)
    of_the_outage = visitor.page.locator(
        "li.row a", has_text=re.compile("Our main system stopped|Hovedsystemet vårt stanset")
    )
    bank.wait_for("a mail", lambda: visitor.page.reload() and of_the_outage.count(), 60)
    visitor.check()
    of_the_outage.first.click()
    visitor.page.wait_for_selector("[data-mail]")
    visitor.check()
    mail = visitor.page.locator("[data-mail]").inner_text()
    assert "http" not in mail
    code = re.search(r"(?:code|kode[^:]*): (\w+)", mail).group(1)
    visitor.open("/genuine")
    visitor.type("input[name=code]", code)
    visitor.press("main form button")
    visitor.at("genuine").check()
    assert visitor.page.locator("h1").inner_text().startswith("Yes")


@pytest.mark.demand("R1")
def test_the_responder_sees_the_incident_and_both_sides(staff, bank):
    for width, dark in ((360, True), (1280, False)):
        desk = staff(width, dark)
        bank.wait_for(
            "the incident", lambda one=desk: one.page.reload() and one.page.locator("text=/Incident \\d+/").count()
        )
        desk.check()
        for path in ("both", "break", "incidents", "messages", "staff"):
            desk.page.goto(f"{bank.console}/{path}")
            desk.at(path).check()
        desk.page.goto(f"{bank.console}/incidents")
        desk.page.locator("main table a").first.click()
        desk.at("incident").check()
        assert "Likeliest cause" in desk.page.locator("main").inner_text()
    desk.page.goto(f"{bank.console}/both")
    assert "You can" in desk.page.locator("[data-part=banner]").inner_text()
    frame = desk.page.frame_locator("iframe")
    frame.locator("body[data-page=status]").wait_for()
    assert "spare bank" in frame.locator("h1").inner_text()


@pytest.mark.demand("R1")
def test_a_page_renews_itself_but_never_under_the_hands_of_who_types(staff, bank):
    desk, colleague = staff(), staff()
    line = "form[action$='/note'] input[name=words]"
    for one in (desk, colleague):
        one.page.goto(f"{bank.console}/incidents")
        one.page.clock.install()
        one.page.locator("main table a").first.click()
        one.at("incident")
    desk.page.fill(line, "called the host")
    colleague.page.click("main button:has-text('Acknowledge')")
    colleague.at("incident")
    desk.page.clock.run_for(30_000)
    assert desk.page.input_value(line) == "called the host"
    assert desk.page.locator("main button", has_text="Acknowledge").count() == 1
    desk.page.fill(line, "")
    desk.page.locator(line).blur()

    def renewed():
        desk.page.clock.run_for(5_000)
        return "acknowledged the incident" in desk.page.locator("main").inner_text()

    bank.wait_for("the page renewed", renewed, 20)
    desk.page.click("text=Pause")
    assert "Stands still" in desk.page.locator("[data-live]").inner_text()


@pytest.mark.demand("S5", "R1")
def test_the_bank_is_mended_customers_are_handed_back_and_stay_logged_in(staff, bank, broken_bank):
    bank.holdfast("mend", "bank")
    desk = staff()
    desk.page.locator("a.button", has_text="Open incident").click()
    desk.at("incident")
    button = desk.page.locator("button", has_text="Hand customers back")
    button.wait_for(timeout=60_000)
    desk.check()
    button.click()
    desk.at("incident").check()
    assert "You proposed it, so somebody else confirms it" in desk.page.locator("main").inner_text()
    second = staff(role="manager")
    second.page.locator("a.button", has_text="Open incident").click()
    second.at("incident").check()
    second.page.locator("button", has_text="Confirm").click()
    bank.wait_for("everyone back at the main bank", lambda: bank.away() == 0, 60)
    visitor = broken_bank.visitor
    visitor.open("/")
    visitor.at("overview").check()
    assert visitor.mark("bank") == "primary"
    assert visitor.mark("customer") == str(visitor.person["customer"])
    assert int(visitor.mark("balance-minor", "[data-account]")) == broken_bank.balance_minor - 3_300
    visitor.open("/money")
    line = visitor.page.locator(f"li[data-payment='{broken_bank.ident}']")
    assert line.count() == 1
    assert line.get_attribute("data-state") == "done"
    assert "spare bank" in line.inner_text()
    bank.wait_for(
        "the incident closed",
        lambda: desk.page.goto(bank.console + "/") and "no open incident" in desk.page.locator("main").inner_text(),
        60,
    )


@pytest.mark.demand("S5", "B4", "G3")
def test_what_was_frozen_in_the_outage_stays_frozen_until_its_customer_opens_it_at_the_main_bank(bank, anxious):
    anxious.open("/security/freeze")
    anxious.at("freeze").check()
    assert anxious.mark("bank") == "primary"
    assert anxious.mark("frozen", "[data-frozen]") == "true"
    anxious.press("main a[href='/security?confirm=yes']")
    anxious.type("#password", anxious.person["password"])
    anxious.type_code()
    anxious.press("#confirm button.main")
    anxious.at("freeze").press("main form button")
    anxious.page.wait_for_selector("[data-frozen=false]")
    anxious.open("/pay")
    anxious.pay(bank.person(), "10")
    anxious.at("receipt")
    assert anxious.mark("outcome", "[data-outcome]") == "done"
