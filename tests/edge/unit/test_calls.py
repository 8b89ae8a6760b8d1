"""Signed calls between the buildings: bound to caller, callee, address, body and time."""

import pytest

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.signing import create_key, load_keyring, mark_of

ORDER = b'{"what": "hand_back"}'


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("door", "control", "standin"):
        create_key(folder, name)
    return lambda name, at=1000.0: load_keyring(folder, name, lambda: at)


def test_a_call_holds_for_its_body_and_for_no_other(keys):
    call = keys("control").call("door", "/-/orders", ORDER)
    assert keys("door").verify_call(call, "/-/orders", {"control"}, ORDER) == "control"
    for other in (b'{"what": "force_primary"}', b""):
        with pytest.raises(BadToken):
            keys("door").verify_call(call, "/-/orders", {"control"}, other)


def test_a_call_that_was_signed_without_a_body_carries_none(keys):
    call = keys("control").call("door", "/-/orders")
    assert keys("door").verify_call(call, "/-/orders", {"control"}) == "control"
    with pytest.raises(BadToken):
        keys("door").verify_call(call, "/-/orders", {"control"}, ORDER)


@pytest.mark.parametrize(
    ("signer", "to", "path", "at"),
    [
        ("standin", "door", "/-/orders", 1000.0),
        ("control", "standin", "/-/orders", 1000.0),
        ("control", "door", "/-/claims", 1000.0),
        ("control", "door", "/-/orders", 1000.0 - CLOCK_LEEWAY_S - 1),
        ("control", "door", "/-/orders", 1000.0 + CLOCK_LEEWAY_S + 1),
    ],
)
def test_a_call_of_another_building_to_another_for_another_address_or_of_another_time_is_refused(
    keys, signer, to, path, at
):
    call = keys(signer, at).call(to, path, ORDER)
    with pytest.raises(BadToken):
        keys("door").verify_call(call, "/-/orders", {"control"}, ORDER)


def test_a_call_keeps_its_mark_however_its_token_is_written_and_no_two_share_one(keys):
    call = keys("control").call("door", "/-/orders", ORDER)
    signer, body, signature = call.split(".")
    assert mark_of(f"{signer}.{body}=.{signature}") == mark_of(call)
    others = [
        keys("control").call("door", "/-/orders", ORDER + b" "),
        keys("control", 1000.001).call("door", "/-/orders", ORDER),
        keys("standin").call("door", "/-/orders", ORDER),
    ]
    assert len({mark_of(call), *map(mark_of, others)}) == 4
