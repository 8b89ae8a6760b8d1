"""A claim for what another charged, and a review of charges, from the customer's form to the console and back, in a real
browser, with axe on each page.
"""

import json
import socket
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

pytestmark = pytest.mark.demand("C3")
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"x" * 64 + b"\0\0\0\0IEND\xaeB`\x82"
INCIDENT = """insert into incidents_incident (number, cause, severity, phase, cause_words, opened_by, began_at, detected_at,
  opened_at, closed_at, affected_cohorts, bank_block_seen, suspects, answers, helped, refund_from, refund_until, review)
  values (%s, %s, 2, 'closed', 'a disk was full', 'a test', %s, %s, %s, %s, %s, 0, '[]', '{}', '', %s, %s, '')"""


def staff(bank, open_visitor, role):
    """A member of staff on the console."""

    def answers():
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", bank.installation.console_port)) == 0

    bank.wait_for("the console answers", answers)
    visitor = open_visitor(1280)
    page = visitor.page
    page.goto(bank.console + "/login")
    page.fill("[name=username]", role)
    page.fill("[name=password]", bank.installation.secret(role))
    page.fill("[name=code]", bank.staff_code(role))
    page.click("button.main")
    page.wait_for_selector("body[data-page=now]")
    return visitor


def test_a_claim_is_sent_decided_and_read(visitor, bank, open_visitor):
    visitor.open("/money")
    visitor.press("main a[href='/claims']")
    visitor.at("claims").check()
    visitor.type("#by_whom", "Hansen Property")
    visitor.type("#what", "Reminder fee")
    visitor.type("#amount", "much")
    visitor.page.set_input_files("#file", {"name": "fee.png", "mimeType": "image/png", "buffer": b"no picture"})
    visitor.press("main form button.main")
    visitor.page.wait_for_selector("#amount-wrong")
    visitor.at("claims").check()
    assert visitor.page.locator("#by_whom").input_value() == "Hansen Property"
    visitor.type("#amount", "350")
    visitor.page.set_input_files("#file", {"name": "fee.png", "mimeType": "image/png", "buffer": PNG})
    visitor.press("main form button.main")
    visitor.page.wait_for_selector("[data-claim][data-state=open]")
    visitor.at("claims").check()
    number = 2 * 10**12 + int(visitor.mark("claim", "[data-claim]"))
    clerk = staff(bank, open_visitor, "responder")
    clerk.page.goto(f"{bank.console}/cases")
    clerk.page.goto(f"{bank.console}/cases/{number}")
    clerk.page.click("text='Take this case'")
    clerk.page.wait_for_selector("form[action$='/propose']")
    clerk.check()
    file = clerk.page.request.get(f"{bank.console}/cases/{number}/proof")
    assert (file.body(), file.headers["content-type"]) == (PNG, "image/png")
    clerk.page.check("[name=decision][value=pay]")
    clerk.page.fill("[name=why]", "It was our outage.")
    clerk.page.click("text='Decide'")
    clerk.page.wait_for_function("document.body.innerText.includes('It was our outage.')")
    clerk.check()
    clerk.close()
    visitor.open("/claims")
    visitor.at("claims").check()
    assert visitor.mark("state", f"[data-claim='{number - 2 * 10**12}']") == "closed"
    assert "It was our outage." in visitor.page.locator("main").inner_text()
    visitor.open(f"/accounts/{visitor.person['accounts'][0]['id']}")
    visitor.at("account").check()


def past_incident(bank, account, began):
    """An incident of this account's group of customers that is over; its number."""
    with psycopg.connect(bank.installation.database_url("bank")) as connection:
        cohort = connection.execute("select cohort from bank.account where id = %s", (account,)).fetchone()[0]
        day = connection.execute("select body->>'business_date' from bank.bank_fact where key = 'bank'").fetchone()[0]
    with psycopg.connect(bank.installation.database_url("control")) as connection:
        number = connection.execute("select coalesce(max(number), 0) + 1 from incidents_incident").fetchone()[0]
        said = (number, "a test", began, began, began, datetime.now(UTC), json.dumps([cohort]), day, day)
        connection.execute(INCIDENT, said)
    return number


def test_a_review_is_made_by_one_given_by_another_and_read_by_the_customer(bank, visit, open_visitor):
    bank.to_main()
    customer = visit(360, False, language="nb")
    customer.log_in()
    customer.at("overview")
    own = customer.person["accounts"][0]["id"]
    began = datetime.now(UTC) - timedelta(hours=9)
    number = past_incident(bank, own, began)
    maker, manager = (staff(bank, open_visitor, role) for role in ("responder", "manager"))
    page = maker.page
    page.goto(bank.console + "/reviews")
    maker.check()
    page.select_option("[name=incident]", str(number))
    local = [(began + timedelta(hours=hours)).astimezone().strftime("%Y-%m-%d %H:%M") for hours in (0, 6)]
    page.fill("[name=from]", local[0])
    page.fill("[name=to]", local[1])
    page.fill("[name=why]", "six hours without any bank")
    page.click("text='Make the review'")
    page.wait_for_selector(f"tr[data-review]:has-text('{number}')")
    with page.expect_navigation():
        page.click("tr[data-review] a")
    ready = "text='Propose to give it'"
    bank.wait_for("the review is computed", lambda: page.reload() and page.locator(ready).count(), 60)
    maker.check()
    page.click("tr[data-given] a")
    page.wait_for_selector("body[data-page=review-calculation]")
    maker.check()
    page.go_back()
    page.fill("form[action$='/propose'] [name=why]", "looked at all of them")
    page.click(ready)
    page.wait_for_selector("[data-proposal]")
    address = page.url
    maker.check()
    manager.page.goto(address)
    with manager.page.expect_navigation():
        manager.page.click("text='Confirm'")
    given = "[data-state=given]"
    bank.wait_for("it is given", lambda: manager.page.reload() and manager.page.locator(given).count(), 60)
    manager.check()
    maker.close()
    manager.close()
    customer.open("/money")
    customer.at("money").check()
    assert "Kompensasjon for feilen hos oss" in customer.page.locator("main").inner_text()
    customer.open(f"/accounts/{own}")
    customer.at("account").check()
