"""What the spare bank took for customers' programs, as its journal tells: it counts in what their tokens paid that
day."""

from collections.abc import Iterable
from datetime import UTC, datetime

from holdfast.bank.api.models import ApiPayment, ApiToken
from holdfast.bank.currencies.valuing import own_value_minor
from holdfast.contracts.api import CAUSE
from holdfast.contracts.journal import Entry


def follow_payments(accepted: Iterable[Entry]) -> None:
    """Write down which of these payments came by a token; safe to repeat. What was asked for in full is not known
    here."""
    by_token = [(_token_of(one), one) for one in accepted if one.payment().cause.startswith(CAUSE)]
    known = set(ApiToken.objects.filter(id__in=[token for token, _ in by_token]).values_list("id", flat=True))
    ApiPayment.objects.bulk_create(
        [
            ApiPayment(
                payment=one.payment().id,
                token_id=token,
                content="",
                amount_minor=_value_minor(one),
                created=datetime.fromtimestamp(one.at_us / 1e6, UTC),
            )
            for token, one in by_token
            if token in known
        ],
        ignore_conflicts=True,
    )


def _value_minor(entry: Entry) -> int:
    """What it came to in the bank's own currency when the spare bank took it; of an earlier release, by the rates of
    now."""
    kept, payment = entry.value_minor(), entry.payment()
    return own_value_minor(payment.amount_minor, payment.currency) if kept is None else kept


def _token_of(entry: Entry) -> int:
    number = entry.payment().cause.removeprefix(CAUSE)
    return int(number) if number.isdecimal() and len(number) < 19 else 0
