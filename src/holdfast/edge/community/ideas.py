"""The page of ideas, and the page of one idea with what was said to it."""

from html import escape

from aiohttp import web

from holdfast.contracts.community import ADDRESS, NAME_MAX, TITLE_MAX, WORDS_MAX, Fate, Forum, Idea, IdeaState
from holdfast.edge.community import polling
from holdfast.edge.community.markup import Shown, byline, fate, form, log_in, page, text

TONES = {IdeaState.DONE: " calm", IdeaState.PLANNED: " notice", IdeaState.BEGUN: " notice"}


def forum_page(forum: Forum, shown: Shown, order: str, status: int = 200) -> web.Response:
    """The page of ideas."""
    rows, none = "".join(_row(one, shown) for one in forum.ideas), f"<p>{shown.say('forum.none')}</p>"
    body = (
        f"<p>{shown.say('forum.lead')}</p>{'' if shown.known else log_in(shown)}"
        f"{polling.polls(forum.polls, shown)}{_answered(forum, shown)}"
        f'<h2 id="ideas">{shown.say("forum.ideas")}</h2>{_orders(order, shown)}'
        f"{rows or none}"
        f"{_suggest(forum, shown)}{_rename(forum, shown)}"
        f'<p class="small"><a href="/learn">{shown.say("learn.title")}</a> · '
        f'<a href="/news">{shown.say("news.title")}</a> · '
        f'<a href="/problem">{shown.say("problem.title")}</a> · <a href="/help">{shown.say("forum.help")}</a></p>'
    )
    return page(shown, "community", shown.spoken.say("forum.title"), body, status)


def idea_page(forum: Forum, shown: Shown, status: int = 200) -> web.Response:
    """The page of one idea."""
    one, none = forum.ideas[0], f"<p>{shown.say('forum.no_comments')}</p>"
    body = (
        f'<p class="small"><a href="{ADDRESS}">{shown.say("forum.back")}</a></p>'
        f"{byline(shown, one.post)}<p>{_state(one, shown)}</p>{text(shown, one.post.words, one.post.language)}"
        f"{_vote(one, shown)}{fate(shown, one.post)}{_answer(one, shown)}"
        f'<h2 id="comments">{shown.say("forum.comments")}</h2>'
        f"{_comments(forum, shown) or none}{_comment(one, forum, shown)}"
    )
    return page(shown, "idea", one.post.title, body, status)


def _state(one: Idea, shown: Shown) -> str:
    tone = TONES.get(IdeaState(one.state), "")
    votes = "forum.vote" if one.votes == 1 else "forum.votes"
    count = f'<span data-votes="{one.votes}">{shown.say(votes, votes=one.votes)}</span>'
    return f'<span class="tag{tone}" data-state="{one.state}">{shown.say(f"state.{one.state}")}</span> {count}'


def _row(one: Idea, shown: Shown) -> str:
    post = one.post
    said = (
        shown.say("forum.comments_one") if one.comments == 1 else shown.say("forum.comments_count", count=one.comments)
    )
    lang = f' lang="{post.language}"' if post.language != shown.spoken.language else ""
    mark = ""
    if post.mine and post.fate != Fate.SHOWN:
        key = "forum.waits" if post.fate == Fate.WAITS else "forum.was_hidden"
        mark = f' <span class="tag notice">{shown.say(key)}</span>'
    return (
        f'<article class="item" data-idea="{post.number}"><h3{lang}><a href="{ADDRESS}/{post.number}">'
        f"{_title(one)}</a></h3><p>{_state(one, shown)}{mark}</p>"
        f'<p class="tiny">{_by(one, shown)} · {said}</p>{_vote(one, shown)}</article>'
    )


def _title(one: Idea) -> str:
    return escape(one.post.title)


def _by(one: Idea, shown: Shown) -> str:
    return byline(shown, one.post).removeprefix('<p class="tiny">').removesuffix("</p>")


