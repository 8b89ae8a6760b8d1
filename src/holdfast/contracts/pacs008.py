"""Read a clearing's credit transfers (ISO 20022 pacs.008), as far as a pay-day file needs them.

Source: ISO 20022 message definition FIToFICustomerCreditTransfer, pacs.008.001.08 and later; elements are
found by local name, so that versions 02 to 13 are read alike.
"""

import re
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree
from xml.parsers import expat

from holdfast.contracts.errors import BadFile
from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS

LINES_MAX = 50_000


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One credit: amount_minor of currency to the account with number `creditor_account`."""

    line: int
    end_to_end_id: str
    amount_minor: int
    currency: str
    debtor: str
    creditor: str
    creditor_account: str
    text: str
    purpose: str


@dataclass(frozen=True, slots=True)
class CreditFile:
    """A file: who sent it, its message id, the day of settlement, its lines in order (line counts from 1)."""

    sender: str
    message_id: str
    settlement_date: date
    lines: tuple[CreditLine, ...]


def _forbid(*_: object) -> None:
    raise BadFile("the file declares a document type or entities, which are not allowed; send plain XML")


def parse_plain(raw: bytes) -> ElementTree.Element:
    """The root of plain XML, elements by local name, without document types or entities; raises BadFile."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _forbid
    parser.EntityDeclHandler = _forbid
    parser.StartElementHandler = lambda name, attributes: builder.start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: builder.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise BadFile(f"the file is not well-formed XML: {error}") from error
    root: ElementTree.Element = builder.close()
    return root


def _text(node: ElementTree.Element | None, path: str, length_max: int = 140) -> str:
    found = node.find(path) if node is not None else None
    return (found.text or "").strip()[:length_max] if found is not None else ""


def _amount(text: str, currency: str, line: int) -> int:
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise BadFile(f"line {line}: the currency {currency!r} is not known")
    found = re.fullmatch(r"([0-9]{1,15})(?:\.([0-9]{1,5}))?", text)
    part = (found.group(2) or "").rstrip("0") if found else ""
    if found is None or len(part) > digits:
        raise BadFile(f"line {line}: the amount {text[:40]!r} is not an amount in {currency}")
    amount = int(found.group(1) + part.ljust(digits, "0"))
    if not 0 < amount <= AMOUNT_MINOR_MAX:
        raise BadFile(f"line {line}: the amount {text[:40]} is outside what can be booked")
    return amount


def read_credit_file(raw: bytes) -> CreditFile:
    """Read the whole file or raise BadFile naming the place; nothing is taken of a file with a bad line."""
    root = parse_plain(raw)
    message = root.find("FIToFICstmrCdtTrf")
    if root.tag == "FIToFICstmrCdtTrf":
        message = root
    if message is None:
        raise BadFile("the file holds no FIToFICstmrCdtTrf; it is not a pacs.008")
    header = message.find("GrpHdr")
    message_id = _text(header, "MsgId", 35)
    sender = _text(header, "InstgAgt/FinInstnId/BICFI", 35) or _text(header, "InstgAgt/FinInstnId/Nm")
    if not message_id or not sender:
        raise BadFile("GrpHdr needs a MsgId and the instructing agent's BICFI or Nm")
    try:
        settled = date.fromisoformat(_text(header, "IntrBkSttlmDt")[:10])
    except ValueError as error:
        raise BadFile("GrpHdr/IntrBkSttlmDt is not a date") from error
    nodes = message.findall("CdtTrfTxInf")
    if not nodes:
        raise BadFile("the file holds no CdtTrfTxInf: there is nothing to pay in")
    if len(nodes) > LINES_MAX:
        raise BadFile(f"the file holds {len(nodes)} lines, at most {LINES_MAX} are taken; split it")
    lines = []
    for number, node in enumerate(nodes, 1):
        amount = node.find("IntrBkSttlmAmt")
        account = _text(node, "CdtrAcct/Id/IBAN", 34) or _text(node, "CdtrAcct/Id/Othr/Id", 34)
        if amount is None or not account:
            raise BadFile(f"line {number}: IntrBkSttlmAmt and CdtrAcct are needed")
        currency = amount.attrib.get("Ccy", "")
        lines.append(
            CreditLine(
                number,
                _text(node, "PmtId/EndToEndId", 35) or str(number),
                _amount((amount.text or "").strip(), currency, number),
                currency,
                _text(node, "Dbtr/Nm"),
                _text(node, "Cdtr/Nm"),
                account,
                _text(node, "RmtInf/Ustrd"),
                _text(node, "Purp/Cd", 4),
            )
        )
    stated = _text(header, "NbOfTxs", 15)
    if stated and stated != str(len(lines)):
        raise BadFile(f"GrpHdr says {stated} transactions, the file holds {len(lines)}")
    return CreditFile(sender, message_id, settled, tuple(lines))
