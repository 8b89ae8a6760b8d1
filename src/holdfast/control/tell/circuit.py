"""Whether a provider is trusted with messages: it rests after failures or slowness, and comes back by a trial. Pure.

works → (FAILURES_MAX failures of the provider itself in a row, SLOW_MAX slow answers in a row, REFUSED_MAX refusals in
a row, or a message that no answer came to for SLOW_S) → rests, at first REST_S and twice as long each time up to
REST_S_MAX → one message as a trial → works, or rests again. A refusal is about one message; many and nothing taken
between them are about the provider, which would otherwise turn away everybody.
"""

from dataclasses import dataclass, replace

FAILURES_MAX = 3
SLOW_S = 2.0
SLOW_MAX = 8
REFUSED_MAX = 20
REST_S = 1.0
REST_S_MAX = 30.0
ENOUGH = 1_000_000
"""More messages than there are connections: as many as can be."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """One provider's. Instants and spans in seconds of a monotonic clock; words: why it rests, for people."""

    state: str = "works"
    failures: int = 0
    slow: int = 0
    refused: int = 0
    rest_s: float = REST_S
    until: float = 0.0
    words: str = ""


def room(circuit: Circuit, now: float, in_flight: int) -> int:
    """How many more messages it may be given at this instant."""
    if circuit.state == "works":
        return ENOUGH
    if circuit.state == "rests" and now < circuit.until:
        return 0
    return 0 if in_flight else 1


def tried(circuit: Circuit) -> Circuit:
    """A message goes to it: to one that rested, that is the trial."""
    return replace(circuit, state="trial") if circuit.state == "rests" else circuit


def answered(circuit: Circuit, took_s: float, now: float, taken: bool = True) -> Circuit:
    """It gave an answer about a message after took_s: taken, or refused."""
    if took_s >= SLOW_S:
        slow = circuit.slow + 1
        if circuit.state == "trial" or (circuit.state == "works" and slow >= SLOW_MAX):
            return _rest(circuit, now, f"it answers only after {took_s:.1f} seconds")
        return replace(circuit, slow=slow, failures=0)
    if circuit.state == "rests":  # of a message given before it was left alone: the trial decides
        return circuit
    if taken:
        return Circuit()
    if circuit.state == "trial" or circuit.refused + 1 >= REFUSED_MAX:
        return _rest(circuit, now, circuit.words or "it refuses one message after the other")
    return replace(circuit, refused=circuit.refused + 1, failures=0, slow=0)


def failed(circuit: Circuit, words: str, now: float) -> Circuit:
    """It did not answer, or refused to work at all."""
    if circuit.state == "rests":
        return circuit
    if circuit.state == "trial" or circuit.failures + 1 >= FAILURES_MAX:
        return _rest(circuit, now, words)
    return replace(circuit, failures=circuit.failures + 1)


def waited(circuit: Circuit, oldest_s: float, now: float) -> Circuit:
    """The message that it has had longest is oldest_s old and has no answer yet."""
    if circuit.state == "works" and oldest_s >= SLOW_S:
        return _rest(circuit, now, f"no answer for {oldest_s:.1f} seconds")
    return circuit


def _rest(circuit: Circuit, now: float, words: str) -> Circuit:
    rest_s = min(circuit.rest_s * 2, REST_S_MAX) if circuit.state == "trial" else circuit.rest_s
    return Circuit("rests", rest_s=rest_s, until=now + rest_s, words=words)
