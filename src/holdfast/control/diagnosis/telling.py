"""Sentences for a responder at three in the morning: what moved, from what to what, since when."""

from holdfast.control.diagnosis.answers import HOW
from holdfast.control.diagnosis.blame import Graph, Look
from holdfast.control.diagnosis.case import WORDS_MAX, MetricKind
from holdfast.control.diagnosis.movement import Movement
from holdfast.control.diagnosis.suspects import Evidence

MOSTLY = 0.7


def span(seconds: float) -> str:
    """How long, in the unit that fits: 40 s, 12 min, 3 h, 2 days."""
    for unit, size, most in (("s", 1, 120), ("min", 60, 7_200), ("h", 3_600, 172_800)):
        if abs(seconds) < most:
            return f"{abs(seconds) / size:.0f} {unit}"
    return f"{abs(seconds) / 86_400:.0f} days"


def beside(time: float, at: float) -> str:
    """An instant seen from the complaint."""
    if abs(time - at) < 1:
        return "with the complaint"
    return f"{span(time - at)} {'before' if time < at else 'after'} the complaint"


def since(time: float, at: float) -> str:
    """From an instant on, seen from the complaint."""
    return "since the complaint" if abs(time - at) < 1 else f"since {beside(time, at)}"


def amount(kind: MetricKind, value: float) -> str:
    """A value in its unit: ms or s, %, or a second."""
    match kind:
        case MetricKind.LATENCY:
            return f"{value:.2f} s" if abs(value) >= 1 else f"{value * 1000:.{int(abs(value) < 0.01)}f} ms"
        case MetricKind.RATE:
            return f"{value:,.{0 if abs(value) >= 10 else 2}f} a second"
        case _:
            return f"{value * 100:.{0 if abs(value) >= 0.1 else 1}f} %"


def movement(moved: Movement, at: float) -> Evidence:
    """A metric that moved, with its picture."""
    verb = {
        MetricKind.LATENCY: "{after} instead of {before}",
        MetricKind.ERRORS: "{after} failed instead of {before}",
        MetricKind.AVAILABILITY: "{after} did not go well instead of {before}",
        MetricKind.SATURATION: "{after} used instead of {before}",
        MetricKind.RATE: "{after} instead of {before}",
    }[moved.kind].format(after=amount(moved.kind, moved.after), before=amount(moved.kind, moved.before))
    usual = f"{min(abs(moved.score), 50):.0f} times its usual swing" + (" or more" if abs(moved.score) >= 50 else "")
    began = f", {since(moved.began, at)}" if moved.began is not None else ""
    return Evidence(f"{clip(moved.metric)}: {verb} ({usual}){began}.", "metric", moved.picture, moved.mark)


def own_part(look: Look, graph: Graph) -> Evidence | None:
    """What the graph says: whether the loss is its own or comes from what it calls."""
    slow, fails = look.worst(MetricKind.LATENCY), look.worst(MetricKind.ERRORS, MetricKind.AVAILABILITY)
    if fails is not None and fails.up:
        own, lost = look.fail_own, "failures are"
    elif slow is not None and slow.up:
        own, lost = look.slow_own, "slowness is"
    else:
        return None
    if not graph.callees.get(look.name):
        return Evidence(f"It calls nothing else that is known, so its {lost} its own.", "graph")
    if own >= MOSTLY:
        return Evidence(f"What it calls does not explain it: {own * 100:.0f} % of its {lost} its own.", "graph")
    return Evidence(f"{(1 - own) * 100:.0f} % of its {lost} explained by what it calls.", "graph")


def absence(look: Look, at: float) -> list[Evidence]:
    """That it is gone, cut off or unwell, as far as it shows."""
    said = []
    if look.answer in HOW and look.answer != "answers":
        said.append(Evidence(f"Asked by the control room, it {HOW[look.answer]}.", "probe"))
    if look.silent_since is not None:
        begins = since(look.silent_since, at)
        said.append(Evidence(f"None of its metrics says anything {begins}, while others go on.", "metric"))
    if look.behind:
        said.append(Evidence("Its caller is unwell by itself, and nobody measures that of this one.", "graph"))
    if look.cut_off:
        said.append(Evidence("It is hardly asked any more, though it is well by what it says itself.", "graph"))
    return said


def clip(text: str) -> str:
    """Words from outside, in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= WORDS_MAX else line[: WORDS_MAX - 1] + "…"