def _vote(one: Idea, shown: Shown) -> str:
    if not shown.known or one.post.fate != Fate.SHOWN:
        return ""
    act, words = ("unvote", "forum.unvote_for") if one.voted else ("vote", "forum.vote_for")
    return form(shown, act, one.post.number, "", shown.say(words))


def _answer(one: Idea, shown: Shown) -> str:
    if not one.answer:
        return ""
    words = one.answer.get(shown.spoken.language, "")
    return (
        f'<section class="card calm" data-answer><h2>{shown.say("forum.answer")}</h2>'
        f'<p class="tiny">{shown.at(one.answered_at)}</p>{text(shown, words)}</section>'
    )


def _answered(forum: Forum, shown: Shown) -> str:
    """You said, we did."""
    if not forum.answered:
        return ""
    told = "".join(
        f'<dt><a href="{ADDRESS}/{one.post.number}">{_title(one)}</a></dt>'
        f"<dd>{text(shown, one.answer.get(shown.spoken.language, ''))}</dd>"
        for one in forum.answered
    )
    return f'<h2 id="done">{shown.say("forum.you_said")}</h2><dl class="answers" data-done>{told}</dl>'


def _orders(order: str, shown: Shown) -> str:
    def link(name: str) -> str:
        current = ' aria-current="true"' if name == order else ""
        return f'<a href="{ADDRESS}?order={name}#ideas"{current}>{shown.say(f"forum.by_{name}")}</a>'

    return f'<p class="small">{link("votes")} · {link("new")}</p>'


def _suggest(forum: Forum, shown: Shown) -> str:
    if not shown.known:
        return ""
    look = f" {shown.say('forum.first_look')}" if forum.first_look else ""
    fields = (
        f'<label>{shown.say("forum.idea_title")}<input name="title" maxlength="{TITLE_MAX}" required '
        f'value="{shown.was_typed("suggest", "title")}"></label>'
        f'<label>{shown.say("forum.idea_words")}<textarea name="words" rows="5" maxlength="{WORDS_MAX}" required>'
        f"{shown.was_typed('suggest', 'words')}</textarea></label>"
        f'<p class="small">{shown.say("forum.rules")}{look}</p>'
    )
    entry = form(shown, "suggest", 0, fields, shown.say("forum.suggest_send"))
    return f'<h2 id="suggest">{shown.say("forum.suggest")}</h2>{entry}'


def _rename(forum: Forum, shown: Shown) -> str:
    if not shown.known:
        return ""
    called = shown.say("forum.called", name=forum.name) if forum.name else shown.say("forum.called_later")
    fields = (
        f'<label>{shown.say("forum.new_name")}<input name="words" maxlength="{NAME_MAX}" required autocomplete="off" '
        f'value="{shown.was_typed("rename", "words")}"></label>'
    )
    return (
        f'<h2 id="name">{shown.say("forum.name")}</h2><p data-name>{called}</p>'
        f'<p class="small">{shown.say("forum.name_words")}</p>'
        f"{form(shown, 'rename', 0, fields, shown.say('forum.name_send'))}"
    )


def _comments(forum: Forum, shown: Shown) -> str:
    return "".join(
        f'<div class="item" data-comment="{one.number}">{byline(shown, one)}{text(shown, one.words, one.language)}'
        f"{fate(shown, one)}</div>"
        for one in forum.comments
    )


def _comment(one: Idea, forum: Forum, shown: Shown) -> str:
    if one.post.fate != Fate.SHOWN:
        return ""
    if not shown.known:
        return log_in(shown)
    look = f" {shown.say('forum.first_look')}" if forum.first_look else ""
    number = one.post.number
    fields = (
        f'<label>{shown.say("forum.comment")}<textarea name="words" rows="3" maxlength="{WORDS_MAX}" required>'
        f"{shown.was_typed('comment', 'words', number)}</textarea></label>"
        f'<p class="small">{shown.say("forum.rules")}{look}</p>'
    )
    return form(shown, "comment", number, fields, shown.say("forum.comment_send"))
