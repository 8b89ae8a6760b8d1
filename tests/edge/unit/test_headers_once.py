"""What a door passes on of a request's headers."""

from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict, CIMultiDictProxy

from holdfast.contracts.routes import find_route
from holdfast.edge.passing import cleaned


def passed(*headers):
    request = make_mocked_request("POST", "/api/v1/payments", CIMultiDictProxy(CIMultiDict([("Host", "x"), *headers])))
    return cleaned(request, find_route("POST", "/api/v1/payments"))


def test_the_key_by_which_the_door_knows_a_payment_is_the_only_one_that_a_bank_reads():
    clean = passed(("Idempotency-Key", "k"), ("idempotency-key", "k2"), ("Authorization", "a"), ("Authorization", "b"))
    assert (clean.getall("Idempotency-Key"), clean.getall("Authorization")) == (["k"], ["a"])


def test_names_that_a_bank_would_read_as_others_are_left_out():
    clean = passed(("Idempotency_Key", "k"), ("Holdfast_Row", "forged"), ("Holdfast-Row", "forged"), ("Accept", "x"))
    assert sorted(name.lower() for name in clean) == ["accept", "host"]
