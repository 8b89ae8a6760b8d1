"""What staff do about what customers wrote: look, hide with a reason, hear an appeal, answer, say what becomes of it.

Who may refuse gives the reason in words, and has changed nothing then; "" is a deed that was done. Each deed is in the
staff log, without the words of customers.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from holdfast.contracts.community import Appeal, Fate, IdeaState
from holdfast.control.community.checking import plain_text
from holdfast.control.community.models import Idea, Post, Rule
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.tell.composing import LANGUAGE_WORDS, LEAK_WORDS
from holdfast.control.tell.phrases import LANGUAGES
from holdfast.guard import hurts_in, leaks_in

MODERATORS = frozenset({"support", "communicator", "manager"})
EDITORS = frozenset({"communicator", "manager"})
"""Who speaks for the bank: answers, states, polls, webinars, tours."""
WHY_MAX, ANSWER_MAX = 300, 1_500
GONE = "There is no such post, or somebody else dealt with it; nothing was changed."
SHOWN_MAX = 200


def waiting() -> QuerySet[Post]:
    """What needs a look: new posts before they are shown, posts reported since the last look, and appeals."""
    reported = Q(reports__at__gt=F("looked_at")) | Q(reports__isnull=False, looked_at__isnull=True)
    due = Q(fate=Fate.WAITS.value) | Q(appeal=Appeal.OPEN.value) | (Q(fate=Fate.SHOWN.value) & reported)
    return Post.objects.filter(due).annotate(reported=Count("reports", distinct=True)).order_by("number").distinct()


def show(person: Person, number: int, now: datetime) -> str:
    """It may stand: show what waited, leave what was reported, bring back what was hidden."""
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(number=number).first()
        if post is None:
            return GONE
        if post.appeal == Appeal.OPEN.value:
            if post.looked_by == person.username:
                return "You hid it: somebody else hears the appeal. Nothing was changed."
            post.appeal = Appeal.HEARD.value
        post.fate, post.why = Fate.SHOWN.value, ""
        _looked(person, post, "post shown", now)
    return ""


def hide(person: Person, number: int, typed: str, now: datetime) -> str:
    """It may not stand; its writer reads why. On an appeal: it stays hidden, for good."""
    why = " ".join(plain_text(typed).split())
    if not why or len(why) > WHY_MAX:
        return f"Say why, in at most {WHY_MAX} characters: its writer reads it. Nothing was changed."
    if refused := objections({"": why}):
        return f"{refused[0]} Nothing was changed."
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(number=number).first()
        if post is None:
            return GONE
        if post.appeal == Appeal.OPEN.value:
            if post.looked_by == person.username:
                return "You hid it: somebody else hears the appeal. Nothing was changed."
            post.appeal = Appeal.REFUSED.value
        post.fate, post.why = Fate.HIDDEN.value, why
        _looked(person, post, "post hidden", now)
    return ""


def _looked(person: Person, post: Post, what: str, now: datetime) -> None:
    Post.objects.filter(number=post.number).update(
        fate=post.fate, why=post.why, appeal=post.appeal, looked_at=now, looked_by=person.username
    )
    log.write(person.username, person.role, what, {"post": post.number, "kind": post.kind, "why": post.why})


def look_first(person: Person, wanted: bool) -> None:
    """Whether new posts wait for a look of the bank's before they are shown; those that wait go on waiting."""
    with transaction.atomic():
        Rule.objects.update_or_create(pk=1, defaults={"first_look": wanted})
        log.write(person.username, person.role, "community rule", {"first_look": wanted})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank says to an idea, by language, and what becomes of it. stands, mark: why words that the check of the
    tone objects to stand, given for just those."""

    words: Mapping[str, str]
    state: str
    stands: str = ""
    mark: str = ""


def objections(texts: Mapping[str, str]) -> list[str]:
    """What must not be said to customers at all, by language ("": a language that is not known)."""
    found = []
    for language, text in texts.items():
        named = f"{LANGUAGE_WORDS[language]}: " if language else ""
        found += [f"{named}“{one.found[:60]}” is {LEAK_WORDS[one.kind]}." for one in leaks_in(text)]
    return found


def hurting(texts: Mapping[str, str]) -> tuple[list[str], str]:
    """What in the bank's words hurts, explained, with a mark of just these findings; "" without."""
    found = [(language, one) for language, text in texts.items() for one in hurts_in(text, language, whole=False)]
    said = "\n".join(f"{language} {one.kind} {one.passage}" for language, one in found)
    words = [f"“{one.passage}”: {one.advice.why} {one.advice.instead}" for _, one in found]
    return words, hashlib.sha256(said.encode()).hexdigest()[:16] if said else ""


def _unfit(state: str, said: Mapping[str, str]) -> str:
    """Why this is no answer, "" when it is one."""
    if state not in {one.value for one in IdeaState}:
        return "That is no state of an idea; nothing was changed."
    if said and len(said) < len(LANGUAGES):
        return "Write the answer in both languages, or in none; nothing was changed."
    if not said and state != IdeaState.NEW.value:
        return "An idea whose state changes is answered, in both languages; nothing was changed."
    if any(len(text) > ANSWER_MAX for text in said.values()):
        return f"An answer has at most {ANSWER_MAX} characters; nothing was changed."
    refused = objections(said)
    return f"{refused[0]} Nothing was changed." if refused else ""


def answer(person: Person, number: int, given: Answer, now: datetime) -> tuple[str, list[str], str]:
    """Answer an idea and set its state: why not ("" when it was done), what hurts in the words, and its mark."""
    words = {language: plain_text(given.words.get(language, "")) for language in LANGUAGES}
    said = {language: text for language, text in words.items() if text}
    if refused := _unfit(given.state, said):
        return refused, [], ""
    hurts, mark = hurting(said)
    stands = given.stands.strip()[:WHY_MAX]
    if hurts and not (stands and given.mark == mark):
        return "Words in it hurt. Change them, or say why they stand; nothing was changed.", hurts, mark
    with transaction.atomic():
        idea = Idea.objects.select_for_update().filter(pk=number).first()
        if idea is None:
            return GONE, [], ""
        if said != idea.answer:
            idea.answered_at = now if said else None
        before, idea.state, idea.answer = idea.state, given.state, said
        idea.save()
        about = {"idea": number, "from": before, "to": given.state, **({"stands": stands} if hurts else {})}
        log.write(person.username, person.role, "idea answered", about)
    return "", [], ""


def answer_question(person: Person, number: int, typed: str) -> str:
    """Answer what was asked at a webinar, in the language of the question."""
    words = plain_text(typed)
    if not words or len(words) > ANSWER_MAX:
        return f"Write an answer of at most {ANSWER_MAX} characters; nothing was changed."
    if refused := objections({"": words}):
        return f"{refused[0]} Nothing was changed."
    with transaction.atomic():
        post = Post.objects.select_for_update().filter(number=number, kind="question").first()
        if post is None:
            return GONE
        if hurts := hurting({post.language: words})[0]:
            return f"Words in it hurt: {hurts[0]} Nothing was changed."
        post.answer = words
        post.save(update_fields=["answer"])
        log.write(person.username, person.role, "question answered", {"post": number})
    return ""
