"""The page on which a payee reads what the bank confirms."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from holdfast.contracts.confirmation import PURPOSE, TOKEN_CHARACTERS_MAX, Confirmation, How
from holdfast.edge.confirming import show
from holdfast.signing import create_key, load_keyring

AT = datetime(2026, 11, 22, 13, 2, 11, tzinfo=UTC)
FOUND = Confirmation(
    "ab" * 16, "Ann <b>", "Land & Lord", 1_250_000, "NOK", date(2026, 11, 22), How.NOT_MADE, AT, AT, AT
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("door", "primary", "standin", "clearing"):
        create_key(folder, name)
    return {name: load_keyring(folder, name) for name in ("door", "primary", "standin", "clearing")}


def page(keys, token, language="en"):
    return show(keys["door"], token, language=language, bank="Test <Bank>", zone="Europe/Oslo")


@pytest.mark.parametrize("signer", ["primary", "standin"])
def test_what_a_bank_signed_is_shown_with_everything_a_payee_must_know(keys, signer):
    answer = page(keys, keys[signer].sign(PURPOSE, FOUND.to_payload()))
    text = answer.text
    assert (answer.status, 'data-holds="yes"' in text, 'data-how="not_made"' in text) == (200, True, True)
    for said in (
        "Ann &lt;b&gt;",
        "Land &amp; Lord",
        "12,500.00",
        "22 November 2026",
        "ab" * 16,
        "14:02:11",
        "Test &lt;Bank&gt;",
    ):
        assert said in text, said
    assert "<b>" not in text


def test_it_is_written_in_norwegian_too(keys):
    text = page(keys, keys["primary"].sign(PURPOSE, FOUND.to_payload()), "nb").text
    assert "kr\u00a012\u00a0500,00" in text
    assert "22. november 2026" in text


@pytest.mark.parametrize("how", How)
def test_each_end_has_its_words_and_an_outage_that_lasts_says_so(keys, how):
    lasting = replace(FOUND, how=how, until=None, made_at=AT if how is How.LATE else None)
    ended, open_ = (page(keys, keys["standin"].sign(PURPOSE, one.to_payload())).text for one in (FOUND, lasting))
    assert f'data-how="{how.value}"' in open_
    assert ("has not answered since" in open_, "has not answered since" in ended) == (True, False)


def test_what_no_bank_signed_is_not_shown(keys):
    good = keys["primary"].sign(PURPOSE, FOUND.to_payload())
    signer, body, signature = good.split(".")
    for token in (
        "", "x", good[:-2], f"standin.{body}.{signature}", "y" * (TOKEN_CHARACTERS_MAX + 1),
        keys["clearing"].sign(PURPOSE, FOUND.to_payload()),
        keys["primary"].sign("receipt", FOUND.to_payload()),
        keys["primary"].sign(PURPOSE, {"payment": "x"}),
    ):  # fmt: skip
        answer = page(keys, token)
        assert (answer.status, 'data-holds="no"' in answer.text, "Land" in answer.text) == (404, True, False)
    assert signer == "primary"
