"""Polls on the page of ideas: to be answered once, then shown as counts."""

from datetime import UTC, datetime

from holdfast.contracts.community import Poll, Question
from holdfast.edge.community.markup import Shown, form


def polls(found: tuple[Poll, ...], shown: Shown) -> str:
    """Every poll, those that are open first; "" without."""
    if not found:
        return ""
    return f'<h2 id="polls">{shown.say("poll.title")}</h2>{"".join(_poll(one, shown) for one in found)}'


def _poll(one: Poll, shown: Shown) -> str:
    at = shown.spoken.clock(datetime.fromtimestamp(one.closes_at, UTC))
    until = shown.say("poll.open" if one.is_open else "poll.closed", at=at)
    about = f'<p class="small">{shown.say("poll.incident", number=one.incident)}</p>' if one.incident else ""
    inner = _answers(one, shown) if one.is_open and not one.answered and shown.known else _results(one, shown)
    return (
        f'<section class="card" id="poll-{one.number}" data-poll="{one.number}"><h3>{shown.of(one.title)}</h3>'
        f'<p class="small">{until}</p>{about}{inner}</section>'
    )


def _answers(one: Poll, shown: Shown) -> str:
    fields = "".join(_question(one, place, asked, shown) for place, asked in enumerate(one.questions))
    return form(shown, "poll", one.number, fields, shown.say("poll.send"))


def _question(one: Poll, place: int, asked: Question, shown: Shown) -> str:
    typed = shown.was_typed("poll", f"chosen-{place}", one.number)
    choices = "".join(
        f'<label class="tick"><input type="radio" name="chosen-{place}" value="{number}" required'
        f"{' checked' if typed == str(number) else ''}> {shown.of(choice.words)}</label>"
        for number, choice in enumerate(asked.choices)
    )
    return f"<fieldset><legend>{shown.of(asked.words)}</legend>{choices}</fieldset>"


def _results(one: Poll, shown: Shown) -> str:
    """How many chose what, with how many answered; "thank you" for who did."""
    thanks = f'<p data-answered="{one.number}">{shown.say("poll.thanks")}</p>' if one.answered else ""
    given = shown.say("poll.given_one") if one.given == 1 else shown.say("poll.given", given=one.given)
    told = "".join(_counts(asked, one.given, shown) for asked in one.questions)
    return f'{thanks}<p data-given="{one.given}">{given}</p>{told}'


def _counts(asked: Question, given: int, shown: Shown) -> str:
    rows = "".join(
        f'<tr><th scope="row">{shown.of(one.words)}</th><td class="n">{one.count}</td>'
        f'<td class="n">{round(100 * one.count / given) if given else 0}&nbsp;%</td></tr>'
        for one in asked.choices
    )
    heads = "".join(f'<th scope="col"{c}>{shown.say(k)}</th>' for k, c in
                    (("poll.choice", ""), ("poll.count", ' class="n"'), ("poll.share", ' class="n"')))  # fmt: skip
    return (
        f"<table><caption>{shown.of(asked.words)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
