"""The phones of made-up customers: the code that each one's authenticator app shows at this moment.

A rehearsal's outside world, as the mailbox is: the secrets are those that filling wrote into the list of logins.
"""

import json
import time
from html import escape
from pathlib import Path
from typing import Any

from holdfast.signing.onetime import code_at

STEP_S = 30
SHOWN_MAX = 60


class Phones:
    """Reads the list of logins anew each time: it is made after the postbox began."""

    def __init__(self, logins: Path) -> None:
        self._logins = logins

    def _people(self) -> list[dict[str, Any]]:
        try:
            people = json.loads(self._logins.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return sorted(
            (one for one in people if one.get("authenticator")), key=lambda one: (not one["role"], one["username"])
        )

    def listing(self, name: str) -> str:
        """The phones whose owner's name has these words, as markup; those with a role in the story first."""
        people = [one for one in self._people() if name.lower() in f"{one['username']} {one['name']}".lower()]
        rows = "".join(
            f'<li class="row"><a href="/phones/{escape(one["username"])}">{escape(one["username"])}</a>'
            f'<span class="small">{escape(one["name"])}</span></li>'
            for one in people[:SHOWN_MAX]
        )
        more = (
            f'<p class="small">{len(people) - SHOWN_MAX} more; search for a name.</p>'
            if len(people) > SHOWN_MAX
            else ""
        )
        return f"<ul>{rows}</ul>{more}" if people else "<p>Nobody here has a phone with such a name.</p>"

    def one(self, username: str) -> tuple[str, int] | None:
        """The markup of one phone, and in how many seconds its code changes; None for nobody."""
        found = next((one for one in self._people() if one["username"] == username), None)
        if found is None:
            return None
        now = time.time()
        code, left_s = code_at(found["authenticator"], int(now // STEP_S)), STEP_S - int(now % STEP_S)
        return (
            f'<article class="card" data-phone="{escape(username)}"><h1>{escape(found["name"])}</h1>'
            f"<p>Username <b>{escape(username)}</b>, password <b>{escape(found['password'])}</b></p>"
            f'<p class="amount big" data-code="{code}">{code[:3]} {code[3:]}</p>'
            f'<p class="small">A new code in {left_s} seconds, shown here by itself. '
            "Each code is taken once: for a second login at once wait for the next one.</p></article>"
        ), left_s
