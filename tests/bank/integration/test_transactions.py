"""Search, one transaction, and asking what it is: recorded once, listed, decided by two people, answered."""

import re
import time
import uuid

import pytest

from holdfast.bank.books import reader
from holdfast.bank.cases import disputing
from holdfast.bank.cases.models import DISPUTES_FROM, Dispute


def pay(payer, to, amount, text):
    assert payer.post("/pay", payer.form(to, amount, text=text)).status_code == 303


def newest(person):
    return reader().lines(person.account, 1)[0]


def line_path(person):
    return f"/accounts/{person.account}/lines/{newest(person).seq}"


def rows_of(page):
    return [int(one) for one in re.findall(r'data-amount-minor="(-?\d+)" data-state="done"', page.content.decode())]


@pytest.fixture
def busy(town):
    """Ann, who paid Ben three times."""
    for amount, text in (("12.50", "lunch"), ("80", "shoes"), ("300", "Lunch for all")):
        pay(town.ann, town.ben, amount, text)
    return town.ann


@pytest.mark.parametrize(
    ("query", "amounts"),
    [("text=LUNCH", [-30000, -1250]), ("text=lunch&most=20", [-1250]), ("least=80&way=out", [-30000, -8000]),
     ("way=in", [100000]), ("kind=payment&least=12,50&most=12.50", [-1250]), ("kind=card", []),
     ("from=2020-01-01&to=2026-01-01", [100000])],
)  # fmt: skip
def test_filters_combine(busy, query, amounts):
    assert rows_of(busy.get(f"/accounts/{busy.account}/search?{query}")) == amounts


def test_what_is_found_has_the_balance_after_it_and_leads_to_the_transaction(busy):
    page = busy.get(f"/accounts/{busy.account}/search?text=shoes").content.decode()
    assert "907.50" in page
    seq = re.search(rf"/accounts/{busy.account}/lines/(\d+)", page).group(1)
    detail = busy.get(f"/accounts/{busy.account}/lines/{seq}").content.decode()
    for words in ("Ben Builder", "shoes", "907.50", "/receipt/"):
        assert words in detail


def test_a_payment_number_finds_its_transaction_alone_and_only_on_ones_own_account(busy, town):
    line = reader().lines(busy.account, 3)[1]
    for typed in (line.id.hex, str(line.id), f" {line.id.hex.upper()} "):
        answer = busy.get(f"/accounts/{busy.account}/search?text={typed.strip()}")
        assert answer.content.decode().count('data-found="1"') == 1
        assert f"/lines/{line.seq}" in answer.content.decode()
    other = reader().lines(1, 200)
    foreign = next(one for one in other if one.other_account != busy.account)
    assert 'data-found="0"' in busy.get(f"/accounts/{busy.account}/search?text={foreign.id.hex}").content.decode()


def test_a_long_search_goes_on_from_a_cursor(busy, monkeypatch):
    monkeypatch.setattr("holdfast.bank.web.transactions.FOUND_MAX", 2)
    page = busy.get(f"/accounts/{busy.account}/search?way=out")
    assert rows_of(page) == [-30000, -8000]
    more = re.search(r'href="(/accounts/\d+/search\?[^"]+)" rel="next"', page.content.decode()).group(1)
    assert rows_of(busy.get(more.replace("&amp;", "&"))) == [-1250]


