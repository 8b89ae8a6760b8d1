"""The bank's own test customers, with whom the control room tries the bank all day long: who they are, everywhere.

Their ids lie between those of banks that were filled or imported and those of people who registered; their accounts'
numbers begin like nobody else's. Whoever counts, writes to or reports on customers leaves them out by these.
"""

FIRST = 9_000_000_001
"""Of the ids of customers and of accounts alike: the first test customer owns the first account."""
COUNT = 2
BRANCH = "9714"
"""The first four digits of their accounts' numbers, which stand in the books as the accounts' codes."""
NOBODY = 0
"""In the place of a customer: who pays is none of the bank's, but staff, or a customer of another bank."""
NAMES = tuple(f"Test customer {number}" for number in range(1, COUNT + 1))


def is_test_customer(customer: int) -> bool:
    """Whether it is a test customer of the bank's own, and no person."""
    return FIRST <= customer < FIRST + COUNT


def may_pay(customer: int, account: int) -> bool:
    """Whether a customer (or NOBODY) may pay this account. Test customers pay only each
    other, and nobody else pays them; whoever asks is told what they would be of a number that does not exist."""
    return is_test_customer(customer) == is_test_customer(account)
