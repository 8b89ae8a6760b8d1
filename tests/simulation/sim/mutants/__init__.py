"""The protocol broken on purpose, one rule at a time: each must be caught, or the simulation proves little.

`TRACES` names, for each of the fourteen traces at the end of the protocol's page, the mutants that let it happen.
"""

from sim.mutants import of_banks, of_doors
from sim.mutants.listing import MUTANTS, WORDS

__all__ = ["MUTANTS", "TRACES", "WORDS", "of_banks", "of_doors"]

TRACES: dict[int, tuple[str, ...]] = {
    1: ("refusal-told-unclaimed", "claims-always-granted", "older-unclaimed"),
    2: ("older-refused",),
    3: ("birth-ignored",),
    4: ("accept-dropped",),
    5: ("swept-by-absence",),
    6: ("order-refused-by-absence",),
    7: ("no-close",),
    8: ("standin-refusal-unrecorded",),
    9: ("epoch-reopened",),
    10: ("rebuilt-at-primary", "same-generation"),
    11: ("conflict-dropped",),
    12: ("exposure-forgotten",),
    13: ("replayed-by-cohort",),
    14: ("forced-refusals",),
}
"""Trace of the protocol's page → the mutants that allow it."""
