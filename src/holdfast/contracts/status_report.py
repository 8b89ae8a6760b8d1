"""Answers to payment files: what became of each line (ISO 20022 pain.002.001.10 to customers, pacs.002.001.10 to the
clearing), with a reason code for each line that was not carried out.

Source: ISO 20022 message definitions pain.002.001.10 and pacs.002.001.10; the codes are those of the external code
sets ExternalPaymentTransactionStatus1Code, ExternalPaymentGroupStatus1Code and ExternalStatusReason1Code.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from xml.etree import ElementTree

from holdfast.contracts.answers import Reason
from holdfast.contracts.iso20022 import NOT_PROVIDED, as_bytes, begin, instant_text, put

WORDS_MAX = 105
"""AdditionalInformation is a Max105Text."""


class Status(StrEnum):
    """What became of a line: settled, taken for a later day, waiting, refused."""

    SETTLED = "ACSC"
    ACCEPTED = "ACCP"
    WAITING = "PDNG"
    REFUSED = "RJCT"


PARTLY = "PART"
REPORT = ("pain.002.001.10", "CstmrPmtStsRpt")
ANSWER = ("pacs.002.001.10", "FIToFIPmtStsRpt")
NOT_SAID = "MS03"
"""NotSpecifiedReasonAgentGenerated."""
REASON_CODES: dict[Reason, str] = {
    Reason.NOT_ENOUGH_MONEY: "AM04",
    Reason.ACCOUNT_FROZEN: "AC06",
    Reason.ACCOUNT_CLOSED: "AC07",
    Reason.ACCOUNT_UNKNOWN: "AC03",
    Reason.OTHER_CURRENCY: "AM03",
    Reason.AMOUNT_LIMIT: "AM14",
    Reason.DAY_LIMIT: "AM14",
    Reason.OWN_PAYMENT_LIMIT: "AM14",
    Reason.OWN_DAY_LIMIT: "AM14",
    Reason.NEW_PAYEE_LIMIT: "AM14",
    Reason.UNUSUAL_AMOUNT: "AM14",
    Reason.CANCELLED: "DS02",
    Reason.OTHER_CONTENT: "AM05",
    Reason.CUSTOMER_FROZEN: "AC06",
    Reason.PAYROLL_LIMIT: "AM14",
    Reason.PERIOD_CLOSED: "DT01",
}
FILE_CODES = {"sum": "AM10", "count": "AM18", "currency": "AM03", "amount": "AM12", "amount_range": "AM02",
              "over_payroll": "AM14", "no_payroll": "AC02", "past": "DT01", "far": "DT01", "used": "AM05"}  # fmt: skip
"""Why a whole file was refused, by BadFile.kind; anything else is a wrong format, FF01."""


def reason_code(reason: Reason) -> str:
    """The code of a refusal; MS03 for what the standard has no code for."""
    return REASON_CODES.get(reason, NOT_SAID)


@dataclass(frozen=True, slots=True)
class LineStatus:
    """What became of one line, named as the file named it. code: why not, "" otherwise; words: the same for people."""

    end_to_end_id: str
    status: Status
    code: str = ""
    words: str = ""
    block: str = ""
    transaction_id: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """The file that is answered: its message id and its version's name."""

    message_id: str
    version: str


def group_status(lines: Sequence[LineStatus]) -> str:
    """The status of them together: their common one, PART when some were refused, PDNG while some wait."""
    found = {line.status for line in lines}
    if len(found) == 1:
        return found.pop().value
    return PARTLY if Status.REFUSED in found else Status.WAITING.value


def make_pain002(ident: str, at: datetime, original: Original, lines: Sequence[LineStatus]) -> bytes:
    """The answer to a customer's payment order; lines in the order of the file."""
    root, report = begin(*REPORT)
    _head(report, ident, at, original, lines)
    for block, group in groupby(lines, key=lambda line: line.block):
        part = ElementTree.SubElement(report, "OrgnlPmtInfAndSts")
        put(part, "OrgnlPmtInfId", block)
        found = list(group)
        put(part, "PmtInfSts", group_status(found))
        for line in found:
            _line(part, line)
    return as_bytes(root)


