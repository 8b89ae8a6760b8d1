"""The pages of webinars: what comes, what was, and one of them with its questions."""

from html import escape

from aiohttp import web

from holdfast.contracts.community import FIND_MAX, LEARN, WORDS_MAX, Asked, Place, School, Topics, Webinar
from holdfast.edge.community.markup import Shown, byline, fate, form, log_in, page, text


def school_page(school: School, shown: Shown, status: int = 200) -> web.Response:
    """What is to come, and earlier ones with their recordings; where help stands."""
    none = f"<p>{shown.say('learn.none')}</p>"
    coming = [one for one in school.webinars if one.ends_at > school.now]
    earlier = [one for one in school.webinars if one.ends_at <= school.now]
    body = (
        f"<p>{shown.say('learn.lead')}</p><h2>{shown.say('learn.coming')}</h2>"
        f"{''.join(_row(one, shown) for one in coming) or none}"
    )
    if earlier:
        body += f"<h2>{shown.say('learn.earlier')}</h2>{''.join(_row(one, shown) for one in earlier)}"
    body += (
        f'<h2>{shown.say("learn.more")}</h2>{_find(shown)}<p><a href="{LEARN}/help">{shown.say("learn.topics")}</a> · '
        f'<a href="/news">{shown.say("news.title")}</a> · <a href="/community">{shown.say("forum.title")}</a></p>'
    )
    return page(shown, "learn", shown.spoken.say("learn.title"), body, status)


def topics_page(found: Topics, shown: Shown, find: str) -> web.Response:
    """Help topics, and what was searched for."""
    told = "".join(
        f'<section class="item" data-topic><h2>{escape(one.title)}</h2>{text(shown, one.words)}'
        + (f'<p><a href="{escape(one.link)}">{shown.say("news.go")}</a></p>' if one.link else "")
        + "</section>"
        for one in found.topics
    )
    none = f'<p>{shown.say("learn.not_found")} <a href="/chat">{shown.say("problem.chat")}</a></p>'
    body = f'<p class="small"><a href="{LEARN}">{shown.say("learn.back")}</a></p>{_find(shown, find)}{told or none}'
    return page(shown, "topics", shown.spoken.say("learn.topics"), body)


def _find(shown: Shown, find: str = "") -> str:
    return (
        f'<form class="line" role="search" method="get" action="{LEARN}/help"><label>{shown.say("learn.find")}'
        f'<input name="find" type="search" maxlength="{FIND_MAX}" value="{escape(find)}"></label>'
        f'<button class="button">{shown.say("learn.find_button")}</button></form>'
    )


def webinar_page(school: School, shown: Shown, status: int = 200) -> web.Response:
    """One webinar."""
    one = school.webinars[0]
    here = f"{LEARN}/{one.number}"
    none = f"<p>{shown.say('learn.no_questions')}</p>"
    begun, over = one.begins_at <= school.now, one.ends_at <= school.now
    body = (
        f'<p class="small"><a href="{LEARN}">{shown.say("learn.back")}</a></p>{_when(one, shown)}'
        f"{text(shown, one.about.get(shown.spoken.language, ''))}{_place(one, shown, begun, over)}{_links(one, shown)}"
        f'<p class="small"><a href="{here}.ics">{shown.say("learn.calendar")}</a></p>'
        f'<h2 id="questions">{shown.say("learn.questions")}</h2>'
        f"{''.join(_asked(each, shown) for each in one.questions) or none}"
        f"{_ask(one, shown)}"
    )
    return page(shown, "webinar", one.title.get(shown.spoken.language, ""), body, status)


def _when(one: Webinar, shown: Shown) -> str:
    spoken = shown.say(f"learn.spoken_{one.spoken}")
    off = f' <span class="tag alarm" data-off>{shown.say("learn.off")}</span>' if one.called_off else ""
    times = f"<b>{shown.at(one.begins_at)}</b> – {shown.at(one.ends_at)}"
    return f'<p data-at="{one.begins_at:.0f}">{times} · {spoken}{off}</p>'


def _row(one: Webinar, shown: Shown) -> str:
    mine = {Place.SEAT: "learn.have_seat", Place.WAITING: "learn.in_line"}.get(Place(one.place))
    mark = f' <span class="tag calm">{shown.say(mine)}</span>' if mine else ""
    kept = f' <span class="tag">{shown.say("learn.recording")}</span>' if one.recording else ""
    return (
        f'<article class="item" data-webinar="{one.number}"><h3>'
        f'<a href="{LEARN}/{one.number}">{shown.of(one.title)}</a>'
        f"</h3>{_when(one, shown)}<p>{_seats(one, shown)}{mark}{kept}</p></article>"
    )


def _seats(one: Webinar, shown: Shown) -> str:
    waiting = f" {shown.say('learn.waiting', waiting=one.waiting)}" if one.waiting else ""
    return f'<span data-free="{one.free}">{shown.say("learn.seats", free=one.free, seats=one.seats)}</span>{waiting}'


def _place(one: Webinar, shown: Shown, begun: bool, over: bool) -> str:
    """What the customer has, and what they can do about it; nothing once it is over."""
    if over or one.called_off:
        return ""
    told = f"<p>{_seats(one, shown)}</p>"
    if not shown.known:
        return told + log_in(shown)
    if one.place == Place.SEAT:
        way = _way(one.stream, shown.say("learn.stream"))
        told = f'<p data-place="seat">{shown.say("learn.seat_words")}</p>{way if one.stream else ""}'
        told += "" if one.stream else f'<p class="small">{shown.say("learn.stream_later")}</p>'
        return told + ("" if begun else form(shown, "give-up", one.number, "", shown.say("learn.give_up")))
    if one.place == Place.WAITING:
        place = f'<p data-place="waiting">{shown.say("learn.line_words", ahead=one.ahead)}</p>'
        return place + ("" if begun else form(shown, "give-up", one.number, "", shown.say("learn.leave_line")))
    if begun:
        return told
    return told + form(
        shown, "register", one.number, "", shown.say("learn.register" if one.free else "learn.get_in_line")
    )


def _way(address: str, words: str) -> str:
    return f'<p><a class="button main" href="{escape(address)}" rel="noreferrer">{words}</a></p>'


def _links(one: Webinar, shown: Shown) -> str:
    """Where to see and read it: addresses that staff put there."""
    made = ""
    if one.recording:
        made += _way(one.recording, shown.say("learn.see_recording"))
    if one.materials:
        rows = "".join(
            f'<li><a href="{escape(each.link)}" rel="noreferrer">{shown.of(each.title)}</a></li>'
            for each in one.materials
        )
        made += f"<h2>{shown.say('learn.materials')}</h2><ul>{rows}</ul>"
    return made


def _asked(each: Asked, shown: Shown) -> str:
    post = each.post
    answer = ""
    if each.answer:
        answer = f'<p class="small"><b>{shown.say("learn.answer")}</b></p>{text(shown, each.answer, post.language)}'
    return (
        f'<div class="item" data-question="{post.number}">{byline(shown, post)}{text(shown, post.words, post.language)}'
        f"{answer}{fate(shown, post)}</div>"
    )


def _ask(one: Webinar, shown: Shown) -> str:
    if one.called_off:
        return ""
    if not shown.known:
        return log_in(shown)
    fields = (
        f'<label>{shown.say("learn.ask")}<textarea name="words" rows="3" maxlength="{WORDS_MAX}" required>'
        f"{shown.was_typed('ask', 'words', one.number)}</textarea></label>"
        f'<p class="small">{shown.say("forum.rules")}</p>'
    )
    return form(shown, "ask", one.number, fields, shown.say("learn.ask_send"))
