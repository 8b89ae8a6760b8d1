"""Make a payment order for the core (ISO 20022 CustomerCreditTransferInitiation, pain.001.001.09).

One payment block a debited account and day; each payment carries its own id as instruction and end-to-end id, so
that the core can tell a repeated one.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from xml.etree import ElementTree

from holdfast.contracts.journal import Payment
from holdfast.contracts.money import MINOR_DIGITS

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_MAX, TEXT_MAX = 140, 140


def decimal(amount_minor: int, currency: str) -> str:
    """`1234.50`: an amount as ISO 20022 writes it."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, part = divmod(amount_minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def _put(parent: ElementTree.Element, path: str, text: str = "", **attributes: str) -> ElementTree.Element:
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = text or None
    parent.attrib.update(attributes)
    return parent


def make_pain001(
    message_id: str, bank: str, at_us: int, payments: Sequence[Payment], number_of: Callable[[int], str]
) -> bytes:
    """The file; number_of gives an account's number. The same payments give the same bytes."""
    root = ElementTree.Element("Document", {"xmlns": NAMESPACE})
    order = ElementTree.SubElement(root, "CstmrCdtTrfInitn")
    header = ElementTree.SubElement(order, "GrpHdr")
    _put(header, "MsgId", message_id)
    _put(header, "CreDtTm", datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _count(header, payments)
    _put(header, "InitgPty/Nm", bank[:NAME_MAX])
    ordered = sorted(payments, key=lambda one: (one.debit, one.value_date))
    for place, (_, group) in enumerate(groupby(ordered, key=lambda one: (one.debit, one.value_date)), 1):
        _block(order, f"{message_id}-{place}", list(group), number_of)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _count(parent: ElementTree.Element, payments: Sequence[Payment]) -> None:
    _put(parent, "NbOfTxs", str(len(payments)))
    _put(parent, "CtrlSum", decimal(sum(one.amount_minor for one in payments), payments[0].currency))


def _block(order: ElementTree.Element, ident: str, payments: list[Payment], number_of: Callable[[int], str]) -> None:
    first = payments[0]
    block = ElementTree.SubElement(order, "PmtInf")
    _put(block, "PmtInfId", ident)
    _put(block, "PmtMtd", "TRF")
    _count(block, payments)
    _put(block, "ReqdExctnDt/Dt", first.value_date.isoformat())
    _put(block, "Dbtr/Nm", first.payer[:NAME_MAX] or "NOTPROVIDED")
    account = ElementTree.SubElement(block, "DbtrAcct")
    _put(account, "Id/Othr/Id", number_of(first.debit))
    _put(account, "Ccy", first.currency)
    _put(block, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    for one in payments:
        line = ElementTree.SubElement(block, "CdtTrfTxInf")
        references = ElementTree.SubElement(line, "PmtId")
        _put(references, "InstrId", one.id.hex)
        _put(references, "EndToEndId", one.id.hex)
        _put(line, "Amt/InstdAmt", decimal(one.amount_minor, one.currency), Ccy=one.currency)
        _put(line, "Cdtr/Nm", one.payee[:NAME_MAX] or "NOTPROVIDED")
        _put(line, "CdtrAcct/Id/Othr/Id", number_of(one.credit))
        if one.text:
            _put(line, "RmtInf/Ustrd", one.text[:TEXT_MAX])
