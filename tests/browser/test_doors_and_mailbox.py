"""The pages that the front doors serve by themselves, and the mailbox: at both widths, light and dark."""

import pytest

from holdfast.edge.waiting.line import Line

LOOKS = [(360, True), (1280, False)]
STOPS_BEFORE_MAX = 5


@pytest.mark.demand("T2", "T3", "B1")
@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=["360 px, dark", "1280 px, light"])
def test_the_doors_own_pages_can_be_read_by_everyone(visit, width, dark):
    visitor = visit(width, dark=dark, scripts=False)
    for path, name in (
        ("/status", "status"),
        ("/status?language=nb", "status"),
        ("/genuine", "genuine"),
        ("/genuine?code=0000000000", "genuine"),
        ("/no-such-page", "not-found"),
    ):
        visitor.open(path)
        visitor.at(name).check()


@pytest.fixture
def closed_doors(bank):
    """Nobody is let in; behind whoever came first stand a thousand others. Afterwards the line is empty again."""
    line = Line(bank.installation.folder("edge"))
    line.set_by_hand(0)
    yield line
    line.set_by_hand(None)
    while line.look().in_line:
        line.call(10_000)
    line.close()


@pytest.mark.demand("W6", "B1", "B9")
@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=["360 px, dark", "1280 px, light"])
def test_who_waits_in_the_line_reads_the_place_first_and_keeps_it(visit, closed_doors, width, dark):
    language = "nb" if dark else "en"
    visitor = visit(width, keyboard=dark, dark=dark, language=language)
    for _ in range(1200):
        closed_doors.take()
    visitor.open("/login")
    visitor.at("waiting").check()
    assert visitor.page.locator("html").get_attribute("lang") == language
    place = int(visitor.mark("place", "[data-place]"))  # the bank's own test customer may log in just then, too
    assert 1000 < place <= 1210
    shown = f"{place:,}".replace(",", "\u00a0") if dark else f"{place:,}"
    assert shown in visitor.page.locator("[data-place]").inner_text()
    visitor.press("main a[href='/login?still=yes']")
    visitor.at("waiting").check()
    visitor.press("main a.button")
    visitor.at("waiting")
    assert int(visitor.mark("place", "[data-place]")) <= place
    closed_doors.set_by_hand(None)
    while closed_doors.look().in_line:
        closed_doors.call(10_000)
    visitor.page.reload()  # sooner than it renews itself
    visitor.at("login")


@pytest.mark.demand("T3")
def test_an_unknown_code_is_answered_with_a_plain_no(visit):
    visitor = visit(360, keyboard=True)
    visitor.open("/status")
    visitor.type("input[name=code]", "0000000000")
    visitor.press("main form button")
    visitor.at("genuine").check()
    assert "did not send" in visitor.page.locator("h1").inner_text()


@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=["360 px, dark", "1280 px, light"])
def test_the_mailbox_can_be_read_by_everyone(visit, bank, width, dark):
    visitor = visit(width, dark=dark)
    visitor.page.goto(bank.mailbox)
    visitor.at("mailbox").check()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(visit):
    visitor = visit(360, keyboard=True)
    for path in ("/login", "/status", "/genuine"):
        visitor.open(path)
        if path == "/login":  # the field has the focus at once
            visitor.page.wait_for_function("document.activeElement.id === 'username'", timeout=5000)
            for _ in range(STOPS_BEFORE_MAX):  # brand, and a banner while something is wrong
                visitor.page.keyboard.press("Shift+Tab")
                if visitor.page.evaluate("document.activeElement.getAttribute('href')") == "#main":
                    break
        else:
            visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate("document.activeElement.getAttribute('href')") == "#main", path
        visitor.see_focus()
