"""Pay-day files and standing orders through the real process."""

import hashlib
import time
import uuid

from crediting import document, line, order, run_from, send
from fakes import DAY, E2, E3, refusal, transfer
from world import World

from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_FROZEN_IN, AccountChange
from holdfast.contracts.plain_xml import parse_plain


def test_a_file_is_taken_once_and_answers_by_line(town: World) -> None:
    world, before = town, len(town.journal())
    body = document("M1", [line(1), line(2, "1234.56.00020", purpose="BONU"), line(3, "5555")])
    first, again = send(world, body), send(world, body)
    told = {"message_id": "M1", "lines": 3, "bank": "standin", "refused": 0}
    assert (first.status, first.json()) == (200, told | {"accepted": 2, "already": 0, "suspended": 1})
    assert (again.status, again.json()) == (200, told | {"accepted": 0, "already": 3, "suspended": 0})
    assert [
        (one.kind, one.cohort, one.payment().kind, one.payment().debit, one.payment().credit, one.payment().cause)
        for one in world.journal()[before:]
    ] == [
        ("accept", 5, "salary", 1, 10, "file:M1:1"),
        ("accept", 9, "credit", 1, 20, "file:M1:2"),
        ("accept", 0, "salary", 1, 2, "file:M1:3"),
    ]
    assert world.journal()[before].payment().id == ids.file_line_id("SAMPNOKK", "M1", 1, "e1")
    page = world.visit("GET", "/", cookies=world.session())
    assert page.mark("data-balance-minor") == "1215000"
    assert "Employer" in page.text
    assert world.health()["exposure_minor"] == 0


def test_a_line_that_the_books_hold_is_already_there(town: World) -> None:
    world = town
    world.bank.add(transfer(1, 10, 215_000, id=ids.file_line_id("SAMPNOKK", "M2", 1, "e1"), kind="salary"))
    world.fed()
    second = uuid.uuid5(ids.file_line_id("SAMPNOKK", "M2", 2, "e2"), "suspense")
    world.bank.add(transfer(1, 2, 215_000, id=second, kind="salary"))
    world.fed()
    assert send(world, document("M2", [line(1), line(2), line(3)])).json() | {"bank": ""} == {
        "message_id": "M2",
        "lines": 3,
        "accepted": 1,
        "already": 2,
        "suspended": 0,
        "refused": 0,
        "bank": "",
    }


def test_a_line_for_a_frozen_account_goes_to_suspense(world: World) -> None:
    world.bank.add(AccountChange(20, "customer", "NOK", "credit", 0, FLAG_FROZEN_IN, 9))
    world.fed()
    answer = send(world, document("M7", [line(1, "1234.56.00020"), line(2)]))
    assert (answer.json()["accepted"], answer.json()["suspended"]) == (1, 1)
    assert [(one.cohort, one.payment().credit) for one in world.journal()] == [(0, 2), (5, 10)]


def test_a_line_for_an_account_in_another_currency_goes_to_suspense(world: World) -> None:
    world.bank.add(AccountChange(22, "1234.56.00022", "EUR", "credit", 0, 0, 9))
    body = {"number": "1234.56.00022", "title": "Euro", "product": "current", "cohort": 9, "owners": [18]}
    world.bank.say("account", 22, body)
    world.fed()
    answer = send(world, document("M8", [line(1, "1234.56.00022"), line(2)]))
    assert (answer.json()["accepted"], answer.json()["suspended"]) == (1, 1)
    assert [(one.cohort, one.payment().credit) for one in world.journal()] == [(0, 2), (5, 10)]


