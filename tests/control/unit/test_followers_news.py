"""What of an incident's own words reaches who follows the status page: its changes, and never a flood."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.control.subscribers import limits
from holdfast.control.subscribers.asking import veiled
from holdfast.control.subscribers.news import AN_INCIDENT_MAX, MEANS, OVER, goes_out, together

pytestmark = pytest.mark.demand("T2")
CASES = [*MEANS, "repaired", "handing_back"]


def told(cases: list[str]) -> list[str]:
    return [case for at, case in enumerate(cases) if goes_out(case, cases[:at])]


@pytest.mark.parametrize(
    ("cases", "out"),
    [
        (["serving", "serving", "repaired", "handing_back", "returned", "closed"], ["serving", "returned"]),
        (["dark", "serving", "dark", "serving", "returned"], ["dark", "serving", "dark", "serving", "returned"]),
        (["spare_only", "normal"], ["spare_only", "normal"]),
        (["closed"], []),
        (["repaired", "returned"], []),
        (["dark", "serving"] * 15 + ["returned", "closed"], ["dark", "serving"] * 10 + ["returned"]),
    ],
)
def test_what_changes_for_customers_goes_out_once(cases: list[str], out: list[str]) -> None:
    assert told(cases) == out


@given(st.lists(st.sampled_from(CASES), max_size=80))
def test_no_incident_says_more_than_its_share_nor_the_same_twice_running(cases: list[str]) -> None:
    means = [MEANS[one] for one in told(cases)]
    assert len(means) <= AN_INCIDENT_MAX + 1
    assert all(first != then for first, then in pairwise(means))
    assert not means or means[0] != OVER


def test_components_are_joined_in_their_order_and_none_stays_none() -> None:
    assert together([["spare", "login"], ["payments"], []]) == ["login", "payments", "spare"]
    assert together([]) == []


@pytest.mark.parametrize(
    ("network", "larger"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::", "2001:db8:1::/48"), ("", ""), ("nonsense", "")],
)
def test_the_network_around_one_is_what_one_owner_has(network: str, larger: str) -> None:
    assert limits.around(network) == larger


def test_an_address_is_shown_so_that_only_its_owner_knows_it() -> None:
    assert (veiled("mail", "ann@reader.example"), veiled("sms", "+4791234567")) == ("a…@reader.example", "+47…67")
