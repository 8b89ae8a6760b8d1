"""What a message to customers must not carry is found; what customers need to read is not."""

import pytest

from holdfast.guard import leaks_in
from holdfast.guard.leaks import TEXT_CHARACTERS_MAX


@pytest.mark.demand("T3")
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("link", "Log in at https://bank.example/login to go on"),
        ("link", "se www.eksempel-bank.no"),
        ("address", "write to ola.nordmann@bank.example"),
        ("address", "the server 10.20.30.41 does not answer"),
        ("address", "noden fe80:0:0:12::1 svarer ikke"),
        ("host", "db-primary.internal is down"),
        ("host", "feilen sitter i door-1"),
        ("host", "restarted core-db:5432 twice"),
        ("folder", "the disk of /var/lib/postgresql is full"),
        ("folder", r"filen C:\bank\core.dll"),
        ("version", "since we installed 4.12.1 of it"),
        ("version", "etter oppgraderingen til v2.7"),
        ("software", "PostgreSQL stopped"),
        ("software", "en feil i Kubernetes"),
        ("software", "because of CVE-2026-12345"),
        ("trace", "Traceback (most recent call last)"),
        ("trace", 'File "pay.py", line 12'),
        ("trace", "  at com.bank.Pay.run(Pay.java:88)"),
        ("trace", "ValueError: no such payment"),
        ("card", "kortet 4111 1111 1111 1111"),
        ("card", "card 5500-0000-0000-0004"),
        ("account", "konto 1234.56.78903"),
        ("account", "fødselsnummer 01017012345"),
        ("account", "account NO93 8601 1117 947"),
    ],
)
def test_a_leak_is_found_and_named(kind, text):
    assert kind in {one.kind for one in leaks_in(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Our main system stopped at 14:02. You can pay up to NOK 20,000 at a time and NOK 40,000 a day.",
        "Hovedsystemet vårt stanset 14.02. Du kan betale inntil kr 20 000 om gangen og kr 40 000 per dag.",
        "Vedlikehold fra 3.5.2026 kl. 01.00 til 03.05.2026 kl. 04.30 (norsk tid).",
        "It costs you nothing. Call us at +47 55 55 55 55, day and night. Incident 14.",
        "Beløp på 1.000.000 kroner eller mer må vente til i morgen.",
        "We are sorry. By 15:30 we tell you more; 40 of 256 groups are back.",
    ],
)
def test_what_customers_need_to_read_is_let_pass(text):
    assert leaks_in(text) == ()


def test_a_number_that_is_no_card_by_its_check_digit_is_none_and_too_long_a_text_is_refused_whole():
    assert leaks_in("reference 4111 1111 1111 1112") == ()
    assert leaks_in("NO94 8601 1117 947") == () or {one.kind for one in leaks_in("NO94 8601 1117 947")} == {"account"}
    assert [one.kind for one in leaks_in("x" * (TEXT_CHARACTERS_MAX + 1))] == ["length"]
