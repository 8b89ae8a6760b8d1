"""What customers used at the spare bank to log in, as its journal tells: struck off or counted here. Safe to repeat."""

from django.utils import timezone

from holdfast.bank.factors.models import Authenticator
from holdfast.bank.factors.passkeys import note_use
from holdfast.bank.factors.recovery import take_code
from holdfast.contracts.journal import Entry


def follow_factor(entry: Entry) -> None:
    """Do here what a journal entry of kind `factor` says."""
    body = entry.body
    customer, key = int(body.get("customer", 0)), str(body.get("key", ""))[:1400]
    match body.get("factor"):
        case "recovery":
            take_code(customer, key[:64], str(body.get("request", ""))[:64], at_spare=True)
        case "passkey":
            note_use(key, int(body.get("sign_count", 0)))
        case "authenticator":
            Authenticator.objects.filter(customer=customer).exclude(proved=None).update(used=timezone.now())
