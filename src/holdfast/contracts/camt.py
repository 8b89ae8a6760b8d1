"""Write what stands on an account for programs: statements (ISO 20022 camt.053.001.08) and notices of debits and
credits (camt.054.001.08).

Source: ISO 20022 message definitions camt.053.001.08 and camt.054.001.08; the bank transaction codes are those of the
external code set BankTransactionCode (domain, family, sub-family). foreign/camt053.py reads such statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree

from holdfast.contracts.iso20022 import NAME_MAX, NOT_PROVIDED, TEXT_MAX, as_bytes, begin, decimal, instant_text, put
from holdfast.contracts.kid import PREFIX
from holdfast.contracts.numbers import iban_of

CODES = {
    "order": ("PMNT", "ICDT", "STDO"),
    "card": ("PMNT", "CCRD", "POSD"),
    "card_reversal": ("PMNT", "CCRD", "OTHR"),
    "charge": ("ACMT", "MDOP", "CHRG"),
    "fee": ("ACMT", "MDOP", "CHRG"),
    "interest": ("ACMT", "MCOP", "INTR"),
    "exchange": ("FORX", "SPOT", "OTHR"),
}
"""Bank transaction codes of kinds of entries; a salary is PMNT/RCDT/SALA, other transfers say which way they went."""


@dataclass(frozen=True, slots=True)
class ReportedAccount:
    """The account that is spoken of: its number as stored, its currency, its name, who owns it, whose books."""

    number: str
    currency: str
    title: str
    owner: str
    bank: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, amount_minor signed for the account's owner; ident: 32 hex digits, by which the bank knows it;
    end_to_end_id: what the payer's file called it, "" otherwise; other: who paid, or who was paid."""

    ident: str
    amount_minor: int
    booked: date
    value_date: date
    kind: str
    other: str
    text: str
    end_to_end_id: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a statement with the balances before the first and after the last, in minor units."""

    first: date
    last: date
    opening_minor: int
    closing_minor: int


def make_camt053(ident: str, at: datetime, account: ReportedAccount, period: Period, entries: Sequence[Entry]) -> bytes:
    """The statement; entries the oldest first. Raises ValueError when they do not lead from one balance to the
    other."""
    if period.opening_minor + sum(entry.amount_minor for entry in entries) != period.closing_minor:
        raise ValueError("the entries do not lead from the opening balance to the closing one")
    root, message = begin("camt.053.001.08", "BkToCstmrStmt")
    _header(message, ident, at)
    statement = _part(message, "Stmt", ident, at)
    days = ElementTree.SubElement(statement, "FrToDt")
    put(days, "FrDtTm", f"{period.first.isoformat()}T00:00:00")
    put(days, "ToDtTm", f"{period.last.isoformat()}T23:59:59")
    _account(statement, account)
    for code, minor, day in (("OPBD", period.opening_minor, period.first), ("CLBD", period.closing_minor, period.last)):
        balance = ElementTree.SubElement(statement, "Bal")
        put(balance, "Tp/CdOrPrtry/Cd", code)
        _amount(balance, minor, account.currency)
        put(balance, "Dt/Dt", day.isoformat())
    for entry in entries:
        _entry(statement, entry, account.currency)
    return as_bytes(root)


def make_camt054(ident: str, at: datetime, notices: Sequence[tuple[ReportedAccount, Sequence[Entry]]]) -> bytes:
    """Notices of these entries, one an account."""
    root, message = begin("camt.054.001.08", "BkToCstmrDbtCdtNtfctn")
    _header(message, ident, at)
    for place, (account, entries) in enumerate(notices, 1):
        notice = _part(message, "Ntfctn", f"{ident}-{place}", at)
        _account(notice, account)
        for entry in entries:
            _entry(notice, entry, account.currency)
    return as_bytes(root)


def _header(message: ElementTree.Element, ident: str, at: datetime) -> None:
    header = ElementTree.SubElement(message, "GrpHdr")
    put(header, "MsgId", ident)
    put(header, "CreDtTm", instant_text(at))


def _part(message: ElementTree.Element, name: str, ident: str, at: datetime) -> ElementTree.Element:
    part = ElementTree.SubElement(message, name)
    put(part, "Id", ident)
    put(part, "CreDtTm", instant_text(at))
    return part


def _account(parent: ElementTree.Element, account: ReportedAccount) -> None:
    part = ElementTree.SubElement(parent, "Acct")
    iban = iban_of(account.number).replace(" ", "")
    put(part, "Id/IBAN" if iban else "Id/Othr/Id", iban or account.number)
    put(part, "Ccy", account.currency)
    if account.title:
        put(part, "Nm", account.title[:70])
    put(part, "Ownr/Nm", account.owner[:NAME_MAX] or NOT_PROVIDED)
    put(part, "Svcr/FinInstnId/Nm", account.bank[:NAME_MAX] or NOT_PROVIDED)


def _amount(parent: ElementTree.Element, minor: int, currency: str) -> None:
    put(parent, "Amt", decimal(minor, currency), Ccy=currency)
    put(parent, "CdtDbtInd", "DBIT" if minor < 0 else "CRDT")


def _entry(parent: ElementTree.Element, entry: Entry, currency: str) -> None:
    part = ElementTree.SubElement(parent, "Ntry")
    put(part, "NtryRef", entry.ident)
    _amount(part, entry.amount_minor, currency)
    put(part, "Sts/Cd", "BOOK")
    put(part, "BookgDt/Dt", entry.booked.isoformat())
    put(part, "ValDt/Dt", entry.value_date.isoformat())
    put(part, "AcctSvcrRef", entry.ident)
    domain, family, sub = _code(entry)
    code = put(part, "BkTxCd/Domn")
    put(code, "Cd", domain)
    families = ElementTree.SubElement(code, "Fmly")
    put(families, "Cd", family)
    put(families, "SubFmlyCd", sub)
    details = put(part, "NtryDtls/TxDtls")
    references = ElementTree.SubElement(details, "Refs")
    put(references, "AcctSvcrRef", entry.ident)
    put(references, "EndToEndId", entry.end_to_end_id or NOT_PROVIDED)
    _amount(details, entry.amount_minor, currency)
    if entry.other:
        side = "Cdtr" if entry.amount_minor < 0 else "Dbtr"
        put(details, f"RltdPties/{side}/Pty/Nm", entry.other[:NAME_MAX])
    if entry.text.startswith(PREFIX):
        put(details, "RmtInf/Strd/CdtrRefInf/Ref", entry.text.removeprefix(PREFIX)[:35])
    elif entry.text:
        put(details, "RmtInf/Ustrd", entry.text[:TEXT_MAX])


def _code(entry: Entry) -> tuple[str, str, str]:
    if entry.kind in CODES and not (entry.kind == "order" and entry.amount_minor > 0):
        return CODES[entry.kind]
    if entry.amount_minor > 0:
        return "PMNT", "RCDT", "SALA" if entry.kind == "salary" else "BOOK"
    return "PMNT", "ICDT", "BOOK"
