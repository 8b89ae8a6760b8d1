"""What doors and banks must agree on for programs: tokens, keys, ids of payments, grants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.api import (
    Grant,
    Scope,
    are_words,
    grant_from_body,
    is_api,
    new_token,
    plain_key,
    read_bearer,
    read_token,
)
from holdfast.contracts.ids import api_payment_id
from holdfast.contracts.routes import ROUTES, find_route, methods_of

pytestmark = pytest.mark.demand("B11")


@given(st.integers(0, 255), st.integers(1, 10**18 - 1))
def test_a_token_names_its_cohort_and_customer_and_no_two_are_alike(cohort, customer):
    text = new_token(cohort, customer)
    found = read_bearer(f"Bearer {text}")
    assert (found.cohort, found.customer) == (cohort, customer)
    assert read_token(new_token(cohort, customer)).digest != found.digest


@pytest.mark.parametrize("text", ["", "hfk", "hfk_1_2_short", "hfk_256_2_" + "a" * 43, "hfk_1_x_" + "a" * 43])
def test_what_has_not_the_form_of_a_token_is_none(text):
    assert read_token(text) is None
    assert read_bearer(f"Bearer {text}") is None


def test_only_a_bearer_is_read():
    assert read_bearer("Basic " + new_token(1, 2)) is None
    assert read_bearer("bearer  " + new_token(1, 2)).cohort == 1


@pytest.mark.parametrize(
    ("value", "key"),
    [("a", "a"), ('"a-1"', "a-1"), (" a ", "a"), ("", ""), ("a b", ""), ('"a', ""), ("x" * 129, ""), ("a\\b", "")],
)
def test_a_key_is_read_with_or_without_quotes(value, key):
    assert plain_key(value) == key


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("", True),
        ("kjøp\u00a0av ved", True),
        ("a\u200bb", True),
        ("a\n", False),
        ("\x7f", False),
        ("x" * 5, True),
        ("x" * 25, False),
    ],
)
def test_words_hold_any_character_but_controls(value, good):
    assert are_words(value, 24) is good


def test_a_payments_id_is_of_its_customer_and_key():
    assert str(api_payment_id(17, "invoice-7")) == "105ba603-16c1-58a7-986b-3cf90d0cdcca"
    assert api_payment_id(1, "12") != api_payment_id(11, "2")


def test_a_grant_goes_there_and_back_and_an_unknown_scope_is_no_grant():
    grant = Grant(1, 5, frozenset({Scope.ACCOUNTS_READ.value}), 17, 3)
    assert grant_from_body(grant.to_body()) == grant
    with pytest.raises(ValueError, match="everything"):
        grant_from_body(grant.to_body() | {"scopes": ["everything"]})


def test_every_address_for_programs_is_below_api_and_no_other_is():
    assert {route.api for route in ROUTES} == {True, False}
    for route in ROUTES:
        assert route.api == is_api(route.pattern.pattern)
    assert find_route("POST", "/api/v1/payments").pays
    assert methods_of("/api/v1/payments") == ["POST"]
    assert methods_of("/api/v1/nothing") == []
