"""What a door says itself, as whoever asked reads it: people a page (pages), programs a problem (problems)."""

from aiohttp import web

from holdfast.contracts.api import is_api
from holdfast.edge import pages, problems


def nothing_there(path: str, language: str) -> web.Response:
    """No such address."""
    return problems.nothing_there(path, language) if is_api(path) else pages.nothing_there(language)


def too_large(limit_bytes: int, path: str, language: str) -> web.Response:
    """A body over its limit."""
    return problems.too_large(limit_bytes, language) if is_api(path) else pages.too_large(limit_bytes, language)


def nobody_answers(form: dict[str, str] | None, ident: str, path: str, language: str) -> web.Response:
    """Neither bank answers. form: to be sent again; ident: the payment's id."""
    if is_api(path):
        return problems.nobody_answers(ident, language)
    return pages.nobody_answers(form, path, language)


def struck(ident: str, path: str, language: str) -> web.Response:
    """The request made both banks fail."""
    return problems.struck(ident, language) if is_api(path) else pages.struck(ident, language)


def refused_before(ident: str, path: str, language: str) -> web.Response:
    """It was told before that this payment was refused."""
    return problems.refused_before(ident, language) if is_api(path) else pages.refused_before(ident, language)
