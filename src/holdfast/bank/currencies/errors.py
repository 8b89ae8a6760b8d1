"""What goes wrong with rates.

BankError
└── BadRates
"""

from holdfast.bank.errors import BankError


class BadRates(BankError):
    """A file of rates says something that cannot be meant; the text says what and where. Nothing was changed."""
