"""Guessing is limited: so many wrong codes in a time, for each customer and device.

Only who typed the right password comes to the code. Somebody who has it and guesses codes shuts only the way in from
devices that the customer was never known on: a known device counts apart, and a passkey needs no code.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.factors import history
from holdfast.bank.factors.models import WrongCodes
from holdfast.contracts.factors import WRONG_CODES_MAX, WRONG_CODES_S


def take_try(customer: int, device: str) -> bool:
    """Count one try before the code is looked at; False when there are none left for now. Tries at one time queue."""
    now = timezone.now()
    with transaction.atomic():
        WrongCodes.objects.bulk_create(
            [WrongCodes(customer_id=customer, device=device, began=now, count=0)], ignore_conflicts=True
        )
        row = WrongCodes.objects.select_for_update().get(customer=customer, device=device)
        if now - row.began > timedelta(seconds=WRONG_CODES_S):
            row.began, row.count = now, 0
        if row.count == WRONG_CODES_MAX:
            history.note(customer, "event.guesses_stopped")  # once; what comes after is refused without a word
        elif row.count > WRONG_CODES_MAX:
            return False
        row.count += 1
        row.save(update_fields=["began", "count"])
    return row.count <= WRONG_CODES_MAX


def forget_tries(customer: int, device: str) -> None:
    """The code was right: counting begins anew."""
    WrongCodes.objects.filter(customer=customer, device=device).update(count=0)
