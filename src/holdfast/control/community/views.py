"""The community on the console: what needs a look, ideas and the bank's answers, problems that are reported."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.contracts.community import IdeaState, Trouble
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.community import moderation, writing
from holdfast.control.community.models import Idea, Poll, Post, Problem, Tour, Webinar
from holdfast.control.community.moderation import Answer
from holdfast.control.tell.phrases import LANGUAGES

HERE = "/community"
IDEAS_SHOWN_MAX, PROBLEMS_SHOWN_MAX, COMMENTS_SHOWN_MAX = 200, 50, 500
STATES = {
    IdeaState.NEW: "new",
    IdeaState.LOOKED_AT: "looked at",
    IdeaState.PLANNED: "planned",
    IdeaState.BEGUN: "begun",
    IdeaState.DONE: "done",
    IdeaState.NOT_NOW: "not now",
}
TROUBLES = {
    Trouble.LOGIN: "logging in",
    Trouble.PAY: "paying",
    Trouble.CARD: "a card",
    Trouble.BALANCE: "balances and entries",
    Trouble.SLOW: "slow pages",
    Trouble.OTHER: "something else",
}


@allowed(EVERYONE)
def board(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """What needs a look, the ideas by votes, and the latest reports of a problem."""
    ideas = Idea.objects.select_related("post").order_by("-count", "-pk")
    context = {
        "waiting": moderation.waiting().prefetch_related("reports")[: moderation.SHOWN_MAX],
        "ideas": ideas[:IDEAS_SHOWN_MAX],
        "states": {one.value: told for one, told in STATES.items()},
        "problems": Problem.objects.order_by("-at")[:PROBLEMS_SHOWN_MAX],
        "troubles": {one.value: told for one, told in TROUBLES.items()},
        "first_look": writing.first_look(),
        "may": person_of(request).role in moderation.MODERATORS,
        "may_rule": person_of(request).role == "manager",
        "polls": Poll.objects.count(),
        "webinars": Webinar.objects.count(),
        "tours": Tour.objects.filter(until__isnull=True).count(),
        "words": words,
    }
    return render(request, "community/board.html", context, status=status)


@allowed(moderation.MODERATORS)
def post(request: HttpRequest, number: int) -> HttpResponse:
    """Let a post stand, or hide it with the reason that its writer reads."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, act, now = person_of(request), request.POST.get("act", ""), timezone.now()
    if act == "show":
        refused = moderation.show(person, number, now)
    elif act == "hide":
        refused = moderation.hide(person, number, request.POST.get("why", ""), now)
    else:
        refused = "Nothing is known of that; nothing was done."
    if refused:
        return board(request, refused, 422)
    back = request.POST.get("back", "")
    return HttpResponseRedirect(f"{HERE}/ideas/{back}" if back.isdecimal() and len(back) < 12 else HERE)


@allowed(frozenset({"manager"}))
def rule(request: HttpRequest) -> HttpResponse:
    """New posts are shown at once, or after a look of the bank's."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    moderation.look_first(person_of(request), request.POST.get("first_look") == "yes")
    return HttpResponseRedirect(HERE)


@allowed(EVERYONE)
def idea(request: HttpRequest, number: int) -> HttpResponse:
    """One idea with what was said to it; POST: the bank's answer, and what becomes of the idea."""
    if request.method != "POST":
        return _idea(request, number)
    if (person := person_of(request)).role not in moderation.EDITORS:
        return _idea(request, number, f"This is not for the role {person.role}; nothing was changed.", status=403)
    given = request.POST
    answer = Answer(
        {language: given.get(f"answer-{language}", "") for language in LANGUAGES},
        given.get("state", ""),
        given.get("stands", ""),
        given.get("mark", ""),
    )
    refused, hurts, mark = moderation.answer(person, number, answer, timezone.now())
    if refused:
        return _idea(request, number, refused, hurts, mark, 422)
    return HttpResponseRedirect(f"{HERE}/ideas/{number}")


def _idea(  # noqa: PLR0917  # what the page shows of a refusal
    request: HttpRequest,
    number: int,
    words: str = "",
    hurts: list[str] | None = None,
    mark: str = "",
    status: int = 200,
) -> HttpResponse:
    found = get_object_or_404(Idea.objects.select_related("post"), pk=number)
    person, typed = person_of(request), request.POST
    context = {
        "one": found,
        "comments": Post.objects.filter(idea=number).order_by("number")[:COMMENTS_SHOWN_MAX],
        "states": [(one.value, told) for one, told in STATES.items()],
        "chosen": typed.get("state", found.state),
        "answers": [(one, typed.get(f"answer-{one}", found.answer.get(one, ""))) for one in LANGUAGES],
        "answer_max": moderation.ANSWER_MAX,
        "words": words,
        "hurts": hurts,
        "mark": mark,
        "may": person.role in moderation.MODERATORS,
        "may_answer": person.role in moderation.EDITORS,
    }
    return render(request, "community/idea.html", context, status=status)


@allowed(moderation.EDITORS)
def question(request: HttpRequest, number: int) -> HttpResponse:
    """Answer what was asked at a webinar."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refused = moderation.answer_question(person_of(request), number, request.POST.get("words", ""))
    if refused:
        return board(request, refused, 422)
    asked = get_object_or_404(Post, number=number)
    return HttpResponseRedirect(f"{HERE}/webinars/{asked.webinar_id}")
