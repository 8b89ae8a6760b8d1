"""A customer is called otherwise: asked for with a reason, decided by two of staff who saw the proof.

Payers go on writing the old name for a while, so it still fits where names are compared, at both banks; nobody is shown
it. What was booked keeps the name of its day.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from holdfast.bank.cases.asked import WHY_CHARS_MIN, same_person
from holdfast.bank.customers.known import accounts_by_number, known_customers
from holdfast.bank.customers.models import Customer, NameChange
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer

NAME_MAX, REASON_MAX = 140, 300
FORMER_KEPT = timedelta(days=180)
"""Half a year: standing orders of others, and bills that come once a quarter, have been written anew by then."""
ASKED_MAX, SPAN = 5, timedelta(days=30)
SHOWN_MAX = 50
NOTHING = "Nothing was changed."


def ask(customer: int, name: str, reason: str) -> str:
    """Ask for it; "" when it waits for staff, else the end of a key of the texts mydata.name_…."""
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        return "wrong"
    if not 0 < len(reason) <= REASON_MAX:
        return "no_reason"
    known = Customer.objects.get(id=customer)
    if name == known.name:
        return "same"
    since = timezone.now() - SPAN
    try:
        with transaction.atomic():
            lock_customer(customer)
            if NameChange.objects.filter(customer=customer, asked_at__gt=since).count() >= ASKED_MAX:
                return "too_many"
            NameChange.objects.create(customer=known, name=name, was=known.name, reason=reason)
    except IntegrityError:
        return "waits"
    return ""


def waiting(customer: int) -> NameChange | None:
    """What the customer asked for and nobody decided yet."""
    return NameChange.objects.filter(customer=customer, state="waiting").first()


def all_waiting() -> list[NameChange]:
    """What waits for staff, the oldest first."""
    found = NameChange.objects.filter(state="waiting", customer__left=None).select_related("customer")
    return list(found.order_by("number")[:SHOWN_MAX])


def decide(number: int, take: bool, why: str, asked_by: str, approved_by: str) -> tuple[bool, str]:
    """(whether it was decided so, words for who ordered it). Sent again it ends as the first time."""
    if same_person(asked_by, approved_by):
        return False, f"A second person has to approve it. {NOTHING}"
    if len(why.strip()) < WHY_CHARS_MIN:
        return False, f"It needs a reason in words, which the customer reads. {NOTHING}"
    wanted = "taken" if take else "declined"
    with transaction.atomic():
        found = NameChange.objects.select_for_update().filter(number=number).first()
        if found is None or found.customer.left is not None:
            return False, f"Nobody who is a customer asked for that. {NOTHING}"
        if found.state != "waiting":
            return found.state == wanted, f"It was {found.state} already."
        lock_customer(found.customer_id)
        found.state, found.answer, found.decided_at = wanted, why.strip()[:REASON_MAX], timezone.now()
        found.asked_by, found.approved_by = asked_by[:64], approved_by[:64]
        found.save()
        if take:
            _rename(found)
        else:
            history.note(found.customer_id, "event.name_declined", why=found.answer)
    known_customers.forget()
    accounts_by_number.forget()
    return True, "The customer has the new name, and was told by mail." if take else "The customer was told why not."


def _rename(change: NameChange) -> None:
    """In the caller's transaction."""
    Customer.objects.filter(id=change.customer_id).update(
        name=change.name, former_name=change.was, former_until=timezone.now() + FORMER_KEPT
    )
    tell_customer(change.customer_id)
    history.note(change.customer_id, "event.name_changed", name=change.name)


def forget_former() -> int:
    """A job: names that payers had time enough to unlearn are forgotten at both banks; how many."""
    over = Customer.objects.filter(former_until__lt=timezone.now()).order_by("id").values_list("id", flat=True)
    found = list(over[:200])
    Customer.objects.filter(id__in=found).update(former_name="", former_until=None)
    for customer in found:
        tell_customer(customer)
    return len(found)
