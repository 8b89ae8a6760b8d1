"""Read statements (ISO 20022 camt.053, versions 02 to 13): balances, and which of our payments they contain.

Of each statement the closing booked balance (CLBD), the closing available one (CLAV) where there is one, and the
end-to-end ids of booked entries are taken. Elements are found by local name.
"""

import uuid
from xml.etree import ElementTree

from holdfast.contracts.errors import BadFile
from holdfast.contracts.plain_xml import parse_plain
from holdfast.foreign.rows import BadRow, BalanceRow, CarriedRow, Problem, instant_of, minor_of, plain_number


def read_camt053(name: str, raw: bytes) -> tuple[list[BalanceRow], list[CarriedRow], list[Problem]]:
    """Balances, payments that were carried out, and problems (line: the statement's place); raises BadFile."""
    statements = parse_plain(raw).findall("./BkToCstmrStmt/Stmt")
    if not statements:
        raise BadFile(f"{name} has no statement (BkToCstmrStmt/Stmt)")
    balances, carried, problems = [], [], []
    for place, statement in enumerate(statements, 1):
        try:
            balances.append(_balance(statement, name, place))
            carried += _carried(statement, name, place)
        except BadRow as error:
            problems.append(Problem(name, place, str(error)))
    return balances, carried, problems


def _text(found: ElementTree.Element | None) -> str:
    return (found.text or "").strip() if found is not None else ""


def _balance(statement: ElementTree.Element, name: str, place: int) -> BalanceRow:
    typed = _text(statement.find("./Acct/Id/IBAN")) or _text(statement.find("./Acct/Id/Othr/Id"))
    number = plain_number(typed)
    found = {_text(one.find("./Tp/CdOrPrtry/Cd")): one for one in statement.findall("./Bal")}
    booked = found.get("CLBD")
    if booked is None:
        raise BadRow(f"the statement of {number} has no closing booked balance (CLBD)")
    currency, minor = _amount(booked)
    available = _amount(found["CLAV"])[1] if "CLAV" in found else minor
    as_of = _text(booked.find("./Dt/DtTm")) or _text(statement.find("./CreDtTm")) or _text(booked.find("./Dt/Dt"))
    return BalanceRow(number, currency, minor, minor - available, instant_of(as_of), name, place)


def _amount(balance: ElementTree.Element) -> tuple[str, int]:
    amount = balance.find("./Amt")
    currency = amount.get("Ccy", "") if amount is not None else ""
    minor = minor_of(_text(amount), currency)
    return currency, -minor if _text(balance.find("./CdtDbtInd")) == "DBIT" else minor


def _carried(statement: ElementTree.Element, name: str, place: int) -> list[CarriedRow]:
    """Ids of other payments than ours are left alone: they are not UUIDs, or nobody here knows them."""
    out = []
    for entry in statement.findall("./Ntry"):
        status = _text(entry.find("./Sts/Cd")) or _text(entry.find("./Sts"))
        for reference in entry.findall("./NtryDtls/TxDtls/Refs/EndToEndId"):
            try:
                ident = uuid.UUID(hex=_text(reference))
            except ValueError:
                continue
            if status in ("BOOK", ""):
                out.append(CarriedRow(ident, "booked", name, place))
    return out
