"""Read a payment order of a customer (ISO 20022 CustomerCreditTransferInitiation, pain.001).

Source: ISO 20022 message definitions pain.001.001.03 and pain.001.001.08 to .11, of which one table (SCHEMA) holds
every element in its order; what this bank reads is checked to the letter, the rest is only known by name. The rules
beyond the schema are those of the message's own description: NbOfTxs counts, CtrlSum adds up whatever the currencies
are.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree

from holdfast.contracts.errors import BadFile
from holdfast.contracts.iso20022 import check_counted, check_summed, message_name, read_amount, text_of
from holdfast.contracts.message_schema import MANY, Choice, Part, Sequence, Text, check
from holdfast.contracts.plain_xml import parse_plain
from holdfast.contracts.text import clean_line

LINES_MAX = 500
BYTES_MAX = 900_000
LINE_ELEMENTS_MAX = 200
"""Elements of one payment, as far as a limit on all of them goes."""
MESSAGE = "CstmrCdtTrfInitn"
VERSIONS = ("03", "08", "09", "10", "11")


def _max(length: int, least: int = 1) -> Text:
    return Text(re.compile(rf"[\s\S]{{{least},{length}}}"))


def _any(*names: str, most: int = 1) -> tuple[Part, ...]:
    """Elements that may be there and of which nothing is read."""
    return tuple(Part(name, 0, most) for name in names)


_COUNT = Text(re.compile("[0-9]{1,15}"))
_SUM = Text(re.compile(r"[+]?[0-9]{1,18}(\.[0-9]{1,17})?"))
_DAY = Text(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?"))
_INSTANT = Text(
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
)
_CODE = Text(re.compile("[A-Z0-9]{1,4}"))
_AMOUNT = Text(re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?"), currency=True)
_IBAN = Text(re.compile("[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}"))
_CODED = Choice((Part("Cd", of=_CODE), Part("Prtry", of=_max(35))))
_ACCOUNT = Sequence(
    (
        Part(
            "Id",
            of=Choice(
                (
                    Part("IBAN", of=_IBAN),
                    Part("Othr", of=Sequence((Part("Id", of=_max(34)), *_any("SchmeNm", "Issr")))),
                )
            ),
        ),
        *_any("Tp"),
        Part("Ccy", 0, of=Text(re.compile("[A-Z]{3}"))),
        *_any("Nm", "Prxy"),
    )
)
_PARTY = Sequence((Part("Nm", 0, of=_max(140)), *_any("PstlAdr", "Id", "CtryOfRes", "CtctDtls")))
_KIND = Sequence(
    (*_any("InstrPrty"), *_any("SvcLvl", most=MANY), *_any("LclInstrm"), Part("CtgyPurp", 0, of=_CODED)),
)
_REMITTANCE = Sequence(
    (
        Part("Ustrd", 0, MANY, _max(140)),
        Part(
            "Strd",
            0,
            MANY,
            Sequence(
                (
                    *_any("RfrdDocInf", most=MANY),
                    *_any("RfrdDocAmt"),
                    Part("CdtrRefInf", 0, of=Sequence((*_any("Tp"), Part("Ref", 0, of=_max(35))))),
                    *_any("Invcr", "Invcee", "TaxRmt", "GrnshmtRmt"),
                    *_any("AddtlRmtInf", most=3),
                )
            ),
        ),
    )
)
_LINE = Sequence(
    (
        Part(
            "PmtId",
            of=Sequence((Part("InstrId", 0, of=_max(35)), Part("EndToEndId", of=_max(35)), *_any("UETR"))),
        ),
        Part("PmtTpInf", 0, of=_KIND),
        Part("Amt", of=Choice((Part("InstdAmt", of=_AMOUNT), Part("EqvtAmt")))),
        *_any("XchgRateInf", "ChrgBr", "MndtRltdInf", "ChqInstr", "UltmtDbtr"),
        *_any("IntrmyAgt1", "IntrmyAgt1Acct", "IntrmyAgt2", "IntrmyAgt2Acct", "IntrmyAgt3", "IntrmyAgt3Acct"),
        *_any("CdtrAgt", "CdtrAgtAcct"),
        Part("Cdtr", 0, of=_PARTY),
        Part("CdtrAcct", 0, of=_ACCOUNT),
        *_any("UltmtCdtr"),
        *_any("InstrForCdtrAgt", most=MANY),
        *_any("InstrForDbtrAgt"),
        Part("Purp", 0, of=_CODED),
        *_any("RgltryRptg", most=10),
        *_any("Tax"),
        *_any("RltdRmtInf", most=10),
        Part("RmtInf", 0, of=_REMITTANCE),
        *_any("SplmtryData", most=MANY),
    )
)
_BLOCK = Sequence(
    (
        Part("PmtInfId", of=_max(35)),
        Part("PmtMtd", of=Text(re.compile("CHK|TRF|TRA"))),
        *_any("ReqdAdvcTp", "BtchBookg"),
        Part("NbOfTxs", 0, of=_COUNT),
        Part("CtrlSum", 0, of=_SUM),
        Part("PmtTpInf", 0, of=_KIND),
        Part("ReqdExctnDt"),
        *_any("PoolgAdjstmntDt"),
        Part("Dbtr", of=_PARTY),
        Part("DbtrAcct", of=_ACCOUNT),
        Part("DbtrAgt"),
        *_any("DbtrAgtAcct", "InstrForDbtrAgt", "UltmtDbtr", "ChrgBr", "ChrgsAcct", "ChrgsAcctAgt"),
        Part("CdtTrfTxInf", 1, MANY, _LINE),
    )
)
_HEADER = Sequence(
    (
        Part("MsgId", of=_max(35)),
        Part("CreDtTm", of=_INSTANT),
        *_any("Authstn", most=2),
        Part("NbOfTxs", of=_COUNT),
        Part("CtrlSum", 0, of=_SUM),
        Part("InitgPty", of=_PARTY),
        *_any("FwdgAgt", "InitnSrc"),
    )
)
SCHEMA = Sequence((Part("GrpHdr", of=_HEADER), Part("PmtInf", 1, MANY, _BLOCK), *_any("SplmtryData", most=MANY)))
_DAYS: dict[bool, Text | Choice] = {
    True: Choice((Part("Dt", of=_DAY), Part("DtTm", of=_INSTANT))),
    False: _DAY,
}
"""ReqdExctnDt: a choice from version 08 on, a day before."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One payment that is asked for: amount_minor of currency on the day `due`, from and to accounts by their numbers
    as written. line counts from 1 over the file; block: the PmtInfId it stands under; kid: a reference for the payee;
    purpose: its code, `SALA` for wages, "" without one."""

    line: int
    block: str
    due: date
    debtor_account: str
    end_to_end_id: str
    amount_minor: int
    currency: str
    creditor: str
    creditor_account: str
    text: str
    kid: str
    purpose: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A payment order: its message id, its version's name (`pain.001.001.09`), its lines in order."""

    message_id: str
    version: str
    lines: tuple[OrderLine, ...]


