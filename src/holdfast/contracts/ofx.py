"""Write what stands on an account as OFX, which home accounting programs read: a bank statement download (OFX 2.2).

Source: Open Financial Exchange 2.2 (Financial Data Exchange): the header as a processing instruction, SIGNONMSGSRSV1
and BANKMSGSRSV1 with STMTRS. Its times are UTC; its days are at noon, so that no reader's time zone moves them.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.etree import ElementTree

from holdfast.contracts.camt import Entry, Period, ReportedAccount
from holdfast.contracts.iso20022 import decimal, put

HEADER = b"""<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
"""
LANGUAGES = {"en": "ENG", "nb": "NOB"}
KINDS = {
    "order": "REPEATPMT",
    "card": "POS",
    "card_reversal": "POS",
    "charge": "FEE",
    "fee": "FEE",
    "interest": "INT",
    "salary": "DIRECTDEP",
    "payment": "PAYMENT",
}
"""TRNTYPE by kinds of entries; others say which way they went."""
NAME_MAX, MEMO_MAX, BANK_MAX, NUMBER_MAX = 32, 255, 9, 22
"""The standard's limits in characters."""


def make_ofx(
    at: datetime, account: ReportedAccount, period: Period, entries: Sequence[Entry], *, language: str
) -> bytes:
    """The statement; entries the oldest first, account numbers cut to 22 characters as the standard wants. Raises
    ValueError when the entries do not lead from one balance to the other."""
    if period.opening_minor + sum(entry.amount_minor for entry in entries) != period.closing_minor:
        raise ValueError("the entries do not lead from the opening balance to the closing one")
    root = ElementTree.Element("OFX")
    signon = put(root, "SIGNONMSGSRSV1/SONRS")
    _status(signon)
    put(signon, "DTSERVER", _instant(at))
    put(signon, "LANGUAGE", LANGUAGES[language])
    put(signon, "FI/ORG", account.bank[:NAME_MAX])
    response = put(root, "BANKMSGSRSV1/STMTTRNRS")
    put(response, "TRNUID", "0")
    _status(response)
    statement = put(response, "STMTRS")
    put(statement, "CURDEF", account.currency)
    whose = put(statement, "BANKACCTFROM")
    put(whose, "BANKID", account.number[:4] if account.number.isdecimal() else account.bank[:BANK_MAX])
    put(whose, "ACCTID", account.number[:NUMBER_MAX])
    put(whose, "ACCTTYPE", "CHECKING")
    listed = put(statement, "BANKTRANLIST")
    put(listed, "DTSTART", _day(period.first))
    put(listed, "DTEND", _day(period.last))
    for entry in entries:
        _entry(listed, entry, account.currency)
    for name, minor in (("LEDGERBAL", period.closing_minor), ("AVAILBAL", period.closing_minor)):
        balance = put(statement, name)
        put(balance, "BALAMT", _amount(minor, account.currency))
        put(balance, "DTASOF", _day(period.last))
    return HEADER + ElementTree.tostring(root, encoding="unicode").encode() + b"\n"


def _status(parent: ElementTree.Element) -> None:
    status = put(parent, "STATUS")
    put(status, "CODE", "0")
    put(status, "SEVERITY", "INFO")


def _entry(parent: ElementTree.Element, entry: Entry, currency: str) -> None:
    part = ElementTree.SubElement(parent, "STMTTRN")
    put(part, "TRNTYPE", KINDS.get(entry.kind, "DEBIT" if entry.amount_minor < 0 else "CREDIT"))
    put(part, "DTPOSTED", _day(entry.booked))
    put(part, "DTAVAIL", _day(entry.value_date))
    put(part, "TRNAMT", _amount(entry.amount_minor, currency))
    put(part, "FITID", entry.ident)
    if entry.other:
        put(part, "NAME", entry.other[:NAME_MAX])
    if entry.text:
        put(part, "MEMO", entry.text[:MEMO_MAX])


def _amount(minor: int, currency: str) -> str:
    return ("-" if minor < 0 else "") + decimal(minor, currency)


def _day(day: date) -> str:
    return f"{day:%Y%m%d}120000[0:GMT]"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}[0:GMT]"
