"""A file of payments: sent, looked at, confirmed and followed; by keyboard alone without JavaScript on a narrow screen in
Norwegian, and by mouse at a computer in English.
"""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from payment_files import block, line, order

from holdfast.contracts.plain_xml import parse_plain


def _sent(visitor, raw):
    """Choose the file (its dialog is the system's own) and send it."""
    visitor.page.set_input_files("#file", {"name": "wages.xml", "mimeType": "application/xml", "buffer": raw})
    visitor.press("main form[action='/files'] button.main")


@pytest.mark.long  # in the short tests test_all_ways.py walks it
@pytest.mark.demand("B4")
def test_a_file_is_sent_looked_at_confirmed_and_followed_to_its_end(visitor, bank):
    others, today = [bank.person() for _ in range(2)], datetime.now(ZoneInfo("Europe/Oslo")).date()
    visitor.open("/pay")
    visitor.press("a[href='/files']")
    visitor.at("files").check()
    mine = visitor.person["accounts"][0]["number"]
    lines = [
        line(others[0]["accounts"][0]["number"], "2.50", others[0]["name"], "E1", text="First"),
        line(others[1]["accounts"][0]["number"], "1.50", "Somebody Else", "E2"),
        line("97129999999", "1", "Nobody", "E3"),
    ]
    raw = order(block(mine, lines, today), message=uuid.uuid4().hex)
    _sent(visitor, raw.replace(b">2.50<", b">2.60<"))
    visitor.page.wait_for_selector("#file-wrong")
    visitor.check()
    assert visitor.mark("problem", "#file") == "sum"
    _sent(visitor, raw)
    visitor.at("file").check()
    assert (visitor.mark("count", "[data-count]"), visitor.mark("total-minor", "[data-total-minor]")) == ("2", "400")
    assert visitor.mark("problem", "li[data-line='3']") == "unknown_to"
    visitor.type_code()
    visitor.press("form[action$='/confirm'] button.main")
    visitor.page.wait_for_selector("[data-counted]")
    done = "div[data-file][data-state=done]"
    bank.wait_for("the end", lambda: visitor.page.reload() and visitor.page.locator(done).count(), 15)
    visitor.check()
    assert [visitor.mark("state", f"li[data-line='{number}']") for number in (1, 2, 3)] == ["done", "done", "bad"]
    report = visitor.page.context.request.get(f"{visitor.page.url}/pain.002")
    found = parse_plain(report.body())
    assert [one.text for one in found.iter("TxSts")] == ["ACSC", "ACSC", "RJCT"]
