"""Customers prove anew who they are: by a code of their app or a recovery code, or by a passkey; by password only where
they have nothing beside it.

Used before a risky payment and before higher limits. Wrong ones are counted as those of the security page are.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import password_fits
from holdfast.bank.factors.guesses import forget_tries, take_try
from holdfast.bank.factors.models import Passkey
from holdfast.bank.factors.passkeys import Claim, check
from holdfast.bank.factors.proving import Said, check_code, needs_code
from holdfast.bank.factors.seconds import has_authenticator
from holdfast.bank.web.visit import get_visit
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import read_passkey_answer

PROVING, PROVING_PASSWORD = "proving", "proving-password"
"""Wrong codes and passwords are counted apart from those of logins."""
PROBLEMS = {Said.WRONG: "prove.code_wrong", Said.TOO_MANY: "prove.too_many", Said.LATER: "prove.code_later"}


@dataclass(frozen=True, slots=True)
class Ways:
    """How a customer can prove who they are. code: a code is asked for, else the password; app: the code may be the
    authenticator app's."""

    code: bool
    app: bool
    passkeys: bool


def ways_of(customer: int) -> Ways:
    """By what this customer can prove it."""
    return Ways(needs_code(customer), has_authenticator(customer), Passkey.objects.filter(customer=customer).exists())


def why_not_proved(request: HttpRequest, customer: Customer, claim: Claim) -> str:
    """The key of the words for why the form proves nothing; empty when it does. claim: how a passkey's challenge is
    checked and used."""
    if request.POST.get("passkey"):
        return _by_passkey(request, customer.id, claim)
    if needs_code(customer.id):
        said, _ = check_code(customer.id, request.POST.get("code", ""), get_visit(request).row.request, PROVING)
        return PROBLEMS.get(said, "")
    if not take_try(customer.id, PROVING_PASSWORD):
        return "prove.too_many"
    if not password_fits(customer.verifier, request.POST.get("password", "")):
        return "prove.password_wrong"
    forget_tries(customer.id, PROVING_PASSWORD)
    return ""


def _by_passkey(request: HttpRequest, customer: int, claim: Claim) -> str:
    try:
        said = read_passkey_answer(request.POST["passkey"])
    except BadMessage:
        return "prove.passkey_wrong"
    known = Passkey.objects.filter(id=said.id, customer=customer).first()
    fits = known is not None and check(known, said, get_visit(request).row.request, claim)
    return "" if fits else "prove.passkey_wrong"
