"""What a password costs at the running spare bank; the tests with real processes make it cheap (nursery.py)."""

from holdfast.standin.login import HASHER, Passwords


def test_a_name_that_nobody_has_costs_what_both_banks_agreed() -> None:
    passwords = Passwords()
    try:
        assert (HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism) == (2, 19_456, 1)
        assert passwords._nobody.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    finally:
        passwords.close()
