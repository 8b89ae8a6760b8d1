"""Logging in at the spare bank: a password, then a code where the customer has an authenticator; or a passkey alone.

The same addresses, fields and problems as at the main bank: a form opened at one can be sent to the other.
"""

import secrets
import time
from dataclasses import replace

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.answers import COHORT_HEADER, FRONT_HEADER
from holdfast.contracts.epochs import Mode, stranger_cohort
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.factors import (
    ANSWER_CHARACTERS_MAX,
    DEVICE_COOKIE,
    DEVICE_PURPOSE,
    DEVICE_S,
    PASSKEY,
    PASSWORD,
    PROVED_PURPOSE,
    KnownDevice,
    Proved,
    known_device,
    proved_from_payload,
    read_passkey_answer,
)
from holdfast.contracts.kept import SHOWN, TOKEN_MAX
from holdfast.contracts.sessions import IDLE_S
from holdfast.guard import Guesses
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.errors import Busy, NotFilled
from holdfast.standin.factors import Judge, Said
from holdfast.standin.gate import Visit, second_factor_waits, set_session, stale, wrong_cohort
from holdfast.standin.kept import Forms
from holdfast.standin.login import new_session, token_of
from holdfast.standin.pages import typed
from holdfast.standin.render import render
from holdfast.telemetry import get_log

BANKS = {"primary", "standin"}
PROOF_MAX = 2000
CODE_WORDS = {
    Said.WRONG: "login.code_wrong",
    Said.TOO_MANY: "login.code_too_many",
    Said.LATER: "login.code_later",
}


