"""From weights to probabilities that keep what they promise: of what is called 80 % sure, 80 % should be right.

A suspect's probability is its weight to the power `sharpness`, over the sum of all of them and of what "not known"
weighs. The two constants were chosen on made-up faults (`make bench-diagnosis` makes them, says how far promises are
kept there and on other data, and with FIT=1 which constants would fit best); nothing here was fitted to petshop.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """sharpness: above 1 trusts the ranking more. unknown: the weight at which "not known" is as likely."""

    sharpness: float = 2.0
    unknown: float = 0.15


UNKNOWN_MIN = 0.02
"""Nobody is surer than this leaves: the watched is never all there is."""


def probabilities(weights: list[float], constants: Weights) -> tuple[list[float], float]:
    """The probability of each, and of "not known"; together exactly what rounding leaves of 1."""
    powers = [weight**constants.sharpness for weight in weights]
    known, unknown = math.fsum(powers), constants.unknown**constants.sharpness
    most = min(known / (known + unknown), 1.0 - UNKNOWN_MIN)
    shares = [power / known * most for power in powers]
    return shares, max(0.0, 1.0 - math.fsum(shares))
