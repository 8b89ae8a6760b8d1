"""The facts `factors` and `passkey`: what the spare bank must know to log the same customers in.

In the database the fact holds the authenticator's secret sealed; it is opened on its way to the spare bank only.
"""

from typing import Any

from holdfast.bank.errors import SealBroken
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import sealing
from holdfast.bank.factors.models import Authenticator, Passkey, RecoveryCode, RecoverySalt, Trust
from holdfast.contracts import factors
from holdfast.signing.onetime import new_secret
from holdfast.telemetry import get_log

KIND = "factors"


def tell_factors(customer: int) -> None:
    """Tell what the customer logs in with as it stands now; in the transaction that changed it."""
    known = known_factors(customer)
    tell(KIND, [(str(customer), None if known == factors.Factors() else known.to_body())])


def known_factors(customer: int) -> factors.Factors:
    """What the customer can show beside passkeys, the authenticator's secret still sealed."""
    authenticator = Authenticator.objects.filter(customer=customer).exclude(proved=None).first()
    unused = RecoveryCode.objects.filter(customer=customer, used=None).order_by("id")
    salt = RecoverySalt.objects.filter(customer=customer).first()
    trust = Trust.objects.filter(customer=customer).first()
    return factors.Factors(
        authenticator.sealed if authenticator else "",
        salt.salt if salt else "",
        tuple(unused.values_list("digest", flat=True)),
        devices_since(authenticator, trust),
        tuple(map(str, trust.gone)) if trust else (),
    )


def devices_since(authenticator: Authenticator | None, trust: Trust | None) -> float:
    """From when on the customer's devices are known, in seconds since 1970 UTC; 0 for always."""
    instants = (authenticator.devices_since if authenticator else None, trust.since if trust else None)
    return max([0.0, *(one.timestamp() for one in instants if one is not None)])


def tell_passkey(one: Passkey) -> None:
    """Tell a passkey as it stands now; in the transaction that changed it."""
    tell("passkey", [(factors.passkey_key(one.id), as_known(one).to_body(one.customer_id))])


def tell_removed(ident: str) -> None:
    """Tell that this passkey logs nobody in any more; in the transaction that removed it."""
    tell("passkey", [(factors.passkey_key(ident), None)])


def as_known(one: Passkey) -> factors.Passkey:
    """A passkey as both banks know it."""
    created_us = int(one.created.timestamp() * 1e6)
    return factors.Passkey(one.id, one.public_key, one.sign_count, tuple(one.transports), one.name, created_us)


def opened(key: str, body: dict[str, Any] | None) -> dict[str, Any] | None:
    """The fact's body as the spare bank gets it. A secret that no key opens becomes one that nobody has: the feed goes
    on, and the second step is still asked for."""
    if body is None or not body["authenticator"]:
        return body
    try:
        secret = sealing.unseal(body["authenticator"], int(key))
    except SealBroken as error:
        get_log().error("secret_not_opened", why=str(error))
        secret = new_secret()
    return {**body, "authenticator": secret}
