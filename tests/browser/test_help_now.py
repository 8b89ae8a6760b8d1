"""Emergency money in a browser, at both banks: one button, what is owed of it, paid back; and where help is near."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.demand("C2", "B1")
SAMPLE = Path(__file__).resolve().parents[2] / "src" / "holdfast" / "bank" / "hardship" / "sample.toml"
BUTTON = "form[action='/help-now'] button.main"
WAYS = {"keyboard, no JavaScript, 360 px, Norwegian": (360, True, "nb"), "mouse, 1280 px, English": (1280, False, "en")}
ADVANCE_MINOR = 100_000


@pytest.fixture(scope="module")
def always(bank):
    """The bank keeps a file by which money is given at any time."""
    file = bank.installation.folder("bank") / "help-now.toml"
    file.write_text(SAMPLE.read_text().replace('opened = "in an outage"', 'opened = "always"'))
    yield bank
    file.unlink()


@pytest.fixture(params=[pytest.param(way, marks=[pytest.mark.long] if "mouse" in way else []) for way in WAYS])
def visitor(request, always, visit):
    """Somebody who is logged in at the main bank, in one way."""
    always.to_main()
    width, keyboard, language = WAYS[request.param]
    made = visit(width, keyboard, language=language)
    made.log_in()
    made.at("overview")
    return made


def balance(visitor):
    visitor.open("/")
    visitor.at("overview").check()
    return int(visitor.mark("balance-minor", "[data-account]"))


def owed(visitor):
    return visitor.page.locator("[data-owed]").count()


def test_money_at_both_banks_by_one_button_and_help_near(always, visitor):
    before = balance(visitor)
    visitor.press("main a[href='/help-now']")
    visitor.at("help-now").check()

    def offered():
        visitor.page.reload()
        return visitor.mark("help-now", "[data-help-now]") == "offered"

    always.wait_for("the file that the bank keeps now", offered)
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("[data-given]")
    visitor.at("help-now").check()
    assert (visitor.mark("bank"), owed(visitor)) == ("primary", 1)
    assert balance(visitor) == before + ADVANCE_MINOR

    always.wait_for("the spare bank knows it", always.is_fed)
    always.to_spare()
    assert balance(visitor) == before + ADVANCE_MINOR
    assert visitor.mark("owed-minor", "[data-owed-minor]") == str(ADVANCE_MINOR)
    visitor.open("/help-now")
    visitor.press(BUTTON)
    visitor.page.wait_for_selector("[data-given]")
    visitor.at("help-now").check()
    assert (visitor.mark("bank"), owed(visitor)) == ("standin", 2)
    visitor.choose("#area", "bergen")
    visitor.press("form[action='/help-now'][method=get] button")
    visitor.page.wait_for_selector("[data-area=bergen]")
    visitor.check()
    assert "Sample Food Bank Bergen (made up)" in visitor.page.locator("[data-place=food]").inner_text()
    assert balance(visitor) == before + 2 * ADVANCE_MINOR

    always.to_main()
    visitor.open("/help-now?postcode=5003")
    visitor.page.wait_for_selector("[data-area=bergen]")
    assert (visitor.mark("bank"), owed(visitor)) == ("primary", 2)
    for left in (1, 0):
        visitor.press("form[action='/help-now/back'] button")
        visitor.page.wait_for_selector("[data-paid-back]")
        visitor.check()
        assert owed(visitor) == left
    assert balance(visitor) == before
