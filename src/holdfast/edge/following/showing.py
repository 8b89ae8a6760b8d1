"""The pages on which somebody subscribes to the status page, whole without JavaScript."""

import html
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.subscribing import CODE_CHARACTERS_MAX, COMPONENTS, EMAIL_CHARACTERS_MAX, PAGE, Outcome, Shown
from holdfast.edge import pages
from holdfast.look import read_words

WORDS = read_words(Path(__file__).parent / "words")
NAME = "subscribe"
NEWS = ("confirmed", "changed", Outcome.NO_COMPONENT.value)
"""What the page of one's own subscription can say about what was just done."""
REFUSED = tuple(
    one.value for one in (Outcome.UNKNOWN, Outcome.OFTEN, Outcome.FULL, Outcome.NOT_AN_ADDRESS, Outcome.NO_COMPONENT,
                          Outcome.NO_CHANNEL)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in; components: of COMPONENTS, all in a form that nobody filled in yet."""

    address: str = ""
    components: tuple[str, ...] = COMPONENTS
    language: str = LANGUAGES[0]


def form(language: str, by_sms: bool, typed: Typed, refused: str = "", status: int = 200) -> web.Response:
    """The form. by_sms: whether the bank sends SMS too; refused: why it was not taken, "" for nothing."""
    label = "follow.address_or_phone" if by_sms else "follow.address"
    body = (
        f"{_refusal(refused, language)}<p>{_say(language, 'follow.lead')}</p>"
        f'<form class="form" method="post" action="{PAGE}"><label>{_say(language, label)} '
        f'<input name="address" required maxlength="{EMAIL_CHARACTERS_MAX}" autocomplete="email" '
        f'value="{html.escape(typed.address)}"{_invalid(refused)}></label>'
        f"{_components(language, typed.components)}{_languages(language, typed.language)}"
        f'<button class="button main">{_say(language, "follow.ask")}</button></form>'
        f'<p class="small">{_say(language, "follow.kept")}</p>'
        f'<p><a href="{PAGE}/confirm">{_say(language, "follow.have_code")}</a></p>{_feeds(language)}'
    )
    return _page("follow.title", body, language, status=status)


def code_form(language: str, code: str, asked: str, refused: str = "", status: int = 200) -> web.Response:
    """The form for the code. asked: the channel by which one was just asked for."""
    lead = f'<p role="status">{_say(language, f"follow.asked_{asked}")}</p>' if asked else ""
    body = (
        f"{_refusal(refused, language)}{lead}<p>{_say(language, 'follow.code_lead')}</p>"
        f'<form class="form" method="post" action="{PAGE}/confirm"><label>{_say(language, "follow.code")} '
        f'<input name="code" required size="24" maxlength="{CODE_CHARACTERS_MAX}" autocomplete="one-time-code" '
        f'value="{html.escape(code)}"{_invalid(refused)}></label>'
        f'<button class="button main">{_say(language, "follow.confirm")}</button></form>'
        f'<p class="small">{_say(language, "follow.code_late")} '
        f'<a href="{PAGE}">{_say(language, "follow.again")}</a></p>'
    )
    return _page("follow.code_title", body, language, status=status, here=f"{PAGE}/confirm")


def mine(language: str, said: Shown, news: str) -> web.Response:
    """One's own subscription: what it is about, and its end."""
    told = news if news in NEWS else ""
    key = f'<input type="hidden" name="key" value="{html.escape(said.key)}">'
    note = ""
    if told == Outcome.NO_COMPONENT:
        note = _refusal(told, language)
    elif told:
        note = f'<p role="status"><span class="tag calm">{_say(language, f"follow.{told}")}</span></p>'
    where = _say(language, "follow.goes_to", address=said.address)
    body = (
        f'{note}<p data-follows="{html.escape(" ".join(said.components) or "all")}">{where}</p>'
        f'<form class="form" method="post" action="{PAGE}/mine">{key}'
        f"{_components(language, said.components or COMPONENTS)}{_languages(language, said.language)}"
        f'<button class="button main">{_say(language, "follow.save")}</button></form>'
        f'<form method="post" action="{PAGE}/end">{key}<h2>{_say(language, "follow.end_title")}</h2>'
        f'<p class="small">{_say(language, "follow.end_words")}</p>'
        f'<button class="button">{_say(language, "follow.end")}</button></form>'
    )
    return _page("follow.mine_title", body, language, here=f"{PAGE}/mine?{urlencode({'key': said.key})}")


def end_form(language: str, key: str) -> web.Response:
    """The one button that ends it."""
    body = (
        f"<p>{_say(language, 'follow.end_words')}</p>"
        f'<form method="post" action="{PAGE}/end"><input type="hidden" name="key" value="{html.escape(key)}">'
        f'<button class="button main">{_say(language, "follow.end")}</button></form>'
    )
    return _page("follow.end_title", body, language, here=f"{PAGE}/end?{urlencode({'key': key})}")


def ended(language: str) -> web.Response:
    """It is over; the same words when it was over before."""
    again = f'<p><a href="{PAGE}">{_say(language, "follow.again")}</a></p>'
    body = f'<p role="status" data-ended>{_say(language, "follow.ended_words")}</p>{again}'
    return _page("follow.ended_title", body, language)


def not_there(language: str, refused: str, status: int = 0) -> web.Response:
    """A key that is for nothing any more, or something that was not taken."""
    status = status or (429 if refused == Outcome.OFTEN else 404)
    if refused == Outcome.UNKNOWN:
        body = f"<p>{_say(language, 'follow.not_there_words')}</p>"
    else:
        body = _refusal(refused, language)
    body += f'<p><a href="{PAGE}">{_say(language, "follow.again")}</a></p>'
    return _page("follow.not_there_title", body, language, status=status)


def away(language: str) -> web.Response:
    """The control room does not answer: nobody knows whether what was sent was taken, and it may be sent again."""
    body = f'<p role="alert" data-away>{_say(language, "follow.away_words")}</p>{_feeds(language)}'
    answer = _page("follow.away_title", body, language, status=503)
    answer.headers["Retry-After"] = "30"
    return answer


def _page(title: str, body: str, language: str, *, status: int = 200, here: str = PAGE) -> web.Response:
    return pages.page(NAME, WORDS[language].say(title), body, language, status=status, here=here)


def _say(language: str, key: str, **values: object) -> str:
    return html.escape(WORDS[language].say(key, **values))


def _refusal(refused: str, language: str) -> str:
    if not refused:
        return ""
    said = _say(language, f"follow.no_{refused}")
    return f'<p class="problem" role="alert" id="refused" data-refused="{html.escape(refused)}">{said}</p>'


def _invalid(refused: str) -> str:
    wrong = refused in (Outcome.NOT_AN_ADDRESS, Outcome.NO_CHANNEL, Outcome.UNKNOWN)
    return ' aria-invalid="true" aria-describedby="refused"' if wrong else ""


def _components(language: str, chosen: tuple[str, ...]) -> str:
    choices = [
        _choice("checkbox", "component", one, one in chosen, _say(language, f"component.{one}")) for one in COMPONENTS
    ]
    return _group(_say(language, "follow.about"), choices)


def _languages(language: str, chosen: str) -> str:
    names = {"en": "English", "nb": "Norsk"}
    choices = [_choice("radio", "language", one, one == chosen, f'<span lang="{one}">{names[one]}</span>') for one in
               LANGUAGES]  # fmt: skip
    return _group(_say(language, "follow.language"), choices)


def _choice(kind: str, name: str, value: str, chosen: bool, said: str) -> str:
    """One box or button with its words; said is markup."""
    mark = " checked" if chosen else ""
    return f'<label class="tick"><input type="{kind}" name="{name}" value="{value}"{mark}> {said}</label>'


def _group(legend: str, choices: list[str]) -> str:
    return f'<fieldset class="part"><legend>{legend}</legend>{"".join(choices)}</fieldset>'


def _feeds(language: str) -> str:
    """What needs no address."""
    links = (("/status.atom", "Atom"), ("/status.rss", "RSS"), ("/status.ics", "iCalendar"), ("/status.json", "JSON"))
    named = " · ".join(f'<a href="{address}">{name}</a>' for address, name in links)
    return f'<p class="small">{_say(language, "follow.feeds")} {named}</p>'
