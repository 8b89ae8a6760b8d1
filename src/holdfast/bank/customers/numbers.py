"""Norwegian account numbers: eleven digits, the last a check digit by modulus 11."""

WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def check_digit(ten: str) -> str | None:
    """The check digit of ten digits; None when there is none (the remainder would be 10)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(ten, WEIGHTS, strict=True)) % 11
    return None if rest == 10 else str(rest % 11)


def make_number(serial: int, bank: str = "9712") -> str | None:
    """The account number of a serial at a (made-up) bank; None when that serial has no check digit."""
    ten = f"{bank}{serial:06d}"
    digit = check_digit(ten)
    return None if digit is None else ten + digit


def plain_number(typed: str) -> str:
    """A number as stored, from what a person typed (`9712 00 00018`, `9712.00.00018`)."""
    return "".join(typed.replace(".", "").split()).upper()[:34]


def show_number(number: str) -> str:
    """`9712 00 00018`; anything that has not eleven digits as it is."""
    return f"{number[:4]} {number[4:6]} {number[6:]}" if len(number) == 11 and number.isdigit() else number
