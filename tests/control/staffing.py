"""How tests get in at the console: by the form, with password and code; each code is taken once, so the mark of the last
one is wiped first."""

import time

from django.test import Client

from holdfast.contracts.factors import STEP_S
from holdfast.control.staff.models import StaffAuthenticator
from holdfast.signing.onetime import code_at


def code_of(people: dict[str, str], role: str, steps: int = 0) -> str:
    """The code that the role's authenticator shows now, or some steps aside."""
    return code_at(people[f"{role}-authenticator"], int(time.time() // STEP_S) + steps)


def form_of(people: dict[str, str], role: str, **other: str) -> dict[str, str]:
    """The log-in form, filled in rightly but for what is named."""
    return {"username": role, "password": people[role], "code": code_of(people, role), **other}


def client(people: dict[str, str], role: str) -> Client:
    """A browser in which this role has logged in."""
    made = Client(headers={"Sec-Fetch-Site": "same-origin"})
    StaffAuthenticator.objects.filter(person=role).update(step=0)
    answer = made.post("/login", form_of(people, role))
    assert answer.status_code == 302 and made.cookies["hf_staff"]["httponly"]
    return made
