"""Check a message against its schema: which elements, in which order, how often, and what their texts look like.

A small part of XML Schema 1.0, as much as the messages of ISO 20022 use: sequences, choices, counts, patterns and the
currency attribute. Elements of which nothing is read are let through as they are (`of` is None).
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from holdfast.contracts.errors import BadFile

MANY = 1_000_000_000
NUMBERED = ("PmtInf", "CdtTrfTxInf")
"""Elements that are named with their place, since there are many."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that fits the pattern wholly; currency: the element carries the attribute Ccy."""

    pattern: re.Pattern[str]
    currency: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """These parts in this order."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of these parts, once."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Part:
    """An element of this name, least to most times; of: what it holds, None for anything."""

    name: str
    least: int = 1
    most: int = 1
    of: Text | Sequence | Choice | None = None


CURRENCY = re.compile(r"[A-Z]{3}")


def check(node: ElementTree.Element, of: Text | Sequence | Choice | None, where: str = "") -> None:
    """Raise BadFile naming the place when node does not hold what it should (kinds `missing`, `unexpected`,
    `repeated`, `text`, `attribute`, `choice`)."""
    where = where or node.tag
    if of is None:
        return
    _check_attributes(node, isinstance(of, Text) and of.currency, where)
    if isinstance(of, Text):
        _check_text(node, of, where)
        return
    if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
        raise _bad("text", where, text=(node.text or "").strip()[:40])
    if isinstance(of, Choice):
        _check_choice(node, of, where)
    else:
        _check_sequence(node, of, where)


def _bad(kind: str, where: str, **places: object) -> BadFile:
    what = ", ".join(f"{name} {value}" for name, value in places.items())
    return BadFile(f"{where}: {kind}{': ' + what if what else ''}", kind, where=where, **places)


def _check_attributes(node: ElementTree.Element, currency: bool, where: str) -> None:
    for name, value in node.attrib.items():
        if name == "xmlns" or name.startswith(("xmlns:", "xsi:")):
            continue
        if name != "Ccy" or not currency or CURRENCY.fullmatch(value) is None:
            raise _bad("attribute", where, name=name[:40])
    if currency and "Ccy" not in node.attrib:
        raise _bad("missing", where, name="Ccy")


def _check_text(node: ElementTree.Element, of: Text, where: str) -> None:
    if len(node):
        raise _bad("unexpected", where, name=node[0].tag[:40])
    if of.pattern.fullmatch((node.text or "").strip()) is None:
        raise _bad("text", where, text=(node.text or "").strip()[:40])


def _check_choice(node: ElementTree.Element, of: Choice, where: str) -> None:
    known = {part.name: part for part in of.parts}
    if len(node) != 1 or node[0].tag not in known:
        raise _bad("choice", where, names=" / ".join(known))
    check(node[0], known[node[0].tag].of, f"{where}/{node[0].tag}")


def _check_sequence(node: ElementTree.Element, of: Sequence, where: str) -> None:
    place, count = 0, 0
    for child in node:
        if all(part.name != child.tag for part in of.parts[place:]):
            raise _bad("unexpected", where, name=child.tag[:40])
        while place < len(of.parts) and of.parts[place].name != child.tag:
            _check_least(of.parts[place], count, where)
            place, count = place + 1, 0
        part, count = of.parts[place], count + 1
        if count > part.most:
            raise _bad("repeated", where, name=child.tag)
        check(child, part.of, f"{where}/{child.tag}" + (f" {count}" if child.tag in NUMBERED else ""))
    for part in of.parts[place:]:
        _check_least(part, count, where)
        count = 0


def _check_least(part: Part, count: int, where: str) -> None:
    if count < part.least:
        raise _bad("missing", where, name=part.name)