def read_order_file(raw: bytes, lines_max: int = LINES_MAX, bytes_max: int = BYTES_MAX) -> OrderFile:
    """Read the whole file or raise BadFile naming the place; nothing is taken of a file with a bad line."""
    if not raw.strip():
        raise BadFile("the file is empty", "empty")
    if len(raw) > bytes_max:
        raise BadFile(f"the file has {len(raw)} bytes, at most {bytes_max} are taken; split it", "too_large")
    root = parse_plain(raw, LINE_ELEMENTS_MAX * lines_max)
    version = _version(root)
    message = root[0]
    check(message, SCHEMA, MESSAGE)
    header = message.find("GrpHdr")
    blocks = message.findall("PmtInf")
    count = sum(len(block.findall("CdtTrfTxInf")) for block in blocks)
    if count > lines_max:
        words = f"the file holds {count} payments, at most {lines_max} are taken; split it"
        raise BadFile(words, "too_many_lines", count=count, most=lines_max)
    lines: list[OrderLine] = []
    for number, block in enumerate(blocks, 1):
        found = _block(block, len(lines), version, f"PmtInf {number}")
        check_counted(f"PmtInf {number}", text_of(block, "NbOfTxs", 15), len(found))
        _check_sum(f"PmtInf {number}", block, found)
        lines += found
    check_counted("GrpHdr", text_of(header, "NbOfTxs", 15), len(lines))
    _check_sum("GrpHdr", header, lines)
    message_id = clean_line(text_of(header, "MsgId", 35))
    if not message_id:
        raise BadFile("GrpHdr: missing: MsgId", "missing", where="GrpHdr", name="MsgId")
    return OrderFile(message_id, version, tuple(lines))


