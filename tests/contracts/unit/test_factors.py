"""Factors: codes by RFC 6238's vectors, what travels, what a form may hold."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts import factors
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import Factors, Passkey, Proved
from holdfast.signing import onetime

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_VECTORS = (
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
)
"""RFC 6238, appendix B, SHA-1: seconds since 1970 UTC and the code of eight digits, whose last six are ours."""


@pytest.mark.demand("B6")
@pytest.mark.parametrize(("at", "code"), RFC_VECTORS)
def test_a_code_is_what_the_standard_says(at, code):
    assert onetime.code_at(RFC_SECRET, at // 30) == code[-6:]
    assert onetime.fitting_step(RFC_SECRET, code[-6:], at) == at // 30


@given(now=st.integers(200, 2**33), aside=st.integers(-5, 5))
def test_a_code_fits_in_its_step_and_the_two_beside_it_and_no_other(now, aside):
    code = onetime.code_at(RFC_SECRET, now // 30 + aside)
    near = {onetime.code_at(RFC_SECRET, now // 30 + one): now // 30 + one for one in (-1, 0, 1)}
    assert onetime.fitting_step(RFC_SECRET, code, now) == near.get(code)
    assert code in near or abs(aside) > 1


def test_a_new_secret_is_160_bits_and_no_other():
    made = {onetime.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(one)) for one in made} == {20}


TEXT = st.text(max_size=8)
PASSKEYS = st.builds(Passkey, TEXT, TEXT, st.integers(0, 2**32), st.lists(TEXT).map(tuple), TEXT, st.integers(0, 2**60))
KNOWN = st.builds(Factors, TEXT, TEXT, st.lists(TEXT).map(tuple), st.floats(0, 2**33))


@given(KNOWN, PASSKEYS)
def test_factors_and_passkeys_travel_whole(known, passkey):
    assert factors.factors_from_body(json.loads(json.dumps(known.to_body()))) == known
    assert factors.passkey_from_body(json.loads(json.dumps(passkey.to_body(17)))) == (17, passkey)


@pytest.mark.parametrize(
    ("typed", "plain", "is_code"),
    [
        ("123 456", "123456", True),
        (" 123-456\n", "123456", True),
        ("١٢٣٤٥٦", "١٢٣٤٥٦", False),
        ("ABCD-efgh jkmn-PQRS", "abcdefghjkmnpqrs", False),
        ("", "", False),
        ("12345", "12345", False),
    ],
)
def test_codes_are_read_as_people_type_them(typed, plain, is_code):
    assert factors.plain_code(typed) == plain
    assert factors.is_authenticator_code(plain) is is_code


def test_a_recovery_code_is_kept_as_a_digest_under_its_own_salt():
    digests = {factors.recovery_digest(salt * 32, code) for salt in ("00", "01") for code in ("abcd", "abce")}
    assert len(digests) == 4
    assert not any("abc" in one for one in digests if one.startswith("abc"))


@pytest.mark.parametrize(
    ("age_s", "holds"), [(0, True), (300, True), (301, False), (-CLOCK_LEEWAY_S, True), (-CLOCK_LEEWAY_S - 1, False)]
)
def test_a_proved_password_and_a_challenge_hold_for_five_minutes(age_s, holds):
    payload = Proved(17, 5, 1_000_000.0).to_payload()
    assert (factors.proved_from_payload(payload, 1_000_000 + age_s) is not None) is holds
    assert (factors.challenge_age_s({"at": 1_000_000}, 1_000_000 + age_s) == age_s) is holds


@pytest.mark.parametrize("raw", [{}, {"customer": "x", "cohort": 1, "at": 1}, {"customer": 1, "cohort": 1, "at": None}])
def test_what_is_no_proof_is_none(raw):
    assert factors.proved_from_payload(raw) is None
    assert factors.challenge_age_s({"at": None}) is None


@pytest.mark.parametrize(
    "typed",
    ["", "[]", "null", "{}", "x" * 20_000, '{"id": 1, "response": {}}', '{"response": {"clientDataJSON": "!!"}}'],
)
def test_what_is_no_passkeys_answer_is_refused_in_words(typed):
    with pytest.raises(BadMessage):
        factors.read_passkey_answer(typed)


@pytest.mark.parametrize(
    ("raw", "since", "device"),
    [
        ({"customer": 17, "device": "d", "at": 1000}, 0, "d"),
        ({"customer": 17, "device": "d", "at": 1000}, 999, "d"),
        ({"customer": 17, "device": "d", "at": 1000}, 1000, ""),
        ({"customer": 18, "device": "d", "at": 1000}, 0, ""),
        ({"customer": 17, "device": "d", "at": 1000 - factors.DEVICE_S}, 0, ""),
        ({"customer": 17, "at": 1000}, 0, ""),
        ({"customer": 17, "device": "gone", "at": 1000}, 0, ""),
        ({}, 0, ""),
    ],
)
def test_a_device_is_known_to_be_its_customers_until_it_is_forgotten(raw, since, device):
    known = factors.known_device(raw, 17, since, ("gone",), 1000)
    assert (known.device if known else "") == device
