"""Pages as simulated customers read them: by the marks that docs/reference/wire.md promises."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BODY = re.compile(r"<body([^>]*)>")
_MARK = re.compile(r'data-([a-z-]+)="([^"]*)"')
_ACCOUNT = re.compile(r"<[a-z0-9]+[^>]*\bdata-account=\"[^\"]*\"[^>]*>")
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')
_OUTCOME = re.compile(r"<[a-z0-9]+[^>]*\bdata-outcome=\"[^\"]*\"[^>]*>")


@dataclass
class Page:
    """One answer, read."""

    status: int
    text: str
    url: str
    served_by: str
    marks: dict[str, str]
    hops: int = 1
    again_s: float = 0.0
    """In how many seconds the page says to look again, 0 for not at all."""

    def hidden(self) -> dict[str, str]:
        """The values of its form's inputs."""
        out = {}
        for tag in _INPUT.findall(self.text):
            got = dict(_ATTRIBUTE.findall(tag))
            if "name" in got:
                out[got["name"]] = got.get("value", "").replace("&amp;", "&").replace("&quot;", '"')
        return out

    def says_nobody_answers(self) -> bool:
        """Whether it is a door's own page for the time in which neither bank answers."""
        return self.status == 503 and self.served_by == "door" and self.marks.get("page") == "nobody"

    def gives_a_place(self) -> bool:
        """Whether it shows a place in the line before the login."""
        return self.served_by == "door" and self.marks.get("page") == "waiting"

    def accounts(self) -> list[dict[str, str]]:
        """The marks of each account shown."""
        return [dict(_MARK.findall(tag)) for tag in _ACCOUNT.findall(self.text)]

    def outcome(self) -> dict[str, str]:
        """The marks of the receipt."""
        found = _OUTCOME.search(self.text)
        return dict(_MARK.findall(found.group(0))) if found else {}


def body_marks(text: str) -> dict[str, str]:
    """The marks of the page as a whole."""
    found = _BODY.search(text)
    return dict(_MARK.findall(found.group(1))) if found else {}


def looks_again_s(headers: Mapping[str, str]) -> float:
    """In how many seconds the answer says to look again, 0 for not at all."""
    said = headers.get("Refresh") or headers.get("Retry-After") or ""
    found = re.match(r"\d+(\.\d+)?", said)
    return float(found.group()) if found else 0.0
