"""The spare bank shows a customer's pages by a consent alone, out of its copy and journal, and asks no door for it."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import FakeBank, transfer
from inside import make_keys
from world import BANK, vault

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.consent import LASTS_S, PURPOSE, Consent, PagesShown
from holdfast.contracts.errors import BadToken
from holdfast.contracts.shapes import from_wire
from holdfast.signing import load_keyring
from holdfast.standin import bank as module
from holdfast.standin.consented import PagesShownTo
from holdfast.standin.copy import Copy
from holdfast.standin.journal import JournalReader
from holdfast.standin.view import View


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[Any]:
    """As much of a spare bank as a look needs: customer 17 with account 10 and 81.25 kroner."""
    folder, keys = tmp_path / "standin", tmp_path / "keys"
    folder.mkdir()
    make_keys(keys, "door", "standin", "control")
    filled, books = Copy(folder / "copy.sqlite", View(), vault(folder)), FakeBank()
    books.add(AccountChange(1, "s", "NOK", "debit", -(10**12), 0, 0), AccountChange(10, "c", "NOK", "credit", 0, 0, 5))
    books.add(transfer(1, 10, 8_125))
    books.say("bank", "bank", BANK)
    books.say("account", 10, {"number": "97120000018", "title": "Everyday", "cohort": 5, "owners": [17]})
    books.say("customer", 17, {"name": "Ann", "username": "ann", "cohort": 5, "accounts": [10]})
    filled.apply_answer(json.dumps({"head": 2, "blocks": books.blocks}).encode())
    filled.apply_facts(json.dumps({"head": 0, "facts": books.facts}).encode())
    filled.close()
    view, journal, copy, _ = module._open_stores(folder, ZoneInfo("UTC"), vault(folder), "NOK")
    readers = ThreadPoolExecutor(1)
    yield SimpleNamespace(
        view=view,
        copy_reader=copy.reader,
        journal_reader=JournalReader(folder / "journal.sqlite", vault(folder)),
        readers=readers,
        doors=SimpleNamespace(refused=set()),
        keyring=load_keyring(keys, "standin"),
        place=SimpleNamespace(time_zone="Europe/Oslo"),
        keys=keys,
    )
    readers.shutdown()
    journal.stop()
    copy.close()


def look(spare: Any, signer: str = "door", agent: str = "kari", **more: Any) -> tuple[int, dict[str, Any]]:
    now = time.time()
    given = {"conversation": "chat", "customer": 17, "agent": "kari", "session": "s1", "began": now, "given": now}
    token = load_keyring(spare.keys, signer).sign(PURPOSE, Consent(**{**given, **more}).to_payload())

    async def body() -> dict[str, str]:
        return {"consent": token, "agent": agent, "language": "nb"}

    answer = asyncio.run(PagesShownTo(spare).show(SimpleNamespace(json=body)))  # type: ignore[arg-type]
    return answer.status_code, json.loads(bytes(answer.body))


def test_a_consent_that_holds_shows_the_overview_in_the_customers_language(spare: Any) -> None:
    status, raw = look(spare)
    pages = from_wire(PagesShown, raw)
    (account,) = pages.accounts
    assert (status, account.title, account.number) == (200, "Everyday", "9712.00.00018")
    assert (account.balance, account.available, account.stopped) == ("kr\u00a081,25", "kr\u00a081,25", False)
    assert [line.amount for line in pages.latest] == ["kr\u00a0+81,25"]
    assert (pages.frozen, pages.owed, pages.more) == (False, "", False)


def test_what_does_not_hold_shows_nothing(spare: Any) -> None:
    assert look(spare, agent="ola") == (409, {"over": "other_agent"})
    assert look(spare, given=time.time() - LASTS_S) == (409, {"over": "time"})
    assert look(spare, customer=18) == (409, {"over": "no_customer"})
    spare.view.ended_sessions.add("s1")
    assert look(spare) == (409, {"over": "logged_out"})


def test_only_a_door_signs_a_consent(spare: Any) -> None:
    with pytest.raises(BadToken):
        look(spare, signer="control")
