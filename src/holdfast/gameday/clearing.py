"""The clearing, which lies outside the bank: makes a pay-day file and sends it under its own signature."""

import hashlib
import time
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import aiohttp

from holdfast.settings import Installation
from holdfast.signing import load_keyring

SEND_S_MAX = 60.0
SALARY_MINOR = 3_150_000


def pay_day_file(message_id: str, settled: date, currency: str, salaries: list[tuple[str, str, int]]) -> bytes:
    """A pacs.008.001.08 with one line a salary: (account number, name, amount in minor units)."""
    lines = []
    for number, (account, name, amount) in enumerate(salaries, 1):
        lines.append(
            f"<CdtTrfTxInf><PmtId><EndToEndId>SAL-{number}</EndToEndId><TxId>{message_id}-{number}</TxId></PmtId>"
            f'<IntrBkSttlmAmt Ccy="{currency}">{amount // 100}.{amount % 100:02d}</IntrBkSttlmAmt><ChrgBr>SLEV</ChrgBr>'
            "<Dbtr><Nm>Sample Employer</Nm></Dbtr>"
            f"<Cdtr><Nm>{escape(name)}</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{escape(account)}</Id></Othr></Id></CdtrAcct>"
            "<Purp><Cd>SALA</Cd></Purp><RmtInf><Ustrd>Salary</Ustrd></RmtInf></CdtTrfTxInf>"
        )
    head = (
        f"<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{settled.isoformat()}T06:00:00Z</CreDtTm><NbOfTxs>{len(salaries)}</NbOfTxs>"
        f"<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf><IntrBkSttlmDt>{settled.isoformat()}</IntrBkSttlmDt>"
        "<InstgAgt><FinInstnId><BICFI>SAMPNO22XXX</BICFI></FinInstnId></InstgAgt></GrpHdr>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        f"<FIToFICstmrCdtTrf>{head}{''.join(lines)}</FIToFICstmrCdtTrf></Document>"
    ).encode()


async def send(installation: Installation, raw: bytes, at: float) -> dict[str, Any]:
    """Send the file through the front door under the clearing's own key, signed at this instant (seconds since 1970).

    Gives its answer, with `status` and `seconds`.
    """
    keyring = load_keyring(installation.keys, "clearing")
    token = keyring.sign("clearing-file", {"sha256": hashlib.sha256(raw).hexdigest(), "at": at})
    began = time.monotonic()
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            installation.door_origin + "/clearing/pacs.008",
            data=raw,
            timeout=aiohttp.ClientTimeout(SEND_S_MAX),
            headers={"Content-Type": "application/xml", "Holdfast-Clearing": token},
        ) as got,
    ):
        answer = await got.json(content_type=None) if got.status == 200 else {"error": (await got.text())[:300]}
        return {**answer, "status": got.status, "seconds": time.monotonic() - began}
