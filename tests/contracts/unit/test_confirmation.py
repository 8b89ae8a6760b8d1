"""A confirmation travels whole; what is none is refused."""

from datetime import UTC, date, datetime

import pytest

from holdfast.contracts.confirmation import WORDS_MAX, Confirmation, How, confirmation_from_payload

AT = datetime(2026, 11, 22, 14, 2, 11, 250_000, tzinfo=UTC)
WHOLE = Confirmation("ab" * 16, "Ann", "Landlord", 1_250_000, "NOK", date(2026, 11, 22), How.LATE, AT, AT, AT, AT)
OPEN = Confirmation("ab" * 16, "Ann", "Landlord", 1, "NOK", date(2026, 11, 22), How.NOT_KNOWN, AT, None, AT)


@pytest.mark.parametrize("one", [WHOLE, OPEN])
def test_a_confirmation_travels_whole(one):
    assert confirmation_from_payload(one.to_payload()) == one


def test_long_words_are_cut():
    raw = Confirmation(**{**{name: getattr(OPEN, name) for name in OPEN.__slots__}, "payee": "x" * 999}).to_payload()
    assert len(raw["payee"]) == WORDS_MAX


@pytest.mark.parametrize(
    "changed",
    [{"how": "perhaps"}, {"due": "yesterday"}, {"due": 5}, {"amount_minor": "much"}, {"since": "now"}, {"at": None}],
)
def test_what_has_not_the_agreed_form_is_refused(changed):
    with pytest.raises((ValueError, TypeError)):
        confirmation_from_payload(WHOLE.to_payload() | changed)


def test_what_lacks_a_field_is_refused():
    raw = WHOLE.to_payload()
    for name in raw:
        with pytest.raises(KeyError):
            confirmation_from_payload({key: value for key, value in raw.items() if key != name})
