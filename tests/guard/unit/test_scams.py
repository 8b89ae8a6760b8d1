"""Signs of a scam, only where the customer must prove who they are anyway."""

import pytest

from holdfast.guard import NameCheck, Risk, Scam, Signs, scam_of

CALM = Signs(Risk.NEW_PAYEE, 100, 1000, NameCheck.MATCH, "rent")


@pytest.mark.parametrize(
    ("change", "scam"),
    [
        ({}, Scam.NONE),
        ({"amount_minor": 500}, Scam.SAFE_ACCOUNT),
        ({"amount_minor": 499}, Scam.NONE),
        ({"amount_minor": 500, "risk": Risk.UNUSUAL}, Scam.NONE),
        ({"text": "My Bitcoin wallet"}, Scam.INVESTMENT),
        ({"text": "Investering i aksjefond"}, Scam.INVESTMENT),
        ({"text": "reinvestigation"}, Scam.NONE),
        ({"name": NameCheck.NONE, "text": "bitcoin"}, Scam.OTHER_NAME),
        ({"name": NameCheck.CLOSE}, Scam.NONE),
        ({"name": NameCheck.NONE, "text": "bitcoin", "amount_minor": 900, "risk": Risk.NONE}, Scam.NONE),
    ],
)
def test_what_a_payment_looks_like(change, scam):
    assert scam_of(Signs(**{name: change.get(name, getattr(CALM, name)) for name in Signs.__slots__})) is scam
