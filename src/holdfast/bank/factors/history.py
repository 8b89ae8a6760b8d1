"""What happened to how a customer logs in: shown on the security page, the newest first."""

from collections.abc import Sequence

from holdfast.bank.factors.models import SecurityEvent

SHOWN = 20
KEPT = 200


def note(customer: int, words: str) -> None:
    """Record one event in the transaction that made it true; the oldest beyond KEPT go."""
    SecurityEvent.objects.create(customer_id=customer, words=words[:200])
    old = SecurityEvent.objects.filter(customer=customer).order_by("-id").values_list("id", flat=True)[KEPT : KEPT + 50]
    SecurityEvent.objects.filter(id__in=list(old)).delete()


def latest(customer: int) -> Sequence[SecurityEvent]:
    """The newest events."""
    return list(SecurityEvent.objects.filter(customer=customer).order_by("-id")[:SHOWN])
