"""A case as a JSON file, with its true cause when that is known: to replay a diagnosis and to score it.

    {"form": "holdfast-case/1",
     "case": {"complaint": {"component", "metric", "at"},
              "parts": [{"name", "outside", "host", "link", "told_by"}], "calls": [{"caller", "callee"}],
              "series": [{"component", "metric", "kind", "times": [...], "values": [... or null]}],
              "changes": [...], "differences": [...], "logs": [...], "callers": [...], "answers": [...]},
     "causes": [{"names": [component, change, caller ...: any of them is right], "cause": class or ""}],
     "known": true}

The fields of each list are those of the record of that name in `case.py`. `causes` empty and `known` true is a case
without a cause (a false alarm); `known` false says that nobody wrote the cause down yet, and it is not scored.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from holdfast.control.diagnosis.case import (
    Answer,
    Call,
    CallerShare,
    Case,
    Cause,
    Change,
    Complaint,
    Difference,
    LogCount,
    MetricKind,
    Part,
    Series,
    finite,
)

FORM = "holdfast-case/1"
BYTES_MAX = 50_000_000
LISTS: dict[str, type] = {
    "parts": Part,
    "series": Series,
    "calls": Call,
    "changes": Change,
    "differences": Difference,
    "logs": LogCount,
    "callers": CallerShare,
    "answers": Answer,
}
NUMBERS = {"at", "before", "after", "before_s", "after_s"}
MAY_BE_ABSENT = {"since", "first_seen"}
FLAGS = {"outside", "outdated", "link"}


class CaseUnreadable(ValueError):
    """The file is no recorded case; the text says what is wrong in it. Nothing was taken over."""


@dataclass(frozen=True, slots=True)
class TrueCause:
    """One thing that caused it. names: components, changes or callers, any of which is a right answer."""

    names: tuple[str, ...]
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case with its true causes: two for a double fault, none for a false alarm."""

    case: Case
    causes: tuple[TrueCause, ...] = ()
    known: bool = True

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        causes = [{"names": list(one.names), "cause": one.cause or ""} for one in self.causes]
        return {"form": FORM, "case": case_to_json(self.case), "causes": causes, "known": self.known}

    @classmethod
    def from_json(cls, raw: object) -> "Recorded":
        """The record. Raises CaseUnreadable."""
        whole = _object(raw, "the file")
        if whole.get("form") != FORM:
            raise CaseUnreadable(f"The file's form is {str(whole.get('form'))[:40]!r}, not {FORM}.")
        causes = []
        for one in _list(whole.get("causes", []), "causes"):
            told = _object(one, "causes")
            names = tuple(_text(name, "causes.names") for name in _list(told.get("names", []), "causes.names"))
            causes.append(TrueCause(names, _cause(told.get("cause") or "")))
        return cls(case_from_json(whole.get("case")), tuple(causes), whole.get("known", True) is not False)

    @classmethod
    def read(cls, text: str) -> "Recorded":
        """The record in a file's text. Raises CaseUnreadable."""
        if len(text) > BYTES_MAX:
            raise CaseUnreadable(f"The file is longer than {BYTES_MAX:,} characters.")
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise CaseUnreadable(f"The file holds no recorded case: {error}") from error


def case_to_json(case: Case) -> dict[str, Any]:
    """The case alone; what is not a number becomes null."""
    made: dict[str, Any] = {"complaint": asdict(case.complaint)}
    for name in LISTS:
        made[name] = [asdict(one) for one in getattr(case, name)]
    for one in made["series"]:
        one["times"] = [finite(time) for time in one["times"]]
        one["values"] = [finite(value) for value in one["values"]]
    return made


def case_from_json(raw: object) -> Case:
    """The case alone. Raises CaseUnreadable."""
    told = _object(raw, "case")
    complaint = _record(Complaint, told.get("complaint"), "complaint")
    lists = {
        name: tuple(_record(kind, one, name) for one in _list(told.get(name, []), name)) for name, kind in LISTS.items()
    }
    return Case(complaint, **lists)


def _record(kind: type, raw: object, where: str) -> Any:
    told = _object(raw, where)
    made: dict[str, Any] = {}
    for one in fields(kind):
        if one.name in told:
            made[one.name] = _value(one.name, told[one.name], f"{where}.{one.name}")
    try:
        return kind(**made)
    except TypeError:
        wanted = ", ".join(one.name for one in fields(kind) if one.name not in made)
        raise CaseUnreadable(f"In {where} something is missing, one of: {wanted}.") from None


def _value(name: str, raw: object, where: str) -> Any:
    if name in ("times", "values"):
        points = tuple(finite(one) for one in _list(raw, where))
        if name == "times" and None in points:
            raise CaseUnreadable(f"{where} holds something that is no number.")
        return points
    if name in NUMBERS or name in MAY_BE_ABSENT:
        number = finite(raw)
        if number is None and not (name in MAY_BE_ABSENT and raw is None):
            raise CaseUnreadable(f"{where} is no number.")
        return number
    if name in FLAGS:
        return raw is True
    text = _text(raw, where)
    if where == "series.kind":
        if text not in set(MetricKind):
            raise CaseUnreadable(f"{where} is {text[:40]!r}; it can be {', '.join(MetricKind)}.")
        return MetricKind(text)
    return text


def _object(raw: object, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise CaseUnreadable(f"{where} is no object.")
    return raw


def _list(raw: object, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise CaseUnreadable(f"{where} is no list.")
    return raw


def _text(raw: object, where: str) -> str:
    if not isinstance(raw, str):
        raise CaseUnreadable(f"{where} is no text.")
    return raw


def _cause(text: object) -> Cause | None:
    if not text:
        return None
    if text not in set(Cause):
        raise CaseUnreadable(f"causes.cause is {str(text)[:40]!r}; it can be {', '.join(Cause)}.")
    return Cause(str(text))
