"""Errors of the engine.

ChargesError
└── BadPrices   a price list cannot be meant; the text names the price, nothing holds of it
"""


class ChargesError(Exception):
    """The charges cannot be computed."""


class BadPrices(ChargesError):
    """The price list cannot be meant. Correct the price that the text names; nothing of the list was taken."""
