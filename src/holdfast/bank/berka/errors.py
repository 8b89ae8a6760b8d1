"""Errors of the import.

ImportRefused   the records cannot be loaded into this bank; nothing was changed
"""

from holdfast.bank.errors import BankError


class ImportRefused(BankError):
    """The records cannot be loaded; the text says why and what to do. Nothing was changed."""
