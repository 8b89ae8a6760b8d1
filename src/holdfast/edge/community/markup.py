"""Pieces that the community's pages share. What a customer wrote is shown as text; only an address of the bank's own
doors is a link."""

import html
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from holdfast.contracts.community import ADDRESS, LEARN, PROBLEM, WHY_MAX, Appeal, Fate, Post
from holdfast.edge import pages
from holdfast.look import Writing, read_words, with_shared

WORDS = with_shared(read_words(Path(__file__).parent / "words"))
LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is shown with. spoken: how things are said; known: whether the customer is known; origin: of the
    doors; here: the page's own address; trouble: why something was not taken, "" for nothing; typed: the fields that
    were not taken."""

    spoken: Writing
    known: bool
    origin: str
    here: str
    trouble: str = ""
    typed: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """A text of ours as markup."""
        return html.escape(self.spoken.say(key, **values))

    def was_typed(self, act: str, name: str, number: int = 0) -> str:
        """What was typed into a field of the form that was not taken, as markup; "" for every other form."""
        theirs = self.typed.get("act") == act and self.typed.get("number", "0") == str(number)
        return html.escape(self.typed.get(name, "")) if theirs else ""

    def of(self, texts: dict[str, str]) -> str:
        """The bank's own text in the language of the page, as markup."""
        return html.escape(texts.get(self.spoken.language) or next(iter(texts.values()), ""))

    def at(self, instant_s: float) -> str:
        """When, as markup."""
        return html.escape(self.spoken.clock(datetime.fromtimestamp(instant_s, UTC)))


def writing(language: str, zone: str) -> Writing:
    """How these pages say things in a language."""
    return Writing(WORDS[language], zone)


def page(shown: Shown, name: str, title: str, body: str, status: int = 200) -> web.Response:
    """A page; body is markup, title plain words."""
    return pages.page(
        name,
        title,
        f'<div class="community">{trouble(shown)}{body}</div>',
        shown.spoken.language,
        status=status,
        here=shown.here,
    )


def trouble(shown: Shown) -> str:
    """Why something was not taken, in plain words, at the top of the page."""
    if not shown.trouble:
        return ""
    title = "no.away_title" if shown.trouble == "away" else "no.title"
    return (
        f'<div class="problem" role="alert" data-trouble="{html.escape(shown.trouble)}">'
        f"<strong>{shown.say(title)}</strong> <span>{shown.say(f'no.{shown.trouble}')}</span></div>"
    )


def text(shown: Shown, words: str, language: str = "") -> str:
    """Words as paragraphs: everything escaped, addresses of the bank's own pages as links, others as text."""
    lang = f' lang="{html.escape(language)}"' if language and language != shown.spoken.language else ""
    told = "".join(f"<p>{_linked(line, shown.origin)}</p>" for line in words.split("\n") if line)
    return f'<div class="words"{lang}>{told}</div>'


def _linked(line: str, origin: str) -> str:
    made, done = [], 0
    for found in LINK.finditer(line):
        address = found.group()
        if address == origin or address.startswith(f"{origin}/"):
            path = address.removeprefix(origin) or "/"
            made.append(html.escape(line[done : found.start()]))
            made.append(f'<a href="{html.escape(path)}">{html.escape(address)}</a>')
            done = found.end()
    return "".join(made) + html.escape(line[done:])


def form(shown: Shown, act: str, number: int, fields: str, button: str) -> str:
    """A form of the page that is shown: number: of what it is about, 0 for nothing; fields, button: markup."""
    to = next((one for one in (LEARN, PROBLEM) if shown.here.startswith(one)), ADDRESS)
    return (
        f'<form method="post" action="{to}"><input type="hidden" name="number" value="{number}">'
        f'<input type="hidden" name="said" value="{uuid.uuid4()}">'
        f'<input type="hidden" name="back" value="{html.escape(shown.here)}">{fields}'
        f'<div class="actions"><button class="button" name="act" value="{act}">{button}</button></div></form>'
    )


def log_in(shown: Shown) -> str:
    """Who is not known is asked to log in; reading needs nothing."""
    way = f'<a href="/login">{shown.say("forum.log_in")}</a>'
    return f'<p class="small" data-stranger>{shown.say("forum.stranger")} {way}</p>'


def byline(shown: Shown, post: Post) -> str:
    """Under which name it was written, and when."""
    name = html.escape(post.by) or shown.say("forum.left")
    mine = f" ({shown.say('forum.you')})" if post.mine else ""
    return f'<p class="tiny"><b>{name}</b>{mine} · {shown.at(post.at)}</p>'


def fate(shown: Shown, post: Post) -> str:
    """For its writer: that it waits, or why it was hidden and what can be done about that; for others: to report it."""
    if post.mine and post.fate == Fate.WAITS:
        return f'<p class="small"><span class="tag notice">{shown.say("forum.waits")}</span></p>'
    if post.mine and post.fate == Fate.HIDDEN:
        why = f'<p class="problem" data-hidden="{post.number}">{shown.say("forum.hidden", why=post.why)}</p>'
        if post.appeal == Appeal.NONE:
            label = shown.say("forum.appeal_why")
            typed = shown.was_typed("appeal", "words", post.number)
            entry = f'<label>{label}<input name="words" maxlength="{WHY_MAX}" value="{typed}" required></label>'
            return why + form(shown, "appeal", post.number, entry, shown.say("forum.appeal"))
        said = "forum.appeal_open" if post.appeal == Appeal.OPEN else "forum.appeal_refused"
        return f"{why}<p>{shown.say(said)}</p>"
    if post.mine or not shown.known:
        return ""
    if post.reported:
        return f'<p class="small">{shown.say("forum.reported")}</p>'
    typed = shown.was_typed("report", "words", post.number)
    entry = f'<label>{shown.say("forum.report_why")}<input name="words" maxlength="{WHY_MAX}" value="{typed}"></label>'
    return (
        f"<details><summary>{shown.say('forum.report')}</summary>"
        f"{form(shown, 'report', post.number, entry, shown.say('forum.report_send'))}</details>"
    )
