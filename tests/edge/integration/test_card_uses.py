"""Card networks' questions at the doors: routed by the card's cohort, which only the banks know."""

import time
import uuid

import pytest
from aiohttp import web

from holdfast.contracts.epochs import Mode

pytestmark = pytest.mark.demand("B4", "S3")


def bank(doors, name, cohort, outcome="done"):
    """A bank that names the card's cohort under any other row, and answers under its own."""

    async def behave(request):
        row = doors.keys[name].verify("row", request.headers["Holdfast-Row"], {"door"})
        assert request.headers["Holdfast-Network"] == "token"
        if row["cohort"] != cohort:
            return web.Response(status=421, headers={"Holdfast-Cohort": str(cohort)})
        return web.json_response({"bank": name}, headers={"Holdfast-Outcome": f"{outcome} {IDENT.hex}"})

    return behave


IDENT = uuid.uuid4()


def ask(doors):
    headers = {"Holdfast-Network": "token", "Content-Type": "application/json"}
    status, headers, _ = doors.request("POST", "/cards/authorisations", b"{}", headers)
    return status, headers.get("Holdfast-Served-By")


def test_a_card_use_goes_to_the_bank_that_serves_the_cards_cohort(doors):
    doors.primary.behave = bank(doors, "primary", 61)
    assert ask(doors) == (200, "primary")
    assert [row["cohort"] for _, _, row, _ in doors.primary.asked] == [None, 61]
    row = doors.row(61)
    doors.register.swap([(row, type(row)(61, Mode.STANDIN, row.epoch + 1))], "trip", "test")
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))
    doors.standin.behave = bank(doors, "standin", 61)
    assert ask(doors) == (200, "standin")


async def fails(request):
    return web.Response(status=500)


def test_with_the_bank_gone_the_spare_bank_names_the_cohort_and_answers_only_under_its_new_epoch(doors):
    doors.primary.behave = fails
    doors.standin.behave = bank(doors, "standin", 62)
    before = doors.row(62)
    began = time.monotonic()
    assert ask(doors) == (200, "standin")
    assert time.monotonic() - began < 1.5
    after = doors.row(62)
    assert (after.mode, after.epoch) == (Mode.STANDIN, before.epoch + 1)
    assert [(row["cohort"], row["epoch"]) for _, _, row, _ in doors.standin.asked] == [(None, 0), (62, after.epoch)]
    assert doors.row(63).mode is Mode.PRIMARY
    assert len(doors.primary.asked) == 1


def test_a_declined_use_is_told_only_after_its_claim(doors):
    doors.primary.behave = bank(doors, "primary", 64, "refused-own")
    assert ask(doors) == (200, "primary")
    assert doors.register.claim("taken", [(IDENT.hex, 64, doors.row(64).epoch + 1)]) == ([], [IDENT.hex])
