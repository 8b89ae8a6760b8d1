"""A consent holds for one agent and half an hour, and says nothing beyond what it was signed for."""

from dataclasses import replace

import pytest

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.consent import LASTS_S, Consent, Over, PagesShown, consent_from_payload
from holdfast.contracts.shapes import from_wire, to_wire

pytestmark = [pytest.mark.demand("B7"), pytest.mark.demand("G7")]
GIVEN = Consent("c0ffee", 7, "kari", "abc", 900.0, 1_000.0)


def test_it_is_read_as_it_was_signed():
    assert consent_from_payload({**GIVEN.to_payload(), "signer": "door"}) == GIVEN


@pytest.mark.parametrize(
    "more", [{"conversation": ""}, {"agent": ""}, {"session": ""}, {"customer": 0}, {"customer": "x"}, {"given": None}]
)
def test_what_names_no_chat_customer_agent_or_session_is_none(more):
    with pytest.raises((ValueError, TypeError)):
        consent_from_payload({**GIVEN.to_payload(), **more})


@pytest.mark.parametrize(
    ("agent", "now", "over"),
    [
        ("kari", 1_000.0, None),
        ("kari", 1_000.0 + LASTS_S - 1, None),
        ("kari", 1_000.0 + LASTS_S, Over.TIME),
        ("kari", 1_000.0 - CLOCK_LEEWAY_S - 1, Over.TIME),
        ("ola", 1_000.0, Over.OTHER_AGENT),
        ("", 1_000.0, Over.OTHER_AGENT),
    ],
)
def test_it_is_for_one_agent_and_half_an_hour(agent, now, over):
    assert GIVEN.over(agent, now) is over


def test_pages_cross_the_border_as_they_are_and_nothing_else_does():
    pages = PagesShown("now", False, "", (), (), False)
    assert from_wire(PagesShown, to_wire(pages)) == pages
    assert replace(pages, more=True) != pages
    with pytest.raises(ValueError):
        from_wire(PagesShown, {"at": "now"})
