"""The keys that seal what the database holds of people: a file beside the signing keys, made at the first start."""

from pathlib import Path

from django.conf import settings

from holdfast.ledger.api import Notes
from holdfast.signing.sealing import Sealer

FILE = "bank-store.keys"


def _path() -> Path:
    place: Path = settings.INSTALLATION.keys / "primary" / FILE
    return place


keys = Sealer(_path, b"holdfast bank store 1")
"""Fields of the bank's tables, each bound to its table and column."""
notes = Notes(Sealer(_path, b"holdfast bank note 1"))
"""The words of transfers in the books, each bound to its transfer."""
