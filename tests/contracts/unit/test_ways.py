"""How a customer wants to be told crosses borders whole, and what cannot be read counts as not chosen."""

import base64
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.ways import (
    BROWSERS_MAX,
    DAY,
    Browser,
    Told,
    is_browser,
    is_push_address,
    minutes,
    told_from_wire,
)

CLOCK = st.integers(0, DAY - 1).map(lambda one: f"{one // 60:02d}:{one % 60:02d}")
BROWSERS = st.builds(
    Browser, st.text(min_size=1, max_size=50), st.text(max_size=9), st.text(max_size=9), st.integers(0, 99), st.text()
).map(lambda one: Browser(one.endpoint, one.p256dh, one.auth, one.key, one.name[:60]))
QUIET = st.one_of(st.just(("", "")), st.tuples(CLOCK, CLOCK))


@given(sms=st.sampled_from(["", "+4790000000"]), browsers=st.lists(BROWSERS, max_size=BROWSERS_MAX), quiet=QUIET)
def test_what_was_chosen_comes_back_as_it_went(sms: str, browsers: list[Browser], quiet: tuple[str, str]) -> None:
    told = Told(sms, tuple(browsers), *quiet)
    assert told_from_wire(told.to_wire()) == told


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["channels", "sms", "push", "quiet_from", "key", "endpoint"]), inner)
        ),
    )
)
def test_whatever_comes_something_is_read(raw: object) -> None:
    assert isinstance(told_from_wire(raw), Told)


def test_an_address_that_was_not_chosen_a_half_of_quiet_hours_and_too_many_browsers_count_as_none() -> None:
    assert told_from_wire({"sms": "+4790000000", "push": [asdict(Browser("x", "y", "z", 1))]}) == Told()
    assert told_from_wire({"channels": ["sms"], "sms": "nobody"}) == Told()
    assert told_from_wire({"quiet_from": "22:00", "quiet_until": "never"}) == Told()
    many = [asdict(Browser(f"x{number}", "y", "z", 1)) for number in range(BROWSERS_MAX + 3)]
    assert len(told_from_wire({"channels": ["push"], "push": many}).browsers) == BROWSERS_MAX


@pytest.mark.parametrize(
    ("endpoint", "taken"),
    [
        ("https://fcm.googleapis.com/fcm/send/1", True),
        ("https://web.push.apple.com/1", True),
        ("https://updates.push.services.mozilla.com:443/wpush/v2/1", True),
        ("https://fcm.googleapis.com:8443/1", False),
        ("https://evil-push.apple.com.example/1", False),
        ("https://notpush.apple.com/1", False),
        ("http://web.push.apple.com/1", False),
        ("http://127.0.0.1/1", False),
        ("https://[::1", False),
        ("https://a:b@web.push.apple.com/1", False),
        ("https://web.push.apple.com/" + "x" * 500, False),
        ("https://web.push.apple.com/a b", False),
    ],
)
def test_only_push_services_that_are_known_are_posted_to(endpoint: str, taken: bool) -> None:
    assert is_push_address(endpoint) is taken


def test_a_rehearsal_posts_to_this_machine_too_and_no_further() -> None:
    assert is_push_address("http://127.0.0.1:9/1", here=True) and is_push_address("http://localhost/1", here=True)
    assert not is_push_address("http://192.0.2.1/1", here=True)


def test_a_browser_has_keys_of_the_right_size_and_knows_a_key_of_ours() -> None:
    def plain(size: int) -> str:
        return base64.urlsafe_b64encode(b"\xff" * size).rstrip(b"=").decode()

    good = Browser("https://fcm.googleapis.com/1", plain(65), plain(16), 1)
    assert is_browser(good)
    for bad in (
        Browser(good.endpoint, plain(64), good.auth, 1),
        Browser(good.endpoint, good.p256dh, plain(17), 1),
        Browser(good.endpoint, good.p256dh, "é" * 22, 1),
        Browser(good.endpoint, good.p256dh, good.auth, 0),
    ):
        assert not is_browser(bad), bad


@given(st.text(max_size=6))
def test_a_time_of_day_is_read_or_it_is_none(text: str) -> None:
    found = minutes(text)
    assert found is None or (0 <= found < DAY and int(text.partition(":")[2]) == found % 60)
