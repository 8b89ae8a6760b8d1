"""What the messages of ISO 20022 have in common: texts and amounts in them, control sums, and how one is written."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree

from holdfast.contracts.errors import BadFile
from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
NOT_PROVIDED = "NOTPROVIDED"
"""Where a message needs something that nobody said."""
NAME_MAX, TEXT_MAX = 140, 140
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,5}))?")
_SUM = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,17})?")


def text_of(node: ElementTree.Element | None, path: str, length_max: int = TEXT_MAX) -> str:
    """The text of the first element at path, without space around it, cut to length_max; "" without one."""
    found = node.find(path) if node is not None else None
    return (found.text or "").strip()[:length_max] if found is not None else ""


def read_amount(text: str, currency: str, line: int) -> int:
    """Minor units of `1234.50`; raises BadFile naming the line (kinds `currency`, `amount`, `amount_range`)."""
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise BadFile(f"line {line}: the currency {currency!r} is not known", "currency", line=line, text=currency)
    found = _AMOUNT.fullmatch(text)
    part = (found.group(2) or "").rstrip("0") if found else ""
    if found is None or len(part) > digits:
        words = f"line {line}: the amount {text[:40]!r} is not an amount in {currency}"
        raise BadFile(words, "amount", line=line, text=text[:40], currency=currency)
    amount = int(found.group(1) + part.ljust(digits, "0"))
    if not 0 < amount <= AMOUNT_MINOR_MAX:
        words = f"line {line}: the amount {text[:40]} is outside what can be booked"
        raise BadFile(words, "amount_range", line=line, text=text[:40])
    return amount


def check_counted(where: str, stated: str, count: int) -> None:
    """Raise BadFile (kind `count`) when NbOfTxs at `where` says another number than there are."""
    if stated and (not stated.isdecimal() or int(stated) != count):
        words = f"{where} says {stated[:15]} transactions, the file holds {count}"
        raise BadFile(words, "count", where=where, stated=stated[:15], count=count)


def check_summed(where: str, stated: str, amounts: Iterable[tuple[int, str]]) -> None:
    """Raise BadFile (kind `sum`) when CtrlSum at `where` is not the sum of (amount in minor units, currency),
    whatever the currencies are, as the standard says."""
    if not stated:
        return
    total = sum((Decimal(minor).scaleb(-MINOR_DIGITS.get(currency, 2)) for minor, currency in amounts), Decimal(0))
    if _SUM.fullmatch(stated) is None or Decimal(stated) != total:
        words = f"{where} says a sum of {stated[:36]}, the amounts add up to {total}"
        raise BadFile(words, "sum", where=where, stated=stated[:36], total=total)


def decimal(minor: int, currency: str) -> str:
    """`1234.50`: an amount as ISO 20022 writes it, without a sign."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, part = divmod(abs(minor), 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def put(parent: ElementTree.Element, path: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """Put elements one in the other below parent; the last one gets the text, without what XML cannot carry."""
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = _NOT_XML.sub(" ", text) or None
    parent.attrib.update(attributes)
    return parent


def begin(message: str, name: str) -> tuple[ElementTree.Element, ElementTree.Element]:
    """A document of a message (`camt.053.001.08`) and the element in it that is the message itself."""
    root = ElementTree.Element("Document", {"xmlns": NAMESPACE + message})
    return root, ElementTree.SubElement(root, name)


def as_bytes(root: ElementTree.Element) -> bytes:
    """The file, indented, in UTF-8."""
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def instant_text(at: datetime) -> str:
    """`2026-11-22T13:02:11Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def message_name(root: ElementTree.Element) -> str:
    """`pain.001.001.09`: the message and its version, by the name space of the document; "" when it names none."""
    spaces = [value for name, value in root.attrib.items() if name == "xmlns" or name.startswith("xmlns:")]
    return next((one.removeprefix(NAMESPACE)[:35] for one in spaces if one.startswith(NAMESPACE)), "")
