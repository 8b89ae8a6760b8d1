"""Payment orders (pain.001) as tests send them: whole by default, bent where a test says so."""

import uuid
from decimal import Decimal
from xml.sax.saxutils import escape

SPACE = "urn:iso:std:iso:20022:tech:xsd:"


def line(to, amount, name="", end="E", *, text="", kid="", currency="NOK", purpose=""):
    """One payment, to an account number."""
    party = f"<Cdtr><Nm>{escape(name)}</Nm></Cdtr>" if name else ""
    remittance = f"<Ustrd>{escape(text)}</Ustrd>" if text else ""
    if kid:
        remittance += f"<Strd><CdtrRefInf><Ref>{kid}</Ref></CdtrRefInf></Strd>"
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{end}</EndToEndId></PmtId><Amt><InstdAmt Ccy='{currency}'>{amount}</InstdAmt></Amt>"
        f"{party}<CdtrAcct><Id><Othr><Id>{to}</Id></Othr></Id></CdtrAcct>"
        + (f"<Purp><Cd>{purpose}</Cd></Purp>" if purpose else "")
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + "</CdtTrfTxInf>"
    )


def block(debtor, lines, day, *, ident="B1", method="TRF", version="09", head=""):
    """One group of payments out of an account (by its number) on a day."""
    day = day if isinstance(day, str) else day.isoformat()
    due = f"<ReqdExctnDt><Dt>{day}</Dt></ReqdExctnDt>" if version != "03" else f"<ReqdExctnDt>{day}</ReqdExctnDt>"
    return (
        f"<PmtInf><PmtInfId>{ident}</PmtInfId><PmtMtd>{method}</PmtMtd>{head}{due}<Dbtr><Nm>Payer</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{debtor}</Id></Othr></Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>{''.join(lines)}</PmtInf>"
    )


def order(*blocks, message=None, count=None, total=None, version="09"):
    """The file. count, total: what its header says, by default what is so; total "" says none."""
    body = "".join(blocks)
    amounts = [Decimal(part.split("<")[0]) for part in body.split("'>")[1:]]
    count = len(amounts) if count is None else count
    total = sum(amounts) if total is None else total
    stated = f"<CtrlSum>{total}</CtrlSum>" if total != "" else ""
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='{SPACE}pain.001.001.{version}'><CstmrCdtTrfInitn><GrpHdr>"
        f"<MsgId>{message or uuid.uuid4().hex}</MsgId><CreDtTm>2026-11-20T08:00:00Z</CreDtTm><NbOfTxs>{count}</NbOfTxs>{stated}"
        f"<InitgPty><Nm>Example Ltd</Nm></InitgPty></GrpHdr>{body}</CstmrCdtTrfInitn></Document>"
    ).encode()