class SigningIn:
    """Handlers of /login."""

    def __init__(self, bank: SpareBank, forms: Forms) -> None:
        self.bank = bank
        self.forms = forms
        self.judge = Judge(bank)
        self._guesses = Guesses()

    async def form(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /login."""
        if visit.session is not None:
            return RedirectResponse("/", 303)
        return self._form(visit)

    async def login(self, request: Request, visit: Visit) -> Response:
        """POST /login: 303 to the overview, 200 with the form for the code, 421 for a customer of another cohort, 422
        with the form again, 429 after too many codes."""
        if not self.bank.view.filled:
            raise NotFilled("the customers are not known yet")
        form = await request.form(max_files=0, max_fields=20)
        visit.kept = typed(form, "kept", TOKEN_MAX + 1)
        if passkey := typed(form, "passkey", ANSWER_CHARACTERS_MAX + 1):
            return await self._by_passkey(request, visit, passkey)
        if proof := typed(form, "proof", PROOF_MAX):
            return await self._by_code(request, visit, form, proof)
        return await self._by_password(request, visit, form)

    async def _by_password(self, request: Request, visit: Visit, form: FormData) -> Response:
        username = typed(form, "username").lower()[:80].replace("\0", "")  # as the bank reads it: one stranger's cohort
        customer = self.bank.view.profile.find_customer(username)
        cohort = int(customer["cohort"]) if customer else stranger_cohort(username)
        elsewhere = _elsewhere(visit, cohort)
        if elsewhere is not None:
            return elsewhere
        number = int(customer["id"]) if customer else 0
        device = self._device_of(request, number)
        one = self._guesses.take(username, visit.row.network, device.device if device else "")
        if one is None:
            _note_refused(visit, "too-many-passwords", number)
            return self._form(visit, "login.too_many", "too-many-passwords", username, 429)
        password = str(form.get("password", ""))[:1000]
        try:
            fits = await self.bank.passwords.verify(str(customer["verifier"]) if customer else "", password)
        except Busy:
            self._guesses.give_back(one)
            metrics.LOGINS.labels("busy").inc()
            raise
        if not fits or customer is None:
            _note_refused(visit, "wrong", number)
            return self._form(visit, "login.wrong", "wrong", username)
        self._guesses.give_back(one)
        known = self.judge.known(number)
        if not (known.authenticator or known.recovery):
            _note_refused(visit, "no-second-factor", number)
            return second_factor_waits(self.bank, visit)
        proof = self.bank.keyring.sign(PROVED_PURPOSE, Proved(number, cohort, time.time()).to_payload())
        return self._code_form(visit, proof, number)

    async def _by_code(self, request: Request, visit: Visit, form: FormData, proof: str) -> Response:
        try:
            proved = proved_from_payload(self.bank.keyring.verify(PROVED_PURPOSE, proof, by=BANKS))
        except BadToken:
            proved = None
        if proved is None:
            return self._form(visit, "login.expired", "expired")
        elsewhere = _elsewhere(visit, proved.cohort)
        if elsewhere is not None:
            return elsewhere
        device = self._device_of(request, proved.customer)
        known = device.device if device else ""
        said, factor = await self.judge.check_code(proved.customer, typed(form, "code"), visit, known)
        if said is not Said.FITS:
            _note_refused(visit, said.value, proved.customer)
            return self._code_form(visit, proof, proved.customer, said)
        return self._welcome(visit, proved.customer, proved.cohort, (PASSWORD, factor), device)

    async def _by_passkey(self, request: Request, visit: Visit, passkey: str) -> Response:
        try:
            said = read_passkey_answer(passkey)
        except BadMessage:
            return self._form(visit, "login.passkey_wrong", "wrong-passkey")
        found = self.bank.view.profile.find_passkey(said.id)
        cohort = int(found[0]["cohort"]) if found else stranger_cohort(said.id)
        elsewhere = _elsewhere(visit, cohort)
        if elsewhere is not None:
            return elsewhere
        if found is None or not await self.judge.check_passkey(int(found[0]["id"]), found[1], said, visit):
            _note_refused(visit, "wrong-passkey", int(found[0]["id"]) if found else 0)
            return self._form(visit, "login.passkey_wrong", "wrong-passkey")
        number = int(found[0]["id"])
        return self._welcome(visit, number, cohort, (PASSKEY,), self._device_of(request, number))

    def _welcome(
        self, visit: Visit, customer: int, cohort: int, factors: tuple[str, ...], device: KnownDevice | None
    ) -> Response:
        """Logged in; from now on this device is known to be the customer's, at both banks."""
        metrics.LOGINS.labels("done").inc()
        get_log().info("logged in", customer=customer, by=factors, network=visit.row.network)
        session = new_session(customer, cohort, visit.row.epoch, factors)
        response = self._go_on(visit, customer) or RedirectResponse("/", 303)
        response.headers[COHORT_HEADER] = str(cohort)
        needs = (self.bank.view.profile.customer(customer) or {}).get("needs")
        response.headers[FRONT_HEADER] = str(customer if needs else 0)
        set_session(response, token_of(session, self.bank.keyring, visit.row.epoch))
        visit.session = None
        if device is None or device.to_renew():
            name = device.device if device else secrets.token_hex(16)
            said = {"customer": customer, "device": name, "at": time.time()}
            token = self.bank.keyring.sign(DEVICE_PURPOSE, said)
            response.set_cookie(DEVICE_COOKIE, token, max_age=DEVICE_S, path="/login", httponly=True, samesite="lax")
        return response

    def _go_on(self, visit: Visit, customer: int) -> Response | None:
        """What was typed before the login, to be sent by one press; nothing is sent by itself. None without any."""
        kept = self.forms.take_up(visit.kept, customer)
        if kept is None:
            return None
        frame = replace(visit.frame, customer=customer, left_s=IDLE_S)
        shown = [(f"pay.{name}", kept.value(name)) for name in SHOWN if kept.pays and kept.value(name)]
        return render(self.bank, "going-on", frame, kept=kept, shown=shown)

    def _device_of(self, request: Request, customer: int) -> KnownDevice | None:
        """The device on which this customer logged in before, None for a new one; either bank vouches for it."""
        token = request.cookies.get(DEVICE_COOKIE, "")
        if not token:
            return None
        try:
            raw = self.bank.keyring.verify(DEVICE_PURPOSE, token, by=BANKS)
        except BadToken:
            return None
        known = self.judge.known(customer)
        return known_device(raw, customer, known.devices_since, known.devices_gone)

    def _form(self, visit: Visit, key: str = "", problem: str = "", username: str = "", status: int = 422) -> Response:
        wrong = visit.phrases.say(key) if key else ""
        status = status if key else 200
        return render(
            self.bank,
            "login",
            visit.frame,
            status=status,
            wrong=wrong,
            problem=problem,
            username=username,
            kept=visit.kept,
        )

    def _code_form(self, visit: Visit, proof: str, customer: int, said: Said | None = None) -> Response:
        """The form for what follows the password; who has no authenticator shows a passkey, or types a recovery
        code."""
        status = 200 if said is None else 429 if said is Said.TOO_MANY else 422
        wrong, problem = (visit.phrases.say(CODE_WORDS[said]), said.value) if said else ("", "")
        return render(
            self.bank,
            "login-code",
            visit.frame,
            status=status,
            wrong=wrong,
            problem=problem,
            proof=proof,
            by_app=bool(self.judge.known(customer).authenticator),
            kept=visit.kept,
        )


def _elsewhere(visit: Visit, cohort: int) -> Response | None:
    """What a login is answered that this request's row does not let in here."""
    if cohort != visit.row.cohort:
        return wrong_cohort(cohort)
    if visit.row.mode is Mode.PRIMARY:
        return stale(visit.row.epoch)  # the main bank would not trust a session of ours under its own epoch
    return None


def _note_refused(visit: Visit, why: str, customer: int) -> None:
    """For who watches: never what was typed. customer: 0 for nobody we know."""
    metrics.LOGINS.labels("wrong").inc()
    get_log().warning("login refused", why=why, customer=customer, network=visit.row.network)
