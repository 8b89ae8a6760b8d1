"""What tests of credits of other banks share: a clearing file, and one sent."""

import hashlib
import time
import uuid


def pacs(*lines, message=None, settled="2026-03-02"):
    message = message or uuid.uuid4().hex[:30]
    body = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{i}</EndToEndId></PmtId><IntrBkSttlmAmt Ccy='{currency}'>{amount}</IntrBkSttlmAmt>"
        f"<Dbtr><Nm>Example Employer</Nm></Dbtr><Cdtr><Nm>Somebody</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{number}</Id></Othr></Id>"
        f"</CdtrAcct><Purp><Cd>SALA</Cd></Purp></CdtTrfTxInf>"
        for i, (number, amount, currency) in enumerate(lines)
    )
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08'><FIToFICstmrCdtTrf><GrpHdr><MsgId>{message}</MsgId>"
        f"<NbOfTxs>{len(lines)}</NbOfTxs><IntrBkSttlmDt>{settled}</IntrBkSttlmDt><InstgAgt><FinInstnId><BICFI>EXAMNOKK</BICFI>"
        f"</FinInstnId></InstgAgt></GrpHdr>{body}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def send(person, keys, raw, signed=None):
    token = keys["clearing"].sign(
        "clearing-file", {"sha256": hashlib.sha256(signed or raw).hexdigest(), "at": time.time()}
    )
    return person.client.generic(
        "POST",
        "/clearing/pacs.008",
        raw,
        content_type="application/xml",
        headers={"Holdfast-Row": person.row(cohort=None), "Holdfast-Clearing": token},
    )
