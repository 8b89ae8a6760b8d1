"""The chat's page, whole without JavaScript; and its pieces, which the script puts in place as they change."""

import html
import math
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from holdfast.contracts.support import ADDRESS, SCORES, WORDS_MAX, Refused, Said, State, View, Who
from holdfast.edge import pages
from holdfast.look import Writing, read_words, with_shared

WORDS = with_shared(read_words(Path(__file__).parent / "words"))
SCRIPT = "chat.js"
NOTICES = frozenset(
    (
        "asked_person", "taken", "returned", "given_back", "handed", "ended_by_person", "ended_by_customer", "left",
        "known", "call_back", "let", "stopped", "looked",
    )
)  # fmt: skip
OF_OTHER_NAME = {"known": "known_notice", "let": "let_notice"}
MINUTES_TOLD = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is made of: the view (None before there is a chat), whether we know the customer, what was typed and
    not taken (with its id), and what to say about that: a refusal, "away", or "" for nothing."""

    view: View | None
    known: bool
    place: str = ""
    typed: str = ""
    message: str = ""
    trouble: str = ""


def writing(language: str, zone: str) -> Writing:
    """How the chat says things in a language."""
    return Writing(WORDS[language], zone)


def page(shown: Shown, spoken: Writing, *, status: int = 200) -> web.Response:
    """The page."""
    view = shown.view
    title = spoken.say("chat.title")
    state = view.state.value if view else "none"
    body = (
        f'<div class="chat" data-chat data-state="{state}" data-last="{view.last if view else 0}" '
        f'data-conversation="{view.conversation if view else ""}" data-away="{_say(spoken, "chat.away")}">'
        f"{_trouble(shown, spoken)}{'' if view else _lead(shown, spoken)}"
        f'<p class="small" data-part="status" role="status">{status_of(view, spoken)}</p>'
        f'<div class="said" role="log" aria-label="{_say(spoken, "chat.said")}" tabindex="0"><ol data-part="lines">'
        f"{lines_of(view, spoken)}</ol></div>"
        f'<div data-part="controls">{controls_of(view, spoken)}</div>{_form(shown, spoken)}'
        f'<p class="small">{_say(spoken, "chat.never")}</p></div>'
    )
    return pages.page("chat", title, body, spoken.language, status=status, here=ADDRESS, script=SCRIPT)


def pieces(view: View, spoken: Writing) -> dict[str, object]:
    """What changes while the page is open, as the script takes it."""
    return {
        "conversation": view.conversation,
        "next": str(uuid.uuid4()),
        "state": view.state.value,
        "last": view.last,
        "status": status_of(view, spoken),
        "controls": controls_of(view, spoken),
        "lines": [[one.number, _line(one, spoken)] for one in view.lines],
    }


def trouble_words(trouble: str, spoken: Writing) -> str:
    """Why something was not taken, in plain words."""
    if trouble == "away":
        return spoken.say("chat.away")
    return spoken.say(f"chat.no_{trouble}", most=WORDS_MAX) if trouble else ""


def _say(spoken: Writing, key: str, **values: object) -> str:
    return html.escape(spoken.say(key, **values))


def _trouble(shown: Shown, spoken: Writing) -> str:
    title = "chat.away_title" if shown.trouble == "away" else "chat.refused"
    said = html.escape(trouble_words(shown.trouble, spoken))
    hidden = "" if shown.trouble else " hidden"
    return (
        f'<div class="problem" role="alert" data-part="trouble" data-trouble="{html.escape(shown.trouble)}"{hidden}>'
        f"<strong>{_say(spoken, title)}</strong> <span>{said}</span></div>"
    )


def _lead(shown: Shown, spoken: Writing) -> str:
    who = "chat.known" if shown.known else "chat.stranger"
    return f"<p>{_say(spoken, 'chat.lead')}</p><p>{_say(spoken, who)}</p>"


def status_of(view: View | None, spoken: Writing) -> str:
    """Who has the chat, how long it takes, and when people are here; as markup."""
    if view is None:
        return ""
    if view.state is State.OPEN:
        talking = _say(spoken, "chat.talking", by=view.by)
        return (
            f"{talking} {_say(spoken, 'chat.lets', by=view.by, at=_until(view, spoken))}"
            if view.shown_until
            else talking
        )
    if view.state is State.ENDED:
        return _say(spoken, "chat.over")
    if view.state is State.HELPER:
        return f"{_say(spoken, 'chat.helping')} {_hours(view, spoken)}"
    waits = _say(spoken, "chat.waiting", ahead=_ahead(view.ahead, spoken), wait=_wait(view.wait_s, spoken))
    minutes = int(view.waited_s // 60)
    waited = f" {_say(spoken, 'chat.waited', minutes=minutes)}" if minutes >= MINUTES_TOLD else ""
    hours = "" if view.open_now else f" {_hours(view, spoken)}"
    return f'<span data-ahead="{view.ahead}">{waits}</span>{waited}{hours}'


def _until(view: View, spoken: Writing) -> str:
    return spoken.clock(datetime.fromtimestamp(view.shown_until, UTC))


def _ahead(ahead: int, spoken: Writing) -> str:
    if ahead == 0:
        return spoken.say("chat.ahead_none")
    return spoken.say("chat.ahead_one") if ahead == 1 else spoken.say("chat.ahead", ahead=ahead)


def _wait(wait_s: float | None, spoken: Writing) -> str:
    if wait_s is None:
        return spoken.say("chat.wait_unknown")
    minutes = math.ceil(wait_s / 60)
    return spoken.say("chat.wait_soon") if minutes < MINUTES_TOLD else spoken.say("chat.wait_minutes", minutes=minutes)


def _hours(view: View, spoken: Writing) -> str:
    if not view.changes_at:
        return "" if view.open_now else _say(spoken, "chat.closed_long")
    at = spoken.clock(datetime.fromtimestamp(view.changes_at, UTC))
    return _say(spoken, "chat.open" if view.open_now else "chat.closed", at=at)


def lines_of(view: View | None, spoken: Writing) -> str:
    """What was said, as markup."""
    return "".join(_line(one, spoken) for one in view.lines) if view else ""


def _line(one: Said, spoken: Writing) -> str:
    by = {
        Who.CUSTOMER: spoken.say("chat.you"),
        Who.HELPER: spoken.say("chat.helper"),
        Who.NOTICE: spoken.say("chat.notice"),
        Who.PERSON: one.by,
    }[one.who]
    words = _notice(one, spoken) if one.who is Who.NOTICE else one.words
    at = spoken.clock(datetime.fromtimestamp(one.at, UTC))
    told = "".join(f"<p>{html.escape(line)}</p>" for line in words.split("\n") if line)
    link = f'<p><a href="{html.escape(one.page)}">{_say(spoken, "chat.open_page")}</a></p>' if one.page else ""
    return (
        f'<li data-number="{one.number}" data-who="{one.who.value}"><p class="tiny"><b>{html.escape(by)}</b> '
        f"{html.escape(at)}</p>{told}{link}</li>"
    )


def _notice(one: Said, spoken: Writing) -> str:
    """What happened; "" for a notice that this release does not know."""
    if one.words not in NOTICES:
        return ""
    return spoken.say(f"chat.{OF_OTHER_NAME.get(one.words, one.words)}", by=one.by)


def controls_of(view: View | None, spoken: Writing) -> str:
    """The buttons of this state, and the question how it was."""
    if view is None:
        return ""
    if view.state is State.ENDED:
        return _how(view, spoken)
    buttons = []
    if view.state is State.HELPER:
        buttons.append(_button("person", "chat.person", spoken, main=True))
    if view.may_call and view.state in (State.HELPER, State.WAITING):
        buttons.append(_button("call", "chat.call", spoken))
    buttons.append(_button("end", "chat.end", spoken))
    look = f'<noscript><a class="button" href="{ADDRESS}">{_say(spoken, "chat.look")}</a></noscript>'
    return f'{_consent(view, spoken)}<div class="actions">{"".join(buttons)}{look}</div>'


def _consent(view: View, spoken: Writing) -> str:
    """To let the person see one's pages, or no more; for customers whom we know, while they talk with a person."""
    if view.state is not State.OPEN or not view.known:
        return ""
    if view.shown_until:
        return f'<div class="actions" data-lets="yes">{_button("stop", "chat.stop", spoken)}</div>'
    return (
        f'<form method="post" action="{ADDRESS}" data-lets="no">'
        f'<input type="hidden" name="agent" value="{html.escape(view.by)}">'
        f'<p class="small">{_say(spoken, "chat.let_words", by=view.by)}</p>'
        f'<button class="button" name="act" value="let">{_say(spoken, "chat.let", by=view.by)}</button></form>'
    )


