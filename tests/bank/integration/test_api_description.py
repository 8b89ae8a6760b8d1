"""The API's description: what is served is what the client was made from, and requests drawn from it find nothing wrong.

Requests go to the bank's own application, as a door would send them; half of them are as described, half are not.
"""

import json
from pathlib import Path

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from programs import Program
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from holdfast import client
from holdfast.bank.api import callers
from holdfast.guard.rates import Rates

pytestmark = pytest.mark.demand("B11")
DESCRIBED = json.loads((Path(client.__file__).parent / "openapi.json").read_text())


class Doorway:
    """The bank's application; each request carries a row of the person's cohort."""

    person = None
    application = WSGIHandler()

    def __call__(self, environ, start_response):
        environ["HTTP_HOLDFAST_ROW"] = self.person.row()
        return self.application(environ, start_response)


schema = schemathesis.openapi.from_dict(DESCRIBED)
schema.app = doorway = Doorway()
OPERATIONS = {one.ok().definition.raw["operationId"]: one.ok() for one in schema.get_all_operations()}
DRAWN = settings(
    max_examples=30,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def program(town, register):
    return Program(town.ann)


def test_what_is_served_is_what_the_client_was_made_from(program):
    assert program.get("/openapi.json").json() == DESCRIBED, "run `make client`"


def made_real(case, person, payee):
    """The same request about accounts that there are, so that more than the first check of it is tried."""
    if "account" in (case.path_parameters or {}):
        case.path_parameters["account"] = str(person.account)
    if isinstance(case.body, dict):
        case.body |= {"from_account": str(person.account), "to_number": payee.number, "currency": "NOK"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_request_drawn_from_the_description_finds_a_fault(name, mode, program, town, monkeypatch):
    monkeypatch.setattr(callers, "by_token", Rates(1_000_000))
    monkeypatch.setattr(callers, "by_network", Rates(1_000_000))
    monkeypatch.setattr(doorway, "person", town.ann)
    refuses = [positive_data_acceptance] if name == "make_payment" else []  # a payment as described may be refused

    @DRAWN
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode))
    def ask(case):
        if mode is GenerationMode.POSITIVE:
            made_real(case, town.ann, town.ben)
        headers = {"Authorization": f"Bearer {program.token}"}
        case.call_and_validate(headers=headers, excluded_checks=refuses)

    ask()
    assert town.ann.balance + town.ben.balance == 100_000
