"""What card uses hold of accounts: freed when its time has passed."""

from holdfast.bank.books import books


def free_expired() -> int:
    """A job: free what was held and not asked for in its time; how many. Bounded; the rest at the next run."""
    return books().expire_pendings()
