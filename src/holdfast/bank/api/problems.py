"""What is said when a request cannot be answered as asked: problem+json (RFC 9457), with words in both languages.

A problem's code is stable, for programs; `api.<code>` and `api.<code>_words` (with _ for -) are its title and detail.
"""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from holdfast.bank.web.words import say, writing
from holdfast.contracts.api import PROBLEM_TYPE, problem


class Problem(Exception):
    """An answer that is a problem. more: members beside those of RFC 9457; headers: of the answer."""

    def __init__(
        self, status: int, code: str, *, headers: Mapping[str, str] | None = None, words: str = "", **more: object
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.more, self.words = status, code, more, words
        self.headers = dict(headers or {})


def wrong_field(field: str, code: str, key: str) -> Problem:
    """422: one field of the body is wrong. code: for programs; key: of the words beside the field."""
    return Problem(422, "invalid", field=field, field_code=code, field_key=key)


def answer(request: HttpRequest, found: Problem) -> HttpResponse:
    """The problem as an answer, in the language of the request."""
    key, more = f"api.{found.code.replace('-', '_')}", dict(found.more)
    if "field_key" in more:
        words = say(request, str(more.pop("field_key")))
        more = {"errors": [{"field": more.pop("field"), "code": more.pop("field_code"), "words": words}], **more}
    body = problem(found.status, found.code, say(request, key), found.words or say(request, f"{key}_words"), **more)
    out = HttpResponse(json.dumps(body, ensure_ascii=False), status=found.status, content_type=PROBLEM_TYPE)
    out.headers["Content-Language"] = writing(request).language
    for name, value in found.headers.items():
        out.headers[name] = value
    return out
