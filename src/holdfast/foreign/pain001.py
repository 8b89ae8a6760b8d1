"""Make a payment order for the core (ISO 20022 CustomerCreditTransferInitiation, pain.001.001.09).

One payment block a debited account and day; each payment carries its own id as instruction and end-to-end id, so
that the core can tell a repeated one.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from xml.etree import ElementTree

from holdfast.contracts.iso20022 import NAME_MAX, NOT_PROVIDED, TEXT_MAX, as_bytes, begin, decimal, instant_text, put
from holdfast.contracts.journal import Payment


def make_pain001(
    message_id: str, bank: str, at_us: int, payments: Sequence[Payment], number_of: Callable[[int], str]
) -> bytes:
    """The file; number_of gives an account's number. The same payments give the same bytes."""
    root, order = begin("pain.001.001.09", "CstmrCdtTrfInitn")
    header = ElementTree.SubElement(order, "GrpHdr")
    put(header, "MsgId", message_id)
    put(header, "CreDtTm", instant_text(datetime.fromtimestamp(at_us / 1e6, UTC)))
    _count(header, payments)
    put(header, "InitgPty/Nm", bank[:NAME_MAX])
    ordered = sorted(payments, key=lambda one: (one.debit, one.value_date))
    for place, (_, group) in enumerate(groupby(ordered, key=lambda one: (one.debit, one.value_date)), 1):
        _block(order, f"{message_id}-{place}", list(group), number_of)
    return as_bytes(root)


def _count(parent: ElementTree.Element, payments: Sequence[Payment]) -> None:
    put(parent, "NbOfTxs", str(len(payments)))
    put(parent, "CtrlSum", decimal(sum(one.amount_minor for one in payments), payments[0].currency))


def _block(order: ElementTree.Element, ident: str, payments: list[Payment], number_of: Callable[[int], str]) -> None:
    first = payments[0]
    block = ElementTree.SubElement(order, "PmtInf")
    put(block, "PmtInfId", ident)
    put(block, "PmtMtd", "TRF")
    _count(block, payments)
    put(block, "ReqdExctnDt/Dt", first.value_date.isoformat())
    put(block, "Dbtr/Nm", first.payer[:NAME_MAX] or NOT_PROVIDED)
    account = ElementTree.SubElement(block, "DbtrAcct")
    put(account, "Id/Othr/Id", number_of(first.debit))
    put(account, "Ccy", first.currency)
    put(block, "DbtrAgt/FinInstnId/Othr/Id", NOT_PROVIDED)
    for one in payments:
        line = ElementTree.SubElement(block, "CdtTrfTxInf")
        references = ElementTree.SubElement(line, "PmtId")
        put(references, "InstrId", one.id.hex)
        put(references, "EndToEndId", one.id.hex)
        put(line, "Amt/InstdAmt", decimal(one.amount_minor, one.currency), Ccy=one.currency)
        put(line, "Cdtr/Nm", one.payee[:NAME_MAX] or NOT_PROVIDED)
        put(line, "CdtrAcct/Id/Othr/Id", number_of(one.credit))
        if one.text:
            put(line, "RmtInf/Ustrd", one.text[:TEXT_MAX])
