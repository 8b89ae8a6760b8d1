"""What the machine's network loses, from the kernel's own counters."""

import pytest

from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.metrics.host import COUNTERS, HOST, SEGMENTS_MIN, Network

pytestmark = pytest.mark.demand("W1")
LOSS = Name(HOST, "network loss", "", Kind.ERRORS, "share")


def told(sent: int, again: int) -> str:
    return (
        f"Ip: Forwarding\nIp: 1\nTcp: RtoMin InSegs OutSegs RetransSegs\nTcp: 200 5 {sent} {again}\nUdp: In\nUdp: 4\n"
    )


def test_loss_is_the_share_of_segments_sent_again_since_the_last_look() -> None:
    network = Network()
    assert network.look(told(1000, 10)) == {}
    assert network.look(told(1200, 20)) == {LOSS: 0.05}
    assert network.look(told(1300, 20)) == {LOSS: 0.0}
    assert network.look(told(1300 + SEGMENTS_MIN - 1, 40)) == {}  # too few to say
    assert network.look(told(10, 0)) == {}  # the machine began anew


@pytest.mark.parametrize("text", ["", "Tcp: OutSegs\nTcp: many\n", "Tcp: InSegs\nTcp: 3\n", "Tcp: OutSegs\n"])
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    assert Network().look(text) == {}


def test_this_machines_counters_have_the_form() -> None:
    network = Network()
    network.look()
    assert network._before is not None, COUNTERS
