"""How a simulated customer logs in: by password and code, or by passkey, each as a person would."""

import re
from typing import TYPE_CHECKING

from holdfast.gameday.reading import Page

if TYPE_CHECKING:
    from holdfast.gameday.crowd import Customer

CODE_SHARE = 0.5
"""Of logins by who may use either; a code is taken once in half a minute, so at most one login in that time is by
code."""


async def log_in(who: "Customer") -> bool:
    """Through the form; a step that starts again at once with the name kept is counted apart."""
    page = await who.ask("GET", "/login", "login", may_be=("overview",))
    if _is_in(page):
        return True  # a login that came too late to be counted as well had worked all the same
    by_code = who.crowd.codes and who.luck.random() < CODE_SHARE
    code = who.factors.code() if by_code else ""
    for attempt in range(2):
        page = await (_type_both(who, code) if code else _use_passkey(who))
        if _is_in(page):
            return True
        if page is None or not (who.waited or who.person["username"] in page.text):
            break
        who.crowd.restarted += 1 if attempt == 0 and not who.waited else 0
    if page is not None:
        who.note_failure("could not log in")
    return False


def _is_in(page: Page | None) -> bool:
    return page is not None and page.marks.get("page") == "overview"


async def _type_both(who: "Customer", code: str) -> Page | None:
    """Name and password, then the code; the page that came of it, None where a request failed."""
    form = {"username": who.person["username"], "password": who.person["password"]}
    page = await who.ask("POST", "/login", "login-code", form, may_be=("login",))
    if page is None or page.marks.get("page") != "login-code":
        return page
    return await who.ask(
        "POST", "/login", "overview", {"proof": page.hidden()["proof"], "code": code}, may_be=("login",)
    )


async def _use_passkey(who: "Customer") -> Page | None:
    """Sign what the front door asks for; the page that came of it, None where a request failed."""
    asked = await who.ask("GET", "/passkey/challenge", "")
    found = re.search(r'"challenge": ?"([^"]+)"', asked.text) if asked else None
    if found is None:
        return None
    form = {"passkey": who.factors.passkey(found.group(1))}
    return await who.ask("POST", "/login", "overview", form, may_be=("login",))
