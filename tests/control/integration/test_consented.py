"""An agent sees the customer's pages by the customer's consent alone; each look is on record and the customer reads it."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from fakes import Town
from staffing import client

from holdfast.contracts.consent import LASTS_S, PATH, PURPOSE, Consent, PagesShown, ShownAccount, ShownLine
from holdfast.contracts.shapes import to_wire
from holdfast.contracts.support import Asking, Refused
from holdfast.control.care.directory import take as take_facts
from holdfast.control.staff import log
from holdfast.control.staff.models import Person, StaffAction
from holdfast.control.support import consenting, forgetting, looking, queue, taking, talking
from holdfast.control.support.errors import NotTaken
from holdfast.control.support.models import Agent, Conversation, PageLook
from holdfast.control.watch.models import Service
from holdfast.settings import Installation
from holdfast.signing import load_keyring

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.demand("B7"), pytest.mark.demand("G7")]
PAGES = PagesShown(
    "14:02",
    False,
    "",
    (ShownAccount("1234 56 00010", "Everyday <b>", "812.50 NOK", "800.00 NOK", "12.50 NOK", False,
                  (ShownLine("Corner shop", "3 May", "-40.00 NOK"),)),),
    (),
    False,
)  # fmt: skip


@pytest.fixture
def town(installation: Installation) -> Iterator[Town]:
    with Town(installation) as made:
        made.bank.paths[PATH] = lambda _q, _b: (200, to_wire(PAGES))
        made.standin.paths[PATH] = lambda _q, _b: (200, to_wire(PAGES))
        yield made


@pytest.fixture
def desk(people: dict[str, str]) -> Client:
    return client(people, "support")


@pytest.fixture
def chat(desk: Client) -> str:
    """A chat of customer 7 that the agent has."""
    body = {"name": "Example 7", "cohort": 3, "language": "en", "needs": []}
    take_facts([{"number": 7, "kind": "customer", "key": "7", "body": body}])
    ident = talking.say(asking(), str(uuid.uuid4()), "Where is my rent?", True, datetime.now(UTC)).conversation
    desk.post(f"/support/{ident}/take")
    return ident


def asking(conversation: str = "", who: int = 7) -> Asking:
    return Asking(conversation, who, "en", "/")


def consent(home: Installation, chat: str, signer: str = "door", **more: Any) -> str:
    given = {"conversation": chat, "customer": 7, "agent": "support", "session": "s", "began": time.time() - 60,
             "given": time.time(), **more}  # fmt: skip
    return load_keyring(home.keys, signer).sign(PURPOSE, Consent(**given).to_payload())


def let(home: Installation, chat: str, **more: Any) -> None:
    consenting.let(asking(chat), consent(home, chat, **more), datetime.now(UTC))


def notices(chat: str) -> list[str]:
    lines = talking.read(asking(chat), 0, datetime.now(UTC)).lines
    return [one.words for one in lines if one.who.value == "notice"]


def serve(modes: str) -> None:
    Service.objects.update_or_create(id=1, defaults={"modes": modes * 256, "at": datetime.now(UTC)})


def test_by_consent_the_agent_sees_the_pages_and_both_records_say_so(
    desk: Client, chat: str, town: Town, installation: Installation
) -> None:
    before = desk.get(f"/support/{chat}").content.decode()
    assert "only when the customer lets you" in before and "See their pages" not in before
    let(installation, chat)
    assert "See their pages" in desk.get(f"/support/{chat}").content.decode()
    answer = desk.post(f"/support/{chat}/look")
    page = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert 'data-pages-shown="the main bank"' in page and "812.50 NOK" in page and "Corner shop" in page
    assert "Everyday &lt;b&gt;" in page and "Everyday <b>" not in page
    _, raw = next(one for one in town.bank.calls if one[0] == PATH)
    assert (json.loads(raw)["agent"], json.loads(raw)["language"]) == ("support", "en")
    assert notices(chat)[-2:] == ["let", "looked"]
    found = [(one.what, one.data) for one in StaffAction.objects.order_by("number") if "pages" in one.what]
    about = {"chat": chat, "customer": 7}
    assert found == [
        ("asks to see a customer's pages", about),
        ("saw a customer's pages", {**about, "shown by": "the main bank"}),
    ]
    log.verify()
    assert PageLook.objects.values_list("customer", "by", "bank").get() == (7, "Made-up support", "bank")
    assert "812.50" not in desk.get(f"/support/{chat}").content.decode()


def test_without_consent_no_bank_is_asked_and_nothing_is_shown(
    desk: Client, chat: str, town: Town, people: dict[str, str]
) -> None:
    answer = desk.post(f"/support/{chat}/look")
    assert answer.status_code == 409 and "data-not-shown" in answer.content.decode()
    for role, status in (("manager", 409), ("responder", 403), ("communicator", 403), ("auditor", 403)):
        assert client(people, role).post(f"/support/{chat}/look").status_code == status
    assert desk.get(f"/support/{chat}/look").status_code == 405
    assert [one for one in town.bank.calls + town.standin.calls if one[0] == PATH] == []
    assert not StaffAction.objects.filter(what__contains="pages").exists() and not PageLook.objects.exists()


def test_a_consent_that_is_not_of_this_chat_customer_agent_or_door_is_not_taken(
    chat: str, town: Town, installation: Installation
) -> None:
    for more in ({"signer": "control"}, {"signer": "primary"}):
        with pytest.raises(ValueError, match="does not hold"):
            let(installation, chat, **more)
    for more, why in (
        ({"conversation": str(uuid.uuid4())}, Refused.NOT_YOURS),
        ({"customer": 8}, Refused.NOT_YOURS),
        ({"agent": "manager"}, Refused.CHANGED),
        ({"given": time.time() - LASTS_S - 1}, Refused.CHANGED),
    ):
        token = consent(installation, chat, **more)
        with pytest.raises(NotTaken) as refused:
            consenting.let(asking(chat), token, datetime.now(UTC))
        assert refused.value.why is why
    assert Conversation.objects.get().consent == "" and "let" not in notices(chat)


@pytest.mark.parametrize("how", ["stop", "hand over", "drop out", "end", "time"])
def test_what_ends_a_consent(desk: Client, chat: str, town: Town, installation: Installation, how: str) -> None:
    let(installation, chat)
    now = datetime.now(UTC)
    if how == "stop":
        assert consenting.stop(asking(chat), now).shown_until == 0.0
        assert consenting.stop(asking(chat), now).last == Conversation.objects.get().last_number
    elif how == "hand over":
        assert taking.hand_over(Person.objects.get(username="support"), uuid.UUID(chat), "", now) == ""
        desk.post(f"/support/{chat}/take")
    elif how == "drop out":
        Agent.objects.update(seen_at=now - timedelta(seconds=61))
        assert queue.sweep(now) == 1
        desk.post(f"/support/{chat}/take")
    elif how == "end":
        talking.end(asking(chat), now)
    else:
        Conversation.objects.update(consent_until=now)
    assert desk.post(f"/support/{chat}/look").status_code == 409
    assert [one for one in town.bank.calls if one[0] == PATH] == [] and not PageLook.objects.exists()


def test_the_spare_bank_shows_them_when_it_serves_or_the_main_bank_is_dead(
    desk: Client, chat: str, town: Town, installation: Installation
) -> None:
    let(installation, chat)
    serve("s")
    assert 'data-pages-shown="the spare bank"' in desk.post(f"/support/{chat}/look").content.decode()
    assert [one for one in town.bank.calls if one[0] == PATH] == []
    serve("p")
    town.bank.paths[PATH] = lambda _q, _b: (409, {"over": "elsewhere"})
    assert 'data-pages-shown="the spare bank"' in desk.post(f"/support/{chat}/look").content.decode()
    town.bank.stop()
    assert 'data-pages-shown="the spare bank"' in desk.post(f"/support/{chat}/look").content.decode()
    assert set(PageLook.objects.values_list("bank", flat=True)) == {"standin"}


def test_with_both_banks_dead_it_says_so_and_no_look_is_told(
    desk: Client, chat: str, town: Town, installation: Installation
) -> None:
    let(installation, chat)
    town.bank.stop()
    town.standin.stop()
    answer = desk.post(f"/support/{chat}/look")
    assert answer.status_code == 409 and "Neither bank answers just now" in answer.content.decode()
    serve("s")
    assert "The spare bank serves this customer and does not" in desk.post(f"/support/{chat}/look").content.decode()
    assert "looked" not in notices(chat) and not PageLook.objects.exists()
    assert StaffAction.objects.filter(what="asks to see a customer's pages").count() == 2


def test_what_a_bank_shows_is_not_shown_when_the_customer_stopped_it_meanwhile(
    desk: Client, chat: str, town: Town, installation: Installation
) -> None:
    let(installation, chat)

    def slow(_query: dict[str, str], _body: bytes) -> tuple[int, dict[str, Any]]:
        from django.db import connection

        consenting.stop(asking(chat), datetime.now(UTC))
        connection.close()
        return 200, to_wire(PAGES)

    town.bank.paths[PATH] = slow
    answer = desk.post(f"/support/{chat}/look")
    assert answer.status_code == 409 and "812.50" not in answer.content.decode()
    assert not PageLook.objects.exists() and "looked" not in notices(chat)


def test_a_customer_who_logged_out_is_not_seen_any_more(
    desk: Client, chat: str, town: Town, installation: Installation
) -> None:
    let(installation, chat)
    town.bank.paths[PATH] = lambda _q, _b: (409, {"over": "logged_out"})
    page = desk.post(f"/support/{chat}/look").content.decode()
    assert re.search("has logged out since", page) and [one for one in town.standin.calls if one[0] == PATH] == []


def test_looks_have_a_limit_and_are_forgotten_with_the_customer(
    desk: Client, chat: str, town: Town, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    let(installation, chat)
    monkeypatch.setattr(looking, "LOOKS_MAX", 1)
    assert [desk.post(f"/support/{chat}/look").status_code for _ in range(2)] == [200, 409]
    assert PageLook.objects.count() == 1
    forgetting.forget([7])
    assert PageLook.objects.count() == 0 and Conversation.objects.get().consent == ""
