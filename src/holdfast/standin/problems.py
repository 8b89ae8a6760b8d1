"""What the spare bank answers to programs (contracts.api) that it cannot answer as asked: problem+json."""

import json

from starlette.responses import Response

from holdfast.contracts.answers import SAYS_HEADER
from holdfast.contracts.api import PROBLEM_TYPE, problem
from holdfast.standin.phrases import Phrases

LATER_S = "30"


def answer(
    phrases: Phrases, status: int, code: str, headers: dict[str, str] | None = None, words: str = "", **more: object
) -> Response:
    """A problem; code: of the words `api.<code>` and `api.<code>_words`, with - for _; words: in place of the
    latter."""
    key = f"api.{code.replace('-', '_')}"
    body = problem(status, code, phrases.say(key), words or phrases.say(f"{key}_words"), **more)
    sent = {"Content-Language": phrases.language, "Cache-Control": "no-store", **(headers or {})}
    return Response(json.dumps(body, ensure_ascii=False), status, sent, PROBLEM_TYPE)


def later(phrases: Phrases, words: str = "") -> Response:
    """503: only the main bank does this. words: in place of the general ones."""
    return answer(phrases, 503, "later", {"Retry-After": LATER_S, SAYS_HEADER: "later"}, words)
