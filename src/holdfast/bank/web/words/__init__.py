"""The main bank's words: text lives in `<room>/<language>.toml`; code and templates name a key, `room.name`.

In templates `{% say "room.name" place=value %}` and the tags beside it (tags.py), in code `say(request, ...)`. What
both banks call things, and how a language writes amounts and days, stands in `look`.
"""

from functools import cache
from pathlib import Path

from django.http import HttpRequest

from holdfast.bank.books import installation
from holdfast.bank.web.visit import find_visit
from holdfast.contracts.languages import LANGUAGE_COOKIE, LANGUAGES, choose_language
from holdfast.look import Writing, read_rooms, with_shared

ROOMS = Path(__file__).parent
OTHER_LANGUAGE = {"en": "nb", "nb": "en"}


@cache
def writings() -> dict[str, Writing]:
    """What customers' words are said with, by language; the files are read once in a process."""
    words = with_shared(read_rooms(ROOMS))
    return {language: Writing(words[language], installation().time_zone) for language in LANGUAGES}


def language_of(request: HttpRequest) -> str:
    """In which language this request is answered: the customer's choice, their fact, or what the browser asks for."""
    visit = find_visit(request)
    if visit is not None:
        return visit.language
    return choose_language(request.COOKIES.get(LANGUAGE_COOKIE), None, request.headers.get("Accept-Language"))


def writing(request: HttpRequest) -> Writing:
    """What to say this request's answer with."""
    return writings()[language_of(request)]


def say(request: HttpRequest, key: str, **places: object) -> str:
    """The text of a key in the language of the request, its places filled in; not escaped."""
    return writing(request).say(key, **places)