def make_pacs002(ident: str, at: datetime, original: Original, lines: Sequence[LineStatus]) -> bytes:
    """The answer to the clearing; lines in the order of the file."""
    root, report = begin(*ANSWER)
    _head(report, ident, at, original, lines)
    for line in lines:
        _line(report, line)
    return as_bytes(root)


def refuse_file(ident: str, at: datetime, original: Original, kind: str, words: str) -> bytes:
    """What refuses a whole file: a pacs.002, or a pain.002 for a payment order; kind: that of the BadFile."""
    order = original.version.startswith("pain.001")
    root, report = begin(*(REPORT if order else ANSWER))
    group = _header(report, ident, at, original)
    put(group, "GrpSts", Status.REFUSED.value)
    _why(group, FILE_CODES.get(kind, "FF01"), words)
    return as_bytes(root)


def _header(report: ElementTree.Element, ident: str, at: datetime, original: Original) -> ElementTree.Element:
    header = ElementTree.SubElement(report, "GrpHdr")
    put(header, "MsgId", ident)
    put(header, "CreDtTm", instant_text(at))
    group = ElementTree.SubElement(report, "OrgnlGrpInfAndSts")
    put(group, "OrgnlMsgId", original.message_id or NOT_PROVIDED)
    put(group, "OrgnlMsgNmId", original.version)
    return group


def _head(
    report: ElementTree.Element, ident: str, at: datetime, original: Original, lines: Sequence[LineStatus]
) -> None:
    group = _header(report, ident, at, original)
    put(group, "OrgnlNbOfTxs", str(len(lines)))
    put(group, "GrpSts", group_status(lines))
    for status, count in sorted(Counter(line.status.value for line in lines).items()):
        part = ElementTree.SubElement(group, "NbOfTxsPerSts")
        put(part, "DtldNbOfTxs", str(count))
        put(part, "DtldSts", status)


def _line(parent: ElementTree.Element, line: LineStatus) -> None:
    part = ElementTree.SubElement(parent, "TxInfAndSts")
    put(part, "OrgnlEndToEndId", line.end_to_end_id or NOT_PROVIDED)
    if line.transaction_id:
        put(part, "OrgnlTxId", line.transaction_id)
    put(part, "TxSts", line.status.value)
    if line.code:
        _why(part, line.code, line.words)


def _why(parent: ElementTree.Element, code: str, words: str) -> None:
    why = ElementTree.SubElement(parent, "StsRsnInf")
    put(why, "Rsn/Cd", code)
    if words:
        put(why, "AddtlInf", words[:WORDS_MAX])


WHY_SUSPENDED = {
    Reason.ACCOUNT_UNKNOWN: "We know no account with this number; the money waits for a person.",
    Reason.ACCOUNT_CLOSED: "The account is closed; the money waits for a person.",
    Reason.ACCOUNT_FROZEN: "The account takes no money now; the money waits for a person.",
    Reason.OTHER_CURRENCY: "The account is in another currency; the money waits for a person.",
}
"""What the clearing reads of a line that went to the suspense account."""


def credit_status(end_to_end_id: str, transaction_id: str, reason: Reason) -> LineStatus:
    """What became of a credit: settled, waiting at the suspense account with the reason, or refused because its id was
    another payment's (Reason.OTHER_CONTENT). Both banks answer alike."""
    if reason is Reason.OK:
        return LineStatus(end_to_end_id, Status.SETTLED, "", "", "", transaction_id)
    if reason is Reason.OTHER_CONTENT:
        words = "Another payment came with this message id and line."
        return LineStatus(end_to_end_id, Status.REFUSED, reason_code(reason), words, "", transaction_id)
    words = WHY_SUSPENDED.get(reason, "The money waits for a person.")
    return LineStatus(end_to_end_id, Status.WAITING, reason_code(reason), words, "", transaction_id)
