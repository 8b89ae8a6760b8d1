"""What a customer shows beside the password, judged by the spare bank: codes and passkeys, each used once.

What is used once is claimed at the doors' register first. With the register out of reach a recovery code is refused,
a code of the authenticator or a passkey's challenge is taken within its first 30 seconds, once here. What was used is
journaled, so that the bank strikes it off. Guesses are counted in memory: a restart forgets them, the code's short life
does not.
"""

import asyncio
import contextlib
import time
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from webauthn import verify_authentication_response

from holdfast.contracts.factors import (
    ALONE_S,
    AUTHENTICATOR,
    CHALLENGE_KEPT_S,
    CHALLENGE_PURPOSE,
    PASSKEY,
    RECOVERY,
    RECOVERY_KEPT_S,
    STEP_KEPT_S,
    STEP_S,
    WRONG_CODES_MAX,
    WRONG_CODES_S,
    Factors,
    Passkey,
    PasskeyAnswer,
    challenge_age_s,
    challenge_text,
    from_base64url,
    is_authenticator_code,
    plain_code,
    recovery_digest,
    recovery_text,
    step_text,
)
from holdfast.signing.onetime import fitting_step
from holdfast.standin.bank import SpareBank
from holdfast.standin.errors import DoorsAway, MoneyStopped
from holdfast.standin.gate import Visit

NO_SALT = "00" * 32
COUNTED_MAX = 100_000


class Said(StrEnum):
    """How a code was taken; the values stand in pages as `data-problem`, the same at both banks."""

    FITS = "fits"
    WRONG = "wrong-code"
    TOO_MANY = "too-many-codes"
    LATER = "codes-later"


class Guesses:
    """Wrong codes by customer and device, each counted for WRONG_CODES_S from its first."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str], tuple[float, int]] = {}

    def take_try(self, customer: int, device: str) -> bool:
        """Count one before the code is looked at; False when there are none left for now."""
        now = time.monotonic()
        if len(self._counts) >= COUNTED_MAX:
            self._counts = {who: one for who, one in self._counts.items() if now - one[0] <= WRONG_CODES_S}
        began, count = self._counts.get((customer, device), (now, 0))
        if now - began > WRONG_CODES_S:
            began, count = now, 0
        if count >= WRONG_CODES_MAX or len(self._counts) >= COUNTED_MAX:
            return False
        self._counts[customer, device] = began, count + 1
        return True

    def forget(self, customer: int, device: str) -> None:
        """The code was right: counting begins anew."""
        self._counts.pop((customer, device), None)


class Judge:
    """Judges codes and passkeys for one running spare bank."""

    def __init__(self, bank: SpareBank) -> None:
        self._bank = bank
        self._guesses = Guesses()
        self._alone: dict[str, tuple[float, str]] = {}
        self._struck = {
            (int(body["customer"]), str(body["key"])): str(body["request"])
            for body in bank.journal_reader.recovery_codes()
        }
        self._counts: dict[str, int] = {}

    def known(self, customer: int) -> Factors:
        """What is known of the customer beside passkeys: authenticator, recovery codes, trusted devices."""
        return self._factors(customer)

    def _factors(self, customer: int) -> Factors:
        return self._bank.view.profile.factors(customer)

    async def check_code(self, customer: int, typed: str, visit: Visit, device: str) -> tuple[Said, str]:
        """How the code was taken, and which factor it was. device: known to be the customer's."""
        if not self._guesses.take_try(customer, device):
            return Said.TOO_MANY, ""
        code = plain_code(typed)
        if is_authenticator_code(code):
            said, factor = await self._authenticator(customer, code, visit), AUTHENTICATOR
        else:
            said, factor = await self._recovery(customer, code, visit), RECOVERY
        if said is Said.FITS:
            self._guesses.forget(customer, device)
        return said, factor

    async def _authenticator(self, customer: int, code: str, visit: Visit) -> Said:
        secret, now = self._factors(customer).authenticator, time.time()
        step = fitting_step(secret, code, now) if secret else None
        if step is None:
            return Said.WRONG
        current = step == int(now // STEP_S)
        if not await self._use(step_text(customer, step), visit.row.request, STEP_KEPT_S, alone=current):
            return Said.WRONG
        with contextlib.suppress(MoneyStopped):  # it tells the bank only when the authenticator was last used
            await self._journal(visit, {"customer": customer, "factor": AUTHENTICATOR, "key": ""})
        return Said.FITS

    async def _recovery(self, customer: int, code: str, visit: Visit) -> Said:
        known, request = self._factors(customer), visit.row.request
        digest = recovery_digest(known.salt or NO_SALT, code)
        struck_by = self._struck.get((customer, digest))
        if digest not in known.recovery or struck_by not in (None, request):
            return Said.WRONG
        try:
            granted = await self._bank.doors.use(recovery_text(customer, digest), request, RECOVERY_KEPT_S)
            if granted and struck_by is None:
                self._struck[customer, digest] = request
                body = {"customer": customer, "factor": RECOVERY, "key": digest, "request": request}
                await self._journal(visit, body)
        except (DoorsAway, MoneyStopped):
            return Said.LATER
        return Said.FITS if granted else Said.WRONG

    async def check_passkey(self, customer: int, known: Passkey, answer: PasskeyAnswer, visit: Visit) -> bool:
        """Whether this passkey said so, now, for the first time."""
        origin = self._bank.place.door_origin
        try:
            made = self._bank.keyring.verify(CHALLENGE_PURPOSE, answer.challenge, by={"door"})
            verified = verify_authentication_response(
                credential=answer.raw,
                expected_challenge=answer.challenge.encode(),
                expected_rp_id=urlsplit(origin).hostname or "",
                expected_origin=origin,
                credential_public_key=from_base64url(known.public_key),
                credential_current_sign_count=max(known.sign_count, self._counts.get(known.id, 0)),
                require_user_verification=True,
            )
        except Exception:  # the library raises what it likes; whatever a stranger sent, this is no login
            return False
        age_s = challenge_age_s(made)
        if age_s is None:
            return False
        fresh, text = abs(age_s) <= ALONE_S, challenge_text(answer.challenge)
        if not await self._use(text, visit.row.request, CHALLENGE_KEPT_S, alone=fresh):
            return False
        self._counts[known.id] = verified.new_sign_count
        body = {"customer": customer, "factor": PASSKEY, "key": known.id, "sign_count": verified.new_sign_count}
        with contextlib.suppress(MoneyStopped):  # the challenge stays claimed
            await self._journal(visit, body)
        return True

    async def _use(self, text: str, request: str, keep_s: float, *, alone: bool) -> bool:
        """Claim it at the register; alone: it may be taken on our own word while the register is out of reach."""
        try:
            return await self._bank.doors.use(text, request, keep_s)
        except DoorsAway:
            return alone and self._use_alone(text, request)

    def _use_alone(self, text: str, request: str) -> bool:
        now = time.monotonic()
        for known in [one for one, (until, _) in self._alone.items() if until < now]:
            del self._alone[known]
        return self._alone.setdefault(text, (now + 3 * ALONE_S, request))[1] == request

    async def _journal(self, visit: Visit, body: dict[str, Any]) -> None:
        """On disk before the answer goes out; raises MoneyStopped."""
        cohort, epoch = visit.row.cohort or 0, visit.row.epoch
        work = self._bank.journal.submit(lambda writing: writing.append("factor", cohort, epoch, body))
        await asyncio.wrap_future(work)
