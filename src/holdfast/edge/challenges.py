"""Challenges that passkeys sign: made and signed by the door, so that what was begun at one bank ends at the other.

The challenge is the token itself. Both banks know the doors' public key; that one is answered once is claimed at the
register when the answer was found right.
"""

import secrets
import time

from aiohttp import web

from holdfast.contracts.factors import CHALLENGE_PURPOSE
from holdfast.edge.state import Door

RANDOM_BYTES = 32


def answer(door: Door) -> web.Response:
    """GET /passkey/challenge: `{"challenge": token}`; it asks no bank and no register."""
    said = {"random": secrets.token_hex(RANDOM_BYTES), "at": time.time()}
    token = door.keyring.sign(CHALLENGE_PURPOSE, said)
    return web.json_response({"challenge": token}, headers={"Cache-Control": "no-store"})
