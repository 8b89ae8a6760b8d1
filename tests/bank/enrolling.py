"""What tests of factors share: the doors' register as a door would answer, and the steps of a customer."""

import re
import time
import uuid

from django.utils import timezone

from holdfast.bank.exchange.models import Fact
from holdfast.bank.factors import sealing
from holdfast.bank.factors.models import Authenticator, RecoveryCode, RecoverySalt
from holdfast.contracts.factors import STEP_S, plain_code, recovery_digest
from holdfast.signing.onetime import code_at, new_recovery_code, new_secret

PASSWORD = "the right one"


class Used:
    """The doors' register of what was used."""

    def __init__(self, door):
        self.door, self.held = door, {}
        door.answers["/-/used"] = self.use

    def use(self, _query, body):
        return {"granted": self.held.setdefault(body["text"], body["request"]) == body["request"]}

    def away(self):
        """From now on no door answers this."""
        self.door.answers.pop("/-/used", None)


def now_code(secret, steps=0):
    """The code of this half minute, or of one beside it."""
    return code_at(secret, int(time.time() // STEP_S) + steps)


def mark(answer, name):
    """The first value of a page's mark, "" without one."""
    found = re.search(rf'data-{name}="([^"]*)"', answer.content.decode())
    return found.group(1) if found else ""


def codes_of(answer):
    """The recovery codes that a page shows."""
    return re.findall(r'data-code="([^"]*)"', answer.content.decode())


def enrol(person):
    """Through the pages, as a customer does; the secret and the recovery codes."""
    assert person.post("/security/authenticator", {}).headers["Location"] == "/security/authenticator"
    secret = mark(person.get("/security/authenticator"), "secret").replace(" ", "")
    answer = person.post("/security/authenticator", {"code": now_code(secret)})
    assert (answer.status_code, mark(answer, "page")) == (200, "recovery")
    return secret, codes_of(answer)


def first_step(person):
    """The username and the right password."""
    return person.post("/login", {"username": f"user{person.id}", "password": PASSWORD})


def proof_of(answer):
    """What the form for the code carries."""
    return re.search(r'name="proof" value="([^"]*)"', answer.content.decode()).group(1)


def log_in(person, code, proof=None, **row):
    """Password and code."""
    return person.post("/login", {"proof": proof or proof_of(first_step(person)), "code": code}, **row)


def settle(person):
    """From now on the customer has an authenticator, though nobody holds it."""
    made = {"sealed": sealing.seal(new_secret(), person.id), "proved": timezone.now()}
    Authenticator.objects.get_or_create(customer_id=person.id, defaults=made)


def second_step(person, answer, kept="", **row):
    """What follows a right password, by a recovery code made for it; the answer itself where it was wrong."""
    if mark(answer, "page") != "login-code":
        return answer
    salt, _ = RecoverySalt.objects.get_or_create(customer_id=person.id, defaults={"salt": uuid.uuid4().hex * 2})
    code = new_recovery_code()
    RecoveryCode.objects.create(customer_id=person.id, digest=recovery_digest(salt.salt, plain_code(code)))
    return person.post("/login", {"proof": proof_of(answer), "code": code, "kept": kept}, **row)


def both_steps(person):
    """The whole login of a customer who has an authenticator."""
    settle(person)
    return second_step(person, first_step(person))


def last_fact(person):
    """The newest fact `factors`."""
    return Fact.objects.filter(kind="factors", key=str(person.id)).order_by("-id").first()


def old_login(person, keys, **more):
    """A session that began ten minutes ago."""
    now = time.time()
    said = {
        "session": uuid.uuid4().hex,
        "customer": person.id,
        "cohort": person.cohort,
        "factors": ["passkey"],
        "began": now - 600,
        "issued": now,
        "epoch": person.epoch,
        **more,
    }
    person.client.cookies["hf_bank"] = keys["primary"].sign("session", said)