def _button(act: str, key: str, spoken: Writing, main: bool = False) -> str:
    return (
        f'<form method="post" action="{ADDRESS}"><button class="button{" main" if main else ""}" name="act" '
        f'value="{act}">{_say(spoken, key)}</button></form>'
    )


def _how(view: View, spoken: Writing) -> str:
    """Asked once, and only where there was somebody to judge."""
    if view.rated:
        return f"<p>{_say(spoken, 'chat.how_thanks')}</p>"
    ends = {SCORES[-1]: "chat.how_best", SCORES[0]: "chat.how_worst"}
    choices = "".join(
        f'<label><input type="radio" name="score" value="{score}" required> {score}'
        f"{' – ' + _say(spoken, ends[score]) if score in ends else ''}</label>"
        for score in reversed(SCORES)
    )
    return (
        f'<form method="post" action="{ADDRESS}"><fieldset><legend>{_say(spoken, "chat.how")}</legend>'
        f'<p class="small">{_say(spoken, "chat.how_words")}</p>{choices}</fieldset>'
        f'<button class="button" name="act" value="rate">{_say(spoken, "chat.how_send")}</button></form>'
    )


def _form(shown: Shown, spoken: Writing) -> str:
    """The message: to the helper, or at once to a person."""
    view = shown.view
    begins = view is None or view.state is State.ENDED
    send = f'<button class="button main" name="act" value="say">{_say(spoken, "chat.send")}</button>'
    if begins or (view and view.state is State.HELPER):
        person = _say(spoken, "chat.send_person")
        send += f'<button class="button" name="act" value="say-person" data-first>{person}</button>'
    message = shown.message or str(uuid.uuid4())
    return (
        f'<form method="post" action="{ADDRESS}" data-say>'
        f'<input type="hidden" name="id" value="{html.escape(message)}">'
        f'<input type="hidden" name="place" value="{html.escape(shown.place)}">'
        f'<label>{_say(spoken, "chat.words")}<textarea name="words" rows="3" maxlength="{WORDS_MAX}" required>'
        f"{html.escape(shown.typed)}</textarea></label>"
        f'<div class="actions">{send}</div></form>'
    )


def refusals() -> set[str]:
    """Every reason that has words."""
    return {one.value for one in Refused} | {"origin"}
