"""Which group (cohort) a customer of a foreign core belongs to: those who share an account share a group. Pure.

A group once given stays: where a later account would join two groups, the account is left out and said.
"""

import hashlib
from collections.abc import Iterable, Mapping

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.foreign.rows import AccountRow


def give_groups(known: Mapping[str, int], customers: Iterable[str], accounts: Iterable[AccountRow]) -> dict[str, int]:
    """The group of every customer number; those in `known` keep theirs."""
    parent = {number: number for number in (*known, *customers)}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for account in accounts:
        owners = [owner for owner in account.owners if owner in parent]
        for owner in owners[1:]:
            first, second = sorted((root(owners[0]), root(owner)))
            parent[second] = first
    held: dict[str, int] = {}
    for number, group in sorted(known.items()):
        held.setdefault(root(number), group)
    return {number: known.get(number, held.get(root(number), _derived(root(number)))) for number in parent}


def _derived(number: str) -> int:
    return int.from_bytes(hashlib.sha256(number.encode()).digest()[:4], "big") % COHORTS_COUNT
