"""Clearing files and standing orders of tests at the spare bank."""

import hashlib
import time
import uuid
from datetime import UTC, datetime, timedelta

from fakes import DAY
from world import Answer, World

from holdfast.contracts import ids


def line(number: int, account: str = "12345600010", amount: str = "2150.00", purpose: str = "SALA") -> str:
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>e{number}</EndToEndId></PmtId><IntrBkSttlmAmt Ccy='NOK'>{amount}"
        f"</IntrBkSttlmAmt><Dbtr><Nm>Employer</Nm></Dbtr><Cdtr><Nm>Worker</Nm></Cdtr><CdtrAcct><Id><Othr><Id>"
        f"{account}</Id></Othr></Id></CdtrAcct><Purp><Cd>{purpose}</Cd></Purp></CdtTrfTxInf>"
    )


def document(message: str, lines: list[str]) -> bytes:
    return (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08'><FIToFICstmrCdtTrf><GrpHdr><MsgId>{message}"
        f"</MsgId><NbOfTxs>{len(lines)}</NbOfTxs><IntrBkSttlmDt>{DAY}</IntrBkSttlmDt><InstgAgt><FinInstnId><BICFI>"
        f"SAMPNOKK</BICFI></FinInstnId></InstgAgt></GrpHdr>{''.join(lines)}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def send(world: World, body: bytes, signed: bytes | None = None, by: str = "clearing") -> Answer:
    token = world.key(by).sign(
        "clearing-file", {"sha256": hashlib.sha256(signed or body).hexdigest(), "at": time.time()}
    )
    return world.request(
        "POST",
        "/clearing/pacs.008",
        body,
        {"Holdfast-Row": world.row(None, 0), "Holdfast-Clearing": token, "Content-Type": "application/xml"},
    )


def order(world: World, number: int, **more: object) -> uuid.UUID:
    world.bank.say(
        "order",
        number,
        {
            "cohort": 5,
            "debit": 10,
            "credit": 20,
            "amount_minor": 1000,
            "currency": "NOK",
            "payer": "Ann Example",
            "payee": "Landlord",
            "text": "rent",
            "kind": "rent",
            "due": DAY.isoformat(),
        }
        | more,
    )
    return ids.order_payment_id(number, DAY)


def run_from(world: World, seconds: float) -> None:
    world.bank.say("order_run", DAY.isoformat(), {"at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()})