@pytest.mark.parametrize(
    ("query", "words"),
    [("least=much", "Write the amount in figures"), ("least=5&most=4", "not below the first"),
     ("from=yesterday", "Write a day"), ("from=2026-02-01&to=2026-01-01", "not before the first")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_searched(busy, query, words):
    page = busy.get(f"/accounts/{busy.account}/search?{query}&text=kept")
    text = page.content.decode()
    assert (page.status_code, words in text, 'value="kept"' in text, "data-found" in text) == (422, True, True, False)


def test_other_peoples_accounts_and_entries_are_not_found(busy, town):
    other, path = town.ben.log_in(), line_path(busy)
    for address in (f"/accounts/{busy.account}/search", path, f"/accounts/{other.account}/lines/1",
                    f"/accounts/{other.account}/lines/999999999999999999"):  # fmt: skip
        assert other.get(address).status_code == 404, address
    assert other.post(f"{path}/dispute", {"id": str(uuid.uuid4()), "reason": "twice"}).status_code == 404
    assert not Dispute.objects.filter(account=busy.account).exists()


def ask(person, **more):
    path, ident = line_path(person), more.pop("ident", str(uuid.uuid4()))
    return person.post(f"{path}/dispute", {"id": ident, "reason": "not_mine", "words": "I was\tabroad", **more})


def test_a_question_is_recorded_once_and_listed_with_its_state(busy):
    assert [ask(busy).status_code for _ in range(2)] == [303, 303]
    made = Dispute.objects.get(account=busy.account)
    assert (made.payment, made.amount_minor, made.words) == (newest(busy).id, -30000, "I was abroad")
    for path in (line_path(busy), "/disputes"):
        page = busy.get(path).content.decode()
        assert f'data-dispute="{made.number}"' in page
        assert "being looked into" in page and "I did not make this" in page
    assert busy.balance == 100_000 - 39_250


@pytest.mark.parametrize(
    ("more", "words"),
    [({"reason": "because"}, "Choose what it is about"), ({"words": "x" * 501}, "at most 500 characters"),
     ({"ident": "none"}, "did not arrive whole")],
)  # fmt: skip
def test_a_question_with_a_mistake_is_not_recorded_and_keeps_what_was_typed(busy, more, words):
    page = ask(busy, **more)
    assert (page.status_code, words in page.content.decode()) == (422, True)
    assert more.get("words", "I was\tabroad") in page.content.decode()
    assert not Dispute.objects.filter(account=busy.account).exists()


def test_open_questions_are_limited(busy, monkeypatch):
    monkeypatch.setattr(disputing, "OPEN_MAX", 0)
    page = ask(busy)
    assert (page.status_code, "open questions already" in page.content.decode()) == (422, True)
    assert not Dispute.objects.filter(account=busy.account).exists()


@pytest.fixture
def decide(call, keys):
    def send(number, decision, by=("responder", "manager"), why="We looked, and you are right."):
        said = {"number": number, "decision": decision, "to": "", "why": why, "owner": by[0], "asked_by": by[0],
                "approved_by": by[1], "at": time.time()}  # fmt: skip
        return call("/-/exceptions/decide", {"token": keys["control"].sign("case-decision", said)}, by="control")

    return send


def listed(call, number):
    found = call("/-/exceptions", by="control", after=number - 1, limit=1).json()["exceptions"]
    return found[0] if found else None


def test_the_control_room_lists_it_as_a_case_without_a_name(busy, town, call):
    ask(busy)
    made = Dispute.objects.get(account=busy.account)
    case = listed(call, made.case)
    assert (case["number"], case["kind"], case["state"]) == (DISPUTES_FROM + made.number, "dispute", "open")
    assert (case["from"], case["to"], case["amount_minor"]) == (busy.number, town.ben.number, 30000)
    assert case["choices"] == ["explain", "refund"]
    assert "abroad" in case["words"] and busy.name not in str(case) and town.ben.name not in str(case)


def test_two_people_pay_it_back_once_and_the_customer_reads_the_answer(busy, decide, call):
    ask(busy)
    made, before = Dispute.objects.get(account=busy.account), busy.balance
    answers = [decide(made.case, "refund") for _ in range(2)]
    assert [one.json()["outcome"] for one in answers] == ["done", "already"]
    assert busy.balance == before + 30000
    line = newest(busy)
    assert (line.kind, line.cause) == ("case", f"dispute:{made.number}:{made.payment.hex}")
    page = busy.get("/disputes").content.decode()
    assert "We looked, and you are right." in page and "was paid back to the account" in page
    assert (
        f"Given back after you asked about it (question {made.number})"
        in busy.get(f"/accounts/{busy.account}").content.decode()
    )
    assert listed(call, made.case)["state"] == "closed"


@pytest.mark.parametrize(
    ("decision", "by", "why"),
    [("refund", ("one", "One "), "a good reason"), ("refund", ("one", "two"), "  "), ("give_back", ("one", "two"), "a good reason")],
)  # fmt: skip
def test_one_person_no_reason_or_another_decision_changes_nothing(busy, decide, decision, by, why):
    ask(busy)
    made, before = Dispute.objects.get(account=busy.account), busy.balance
    assert decide(made.case, decision, by, why).status_code == 409
    assert (Dispute.objects.get(number=made.number).closed_at, busy.balance) == (None, before)


def test_what_came_in_can_only_be_explained(town, busy, decide):
    ben = town.ben.log_in()
    assert ask(ben, reason="unknown").status_code == 303
    made = Dispute.objects.get(account=ben.account)
    assert decide(made.case, "refund").status_code == 409
    assert (
        decide(made.case, "explain", why="It is from Ann, for lunch.").json()["words"]
        == "Decided; nothing had to be booked."
    )
    assert "It is from Ann, for lunch." in ben.get(line_path(ben)).content.decode()
