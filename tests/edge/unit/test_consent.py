"""A door signs a consent for the agent whose name the customer read, by a session that goes on, and for nobody else."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from holdfast.contracts.consent import PURPOSE, consent_from_payload
from holdfast.contracts.sessions import Session
from holdfast.contracts.support import State, View
from holdfast.edge.chat import serving
from holdfast.edge.chat.visitor import Visitor

pytestmark = [pytest.mark.demand("B7"), pytest.mark.demand("G7")]
OPEN = View("chat-1", State.OPEN, 3, 4, by="Kari", agent="kari", known=True)
VISITOR = Visitor("chat-1", 77, 1000.0, "en", "network")


@pytest.fixture
def act(keyring, monkeypatch):
    """Send an act; what came of it, with what the desk was asked."""
    asked = []

    def send(form, view=OPEN, customer=77, logged_in=True):
        async def ask(_door, what, asking, **more):
            asked.append((what, asking.customer, more))
            return view

        monkeypatch.setattr(serving.asking, "ask", ask)
        now = time.time()
        session = Session("s1", customer, 3, ("password", "code"), now - 60, now, 1) if logged_in else None
        chat = serving.Chat(SimpleNamespace(keyring=keyring))
        return asyncio.run(chat._act(VISITOR, form, "", "/", session))

    send.asked = asked
    return send


def test_the_consent_names_the_chat_the_customer_the_agent_and_the_session(act, keyring):
    view, trouble = act({"act": "let", "agent": "Kari"})
    assert (view, trouble, [what for what, *_ in act.asked]) == (OPEN, "", ["read", "let"])
    given = consent_from_payload(keyring.verify(PURPOSE, act.asked[1][2]["consent"], {"door"}))
    assert (given.conversation, given.customer, given.agent, given.session) == ("chat-1", 77, "kari", "s1")
    assert given.over("kari") is None


@pytest.mark.parametrize(
    ("more", "agent", "trouble"),
    [
        ({"logged_in": False}, "Kari", "not_logged_in"),
        ({"customer": 78}, "Kari", "not_logged_in"),
        ({}, "Ola", "changed"),
        ({}, "", "changed"),
        ({"view": View("chat-1", State.WAITING, 3, 4, by="", agent="")}, "", "changed"),
        ({"view": View("chat-1", State.ENDED, 3, 4, by="Kari", agent="kari")}, "Kari", "changed"),
        ({"view": View("chat-1", State.OPEN, 3, 4, by="Kari")}, "Kari", "changed"),
    ],
)
def test_nothing_is_signed_for_anybody_else(act, more, agent, trouble):
    assert act({"act": "let", "agent": agent}, **more) == (None, trouble)
    assert "let" not in [what for what, *_ in act.asked]


def test_stopping_needs_no_session(act):
    assert act({"act": "stop"}, logged_in=False) == (OPEN, "")
    assert act.asked == [("stop", 77, {})]
