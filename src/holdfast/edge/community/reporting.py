"""The page on which a customer reports that something does not work, and the page of what is new."""

from aiohttp import web

from holdfast.contracts.community import WORDS_MAX, Tours, Trouble
from holdfast.edge.community.markup import Shown, form, page


def problem_page(shown: Shown, *, done: bool = False, status: int = 200) -> web.Response:
    """What does not work? done: it was reported a moment ago."""
    if done:
        body = (
            f'<p role="status" data-done>{shown.say("problem.thanks")}</p><p><a class="button" href="/status">'
            f'{shown.say("problem.status")}</a> <a class="button" href="/chat">{shown.say("problem.chat")}</a></p>'
        )
        return page(shown, "problem", shown.spoken.say("problem.title"), body, status)
    chosen = shown.was_typed("problem", "trouble")
    choices = "".join(
        f'<label class="tick"><input type="radio" name="trouble" value="{one.value}" required'
        f"{' checked' if chosen == one.value else ''}> {shown.say(f'trouble.{one.value}')}</label>"
        for one in Trouble
    )
    fields = (
        f"<fieldset><legend>{shown.say('problem.what')}</legend>{choices}</fieldset>"
        f'<label>{shown.say("problem.words")}<textarea name="words" rows="3" maxlength="{WORDS_MAX}">'
        f"{shown.was_typed('problem', 'words')}</textarea></label>"
        f'<p class="small">{shown.say("problem.rules")}</p>'
    )
    body = f"<p>{shown.say('problem.lead')}</p>{form(shown, 'problem', 0, fields, shown.say('problem.send'))}"
    return page(shown, "problem", shown.spoken.say("problem.title"), body, status)


def news_page(found: Tours, shown: Shown, status: int = 200) -> web.Response:
    """Every tour that is published, whether it was put away or not."""
    told = "".join(
        f'<section class="item" data-tour="{one.number}"><h2>{shown.of(one.title)}</h2>'
        f'<p class="tiny">{shown.at(one.at)}</p>'
        f'<ol class="plain-steps">{"".join(f"<li>{shown.of(step)}</li>" for step in one.steps)}</ol>'
        f'<p><a href="{one.path}">{shown.say("news.go")}</a></p></section>'
        for one in found.tours
    )
    body = told or f"<p>{shown.say('news.none')}</p>"
    return page(shown, "news", shown.spoken.say("news.title"), body, status)
