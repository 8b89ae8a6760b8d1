"""What a door itself answers to programs (contracts.api): the same as its pages say, as problem+json."""

import json
import uuid

from aiohttp import web

from holdfast.contracts.api import PROBLEM_TYPE, problem
from holdfast.contracts.routes import methods_of
from holdfast.edge.pages import WORDS

RETRY_S = "5"
"""After how many seconds it is worth asking again while nobody answers."""


def _answer(
    status: int,
    code: str,
    language: str,
    headers: dict[str, str] | None = None,
    more: dict[str, object] | None = None,
) -> web.Response:
    """A problem; code: of the words `api.<code>` and `api.<code>_words`, with - for _."""
    words, key = WORDS[language], f"api.{code.replace('-', '_')}"
    body = problem(status, code, words.say(key), words.say(f"{key}_words"), **(more or {}))
    return web.Response(
        text=json.dumps(body, ensure_ascii=False),
        status=status,
        content_type=PROBLEM_TYPE,
        headers={
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Holdfast-Served-By": "door",
            **(headers or {}),
        },
    )


def nothing_there(path: str, language: str) -> web.Response:
    """No such address, or one that takes other methods."""
    methods = methods_of(path)
    if methods:
        return _answer(405, "method-not-allowed", language, {"Allow": ", ".join(methods)})
    return _answer(404, "not-found", language)


def too_large(limit_bytes: int, language: str) -> web.Response:
    """A body over its limit."""
    return _answer(413, "too-large", language, more={"limit_bytes": limit_bytes})


def nobody_answers(ident: str, language: str) -> web.Response:
    """Neither bank answers; a payment is sent again under the same key. ident: the payment's, empty without one."""
    return _answer(503, "nobody-answers", language, {"Retry-After": RETRY_S}, _of(ident))


def waiting(again_s: int, language: str) -> web.Response:
    """Many people log in, and whoever has no token waits in the line; again_s: when it is worth asking again."""
    return _answer(429, "waiting", language, {"Retry-After": str(again_s)})


def struck(ident: str, language: str) -> web.Response:
    """The request made both banks fail: it is not tried again, and nobody says that nothing was done."""
    return _answer(503, "struck", language, more=_of(ident))


def refused_before(ident: str, language: str) -> web.Response:
    """The program was told before that this payment was refused: told the same again."""
    refused: dict[str, object] = {"state": "refused", "reason": "claimed_refused"}
    return _answer(422, "payment-refused", language, more=refused | _of(ident))


def _of(ident: str) -> dict[str, object]:
    return {"payment": str(uuid.UUID(hex=ident))} if ident else {}