def _version(root: ElementTree.Element) -> str:
    """`pain.001.001.09`; raises BadFile (kinds `other_message`, `version`) for any other message."""
    found = root[0].tag if root.tag == "Document" and len(root) else root.tag
    if root.tag != "Document" or found != MESSAGE or len(root) != 1:
        raise BadFile(
            f"the file holds {found[:40]}, no {MESSAGE}; it is not a pain.001", "other_message", found=found[:40]
        )
    named = message_name(root)
    if named not in {f"pain.001.001.{version}" for version in VERSIONS}:
        known = ", ".join(VERSIONS)
        words = f"the message is of the version {named[:40]!r}; taken are pain.001.001.{known}"
        raise BadFile(words, "version", found=named[:40], known=known)
    return named


def _check_sum(where: str, node: ElementTree.Element | None, lines: list[OrderLine]) -> None:
    stated = text_of(node, "CtrlSum", 40).removeprefix("+")
    check_summed(where, stated, [(line.amount_minor, line.currency) for line in lines])


def _block(block: ElementTree.Element, before: int, version: str, where: str) -> list[OrderLine]:
    if text_of(block, "PmtMtd") != "TRF":
        raise BadFile(f"{where} asks for cheques or an advice, not for transfers (TRF)", "method", where=where)
    due = _day(block, version, where)
    account = _account(block.find("DbtrAcct"))
    ident, purpose = clean_line(text_of(block, "PmtInfId", 35)), _purpose(block)
    nodes = block.findall("CdtTrfTxInf")
    return [
        _line(node, before + place, block=ident, due=due, debtor=account, purpose=_purpose(node) or purpose)
        for place, node in enumerate(nodes, 1)
    ]


def _day(block: ElementTree.Element, version: str, where: str) -> date:
    node = block.find("ReqdExctnDt")
    chosen = version not in ("pain.001.001.03",)
    if node is None:
        raise BadFile(f"{where}: missing: ReqdExctnDt", "missing", where=where, name="ReqdExctnDt")
    check(node, _DAYS[chosen], f"{where}/ReqdExctnDt")
    typed = (text_of(node, "Dt") or text_of(node, "DtTm")) if chosen else (node.text or "").strip()
    try:
        if len(typed) > len("2026-11-22") and "T" in typed:
            datetime.fromisoformat(typed)
        return date.fromisoformat(typed[:10])
    except ValueError as error:
        raise BadFile(f"{where}: {typed[:40]!r} is not a day", "day", where=where, text=typed[:40]) from error


def _account(node: ElementTree.Element | None) -> str:
    return clean_line(text_of(node, "Id/IBAN", 34) or text_of(node, "Id/Othr/Id", 34))


def _purpose(node: ElementTree.Element) -> str:
    """The code of what a payment is for: its own, or its category."""
    return text_of(node, "Purp/Cd", 4) or text_of(node, "PmtTpInf/CtgyPurp/Cd", 4)


def _line(node: ElementTree.Element, number: int, *, block: str, due: date, debtor: str, purpose: str) -> OrderLine:
    amount = node.find("Amt/InstdAmt")
    if amount is None:
        words = f"line {number} asks for the equivalent of another currency, which this bank does not make"
        raise BadFile(words, "equivalent", line=number)
    account = _account(node.find("CdtrAcct"))
    if not account:
        raise BadFile(f"line {number} names no account to pay to", "no_account", line=number)
    currency = amount.attrib.get("Ccy", "")
    texts = [clean_line(one.text or "") for one in node.findall("RmtInf/Ustrd")]
    return OrderLine(
        number,
        block,
        due,
        debtor,
        clean_line(text_of(node, "PmtId/EndToEndId", 35)),
        read_amount((amount.text or "").strip(), currency, number),
        currency,
        clean_line(text_of(node, "Cdtr/Nm")),
        account,
        " ".join(one for one in texts if one)[:140],
        clean_line(text_of(node, "RmtInf/Strd/CdtrRefInf/Ref", 35)),
        purpose,
    )
