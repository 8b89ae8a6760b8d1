"""How often the spare bank would have decided as the bank did, in words for a terminal."""

from typing import Any

SHOWN = 3


def shadow_words(told: dict[str, Any]) -> str:
    """A few lines from the answer of /-/shadow: the agreement, by age of the data, and the last disagreements."""
    if not told["judged"]:
        return "Shadow: nothing was compared yet."
    lines = [
        f"Shadow: {told['judged']} decisions compared, {told['same_share']:.2%} the same; wrongly accepted "
        f"{told['accepted_wrongly_share']:.2%} of the value, wrongly refused {told['refused_wrongly_share']:.2%}."
    ]
    lines += [
        f"  data {age}: {one['judged']} compared, {one['same_share']:.2%} the same" for age, one in told["ages"].items()
    ]
    lines += [f"  {one['id']}: {one['words']}" for one in told["disagreements"][-SHOWN:]]
    if told["dropped"] or told["not_judged"]:
        lines.append(
            f"  not compared: {told['dropped']} dropped under load, {told['not_judged']} not known well enough"
        )
    return "\n".join(lines)
