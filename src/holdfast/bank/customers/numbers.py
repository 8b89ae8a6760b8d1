"""The numbers that this bank gives its accounts."""

from holdfast.contracts.numbers import check_digit

BANK = "9712"
"""The first four digits; made up, no bank has them."""
SERIALS = 1_000_000


def make_number(serial: int, bank: str = BANK) -> str | None:
    """The account number of a serial; None when that serial has no check digit."""
    ten = f"{bank}{serial:06d}"
    digit = check_digit(ten)
    return None if digit is None else ten + digit
