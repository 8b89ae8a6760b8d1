"""Read a clearing's credit transfers (ISO 20022 pacs.008), as far as a pay-day file needs them.

Source: ISO 20022 message definition FIToFICustomerCreditTransfer, pacs.008.001.08 and later; elements are
found by local name, so that versions 02 to 13 are read alike.
"""

from dataclasses import dataclass
from datetime import date

from holdfast.contracts.errors import BadFile
from holdfast.contracts.iso20022 import check_counted, check_summed, message_name, read_amount, text_of
from holdfast.contracts.plain_xml import parse_plain

LINES_MAX = 50_000


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One credit: amount_minor of currency to the account with number `creditor_account`; transaction_id: TxId, by
    which the clearing knows it."""

    line: int
    end_to_end_id: str
    amount_minor: int
    currency: str
    debtor: str
    creditor: str
    creditor_account: str
    text: str
    purpose: str
    transaction_id: str = ""


@dataclass(frozen=True, slots=True)
class CreditFile:
    """A file: who sent it, its message id, the day of settlement, its lines in order (line counts from 1)."""

    sender: str
    message_id: str
    settlement_date: date
    lines: tuple[CreditLine, ...]
    version: str = "pacs.008.001.08"


def read_credit_file(raw: bytes) -> CreditFile:
    """Read the whole file or raise BadFile naming the place; nothing is taken of a file with a bad line."""
    root = parse_plain(raw)
    message = root.find("FIToFICstmrCdtTrf")
    if root.tag == "FIToFICstmrCdtTrf":
        message = root
    if message is None:
        found = root[0].tag if len(root) else root.tag
        words = f"the file holds a {found[:40]}, no FIToFICstmrCdtTrf; it is not a pacs.008"
        raise BadFile(words, "other_message", found=found[:40])
    header = message.find("GrpHdr")
    message_id = text_of(header, "MsgId", 35)
    sender = text_of(header, "InstgAgt/FinInstnId/BICFI", 35) or text_of(header, "InstgAgt/FinInstnId/Nm")
    if not message_id or not sender:
        raise BadFile("GrpHdr needs a MsgId and the instructing agent's BICFI or Nm")
    try:
        settled = date.fromisoformat(text_of(header, "IntrBkSttlmDt")[:10])
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
        account = text_of(node, "CdtrAcct/Id/IBAN", 34) or text_of(node, "CdtrAcct/Id/Othr/Id", 34)
        if amount is None or not account:
            raise BadFile(f"line {number}: IntrBkSttlmAmt and CdtrAcct are needed")
        currency = amount.attrib.get("Ccy", "")
        lines.append(
            CreditLine(
                number,
                text_of(node, "PmtId/EndToEndId", 35) or str(number),
                read_amount((amount.text or "").strip(), currency, number),
                currency,
                text_of(node, "Dbtr/Nm"),
                text_of(node, "Cdtr/Nm"),
                account,
                text_of(node, "RmtInf/Ustrd"),
                text_of(node, "Purp/Cd", 4),
                text_of(node, "PmtId/TxId", 35),
            )
        )
    check_counted("GrpHdr", text_of(header, "NbOfTxs", 36), len(lines))
    amounts = [(line.amount_minor, line.currency) for line in lines]
    for total in ("CtrlSum", "TtlIntrBkSttlmAmt"):
        check_summed(f"GrpHdr/{total}", text_of(header, total, 40), amounts)
    return CreditFile(sender, message_id, settled, tuple(lines), message_name(root) or "pacs.008.001.08")
