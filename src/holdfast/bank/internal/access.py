"""What staff may do about a customer's way in: end sessions or a password, remove lost factors, choose nothing.

One person may end what is open; what makes logging in easier needs two, whose names the control room signs.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from holdfast.bank.books import rows
from holdfast.bank.cases.asked import same_person
from holdfast.bank.customers.models import Customer
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.passwording import set_password
from holdfast.bank.factors.seconds import remove_all
from holdfast.bank.internal.calls import BadCall, called_by, json_body
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.bank.leaving.closing import leave
from holdfast.bank.leaving.obstacles import of_customer, way_words
from holdfast.bank.web.words import writings
from holdfast.contracts.epochs import Mode

NO_PASSWORD = ""
"""A verifier that no password fits."""


@require_POST
@called_by("control")
def find_customer(request: HttpRequest) -> HttpResponse:
    """The number of the customer with this username, so that the control room need not keep names; 404 for nobody."""
    found = Customer.objects.filter(username=str(json_body(request).get("username", "")), left=None).first()
    if found is None:
        return JsonResponse({"error": "No customer has this username; nothing was done."}, status=404)
    return JsonResponse({"customer": found.id})


@require_POST
@called_by("control")
def change_access(request: HttpRequest) -> HttpResponse:
    """Carry out one deed; 409 when it is refused, with nothing changed. It may be sent again."""
    said = signed_by_control(request, "customer-access")
    try:
        number, deed = int(said["customer"]), DEEDS[str(said["deed"])]
        asked_by, approved_by = str(said["asked_by"]), str(said.get("approved_by", ""))
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the order about a customer's access has not the agreed form: {error}") from error
    customer = Customer.objects.filter(id=number, left=None).first()
    if customer is None:
        return _refused("There is no such customer; nothing was done.")
    if rows.row(customer.cohort).mode is not Mode.PRIMARY:
        return _refused("The spare bank serves this customer now; nothing was done. Try again when they are back.")
    if deed is _end_password and not customer.email:
        return _refused(
            "No address is known to which a code could be mailed, so nothing was done. End the sessions instead."
        )
    if deed in BY_TWO and same_person(asked_by, approved_by):
        return _refused("A second person has to approve it; nothing was done.")
    in_the_way = of_customer(customer.id) if deed is _end_customer else []
    if in_the_way:
        spoken = writings()["en"]
        return _refused("Nothing was ended. In the way: " + " ".join(way_words(one, spoken) for one in in_the_way))
    return JsonResponse({"words": deed(customer.id)})


def _refused(words: str) -> HttpResponse:
    return JsonResponse({"error": words}, status=409)


def _end_sessions(customer: int) -> str:
    end_others(customer, "", "event.sessions_ended_by_staff")
    return "every session was ended, and the customer was told by mail"


def _end_password(customer: int) -> str:
    set_password(customer, NO_PASSWORD, "", "event.password_ended_by_staff")
    return "the password no longer holds, and the customer was told by mail how to choose a new one"


def _remove_factors(customer: int) -> str:
    removed = remove_all(customer, "event.authenticator_removed_by_staff")
    return (
        "authenticator, passkeys and recovery codes were removed; the customer was told by mail, "
        "and sets up a new one at the next login"
        if removed
        else "there was nothing beside the password any more"
    )


def _end_customer(customer: int) -> str:
    left = leave(customer, "event.left_by_staff")
    return "something came in between; nothing was ended" if left else "their accounts are closed, and nothing logs in"


DEEDS: dict[str, Callable[[int], str]] = {
    "sessions": _end_sessions,
    "password": _end_password,
    "authenticator": _remove_factors,
    "leave": _end_customer,
}
"""What each deed does; it gives words for whoever ordered it."""
BY_TWO = (_remove_factors, _end_customer)
"""What one person alone may not do."""