def test_nothing_of_a_file_that_does_not_hold_is_taken(town: World) -> None:
    world, before = town, len(town.journal())
    good = document("M3", [line(1)])
    assert send(world, good, signed=b"other").status == 403
    assert send(world, good, by="primary").status == 403
    for bad in (
        b"",
        b"<x/>",
        document("M3", [line(1), line(2, amount="1.001")]),
        good.replace(b"<Document", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document", 1),
        good.replace(b"Ccy='NOK'", b"Ccy='EUR'"),
        document("M3", []),
        b"\xff" * 100,
    ):
        answer = send(world, bad)
        assert (answer.status, list(answer.json())) == (400, ["error"])
    assert len(world.journal()) == before


def test_lines_of_cohorts_not_served_here_wait_and_are_told(world: World) -> None:
    world.doors.rows[9] = ["primary", E3, 0]
    world.until(lambda: world.health()["serving"] == 255)
    body = document("M4", [line(1), line(2, "1234.56.00020")])
    answer = send(world, body)
    assert (answer.status, answer.json()["accepted"], answer.json()["waiting"]) == (503, 1, 1)
    assert "again" in answer.json()["error"]
    assert [one.cohort for one in world.journal()] == [5]


def test_a_file_waits_for_a_claim_and_is_not_taken_without_one(town: World) -> None:
    world, before = town, len(town.journal())
    world.doors.claims[ids.file_line_id("SAMPNOKK", "M5", 1, "e1").hex] = ("refused", E2)
    answer = send(world, document("M5", [line(1), line(2)]))
    assert (answer.status, answer.json()["accepted"], answer.json()["refused"]) == (200, 1, 1)
    world.doors.away = True
    answer = send(world, document("M6", [line(1)]))
    world.doors.away = False
    assert (answer.status, len(world.journal())) == (503, before + 1)


def test_thousands_of_lines_are_taken_each_once_and_payments_pass(town: World) -> None:
    world, before = town, town.health()["position"]
    body = document("BIG", [line(number, "12345600010" if number % 2 else "12345600020") for number in range(1, 3001)])
    answer = send(world, body)
    assert (answer.status, answer.json()["accepted"]) == (200, 3000)
    assert world.health()["position"] == before + 3000
    assert world.pay(world.form()).outcome == "done"


def test_orders_run_once_when_their_hour_has_come_and_never_refused(world: World) -> None:
    world.doors.rows[7] = ["primary", E3, 0]
    world.until(lambda: world.health()["serving"] == 255)
    good, poor, elsewhere = order(world, 1), order(world, 2, amount_minor=10**8), order(world, 3, cohort=7, debit=30)
    booked, taken, void = order(world, 4), order(world, 5), order(world, 6, cohort=9, debit=20, credit=30)
    world.bank.add(transfer(10, 20, 1000, id=booked, kind="order"), refusal(void, debit=20, credit=30))
    world.doors.claims[taken.hex] = ("refused", E2)
    run_from(world, 0.8)
    world.fed()
    assert "Landlord" in world.visit("GET", "/money", cookies=world.session()).text
    assert world.journal() == []
    world.until(lambda: len(world.journal()) == 3)
    time.sleep(0.5)
    assert sorted(
        (one.kind, one.payment().id.hex, one.payment().kind, one.payment().cause) for one in world.journal()
    ) == sorted(
        [
            ("accept", good.hex, "order", f"order:1:{DAY}"),
            ("void", poor.hex, "order", f"order:2:{DAY}"),
            ("accept", void.hex, "order", f"order:6:{DAY}"),
        ]
    )
    assert elsewhere.hex not in {ident for _, claimed in world.doors.asked for ident in claimed}
    assert all(who == "taken" for who, _ in world.doors.asked)
    world.stop()
    world.start()
    time.sleep(0.5)
    assert len(world.journal()) == 3


def test_orders_wait_while_no_door_can_claim_them(world: World) -> None:
    world.doors.away = True
    order(world, 1)
    run_from(world, -1)
    world.fed()
    time.sleep(0.6)
    assert world.journal() == []
    world.doors.away = False
    world.until(lambda: [one.kind for one in world.journal()] == ["accept"])


def report(world: World, body: bytes) -> tuple[int, list[tuple[str, str, str]], str]:
    """(status, of each line its id, status and code, the code against the whole file) of the pacs.002 that answers."""
    token = world.key("clearing").sign("clearing-file", {"sha256": hashlib.sha256(body).hexdigest(), "at": time.time()})
    headers = {"Holdfast-Row": world.row(None, 0), "Holdfast-Clearing": token, "Accept": "application/xml"}
    answer = world.request("POST", "/clearing/pacs.008", body, headers | {"Content-Type": "application/xml"})
    root = parse_plain(answer.text.encode())
    lines = [
        (one.findtext("OrgnlEndToEndId", ""), one.findtext("TxSts", ""), one.findtext("StsRsnInf/Rsn/Cd", ""))
        for one in root.iterfind(".//TxInfAndSts")
    ]
    return answer.status, lines, root.findtext(".//OrgnlGrpInfAndSts/StsRsnInf/Rsn/Cd", "")


def test_the_clearing_may_ask_for_a_report_of_each_line(town: World) -> None:
    body = document("M2", [line(1), line(2, "5555")])
    for _ in range(2):
        assert report(town, body) == (200, [("e1", "ACSC", ""), ("e2", "PDNG", "AC03")], "")
    before = len(town.journal())
    assert report(town, body.replace(b"<NbOfTxs>2<", b"<NbOfTxs>3<")) == (400, [], "AM18")
    assert report(town, body.replace(b"'NOK'", b"'EUR'")) == (400, [], "AM03")
    assert len(town.journal()) == before


def test_wages_that_an_employer_sends_wait_for_the_main_bank(town: World) -> None:
    before = len(town.journal())
    headers = {"Holdfast-Row": town.row(None, 0), "Content-Type": "application/xml"}
    answer = town.request("POST", "/clearing/pain.001", b"<Document/>", headers)
    assert (answer.status, answer.headers["Holdfast-Says"], answer.headers["Retry-After"]) == (503, "elsewhere", "60")
    assert "nothing was done" in answer.json()["error"]
    assert len(town.journal()) == before
