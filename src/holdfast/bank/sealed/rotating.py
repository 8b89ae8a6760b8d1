"""Change the key that seals what the database holds of people, while the bank works: what is sealed by the old one is
read until it is sealed anew, and no key is forgotten before.
"""

import time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from holdfast.bank.database.alone import alone
from holdfast.bank.errors import RotationBusy
from holdfast.bank.sealed.fields import sealed_fields
from holdfast.bank.sealed.keys import keys, notes
from holdfast.ledger.api import seal_notes_anew
from holdfast.signing.sealing import LOOK_S

BATCH = 500
LOCK_KEY = 4707010011
"""Two at once could write the same number over each other's key."""


def rotate(wait_s: float = 2 * LOOK_S) -> tuple[int, int]:
    """Add a key, seal everything anew by it, in short transactions, and forget the keys before the last; how many rows
    of the bank and words of transfers. wait_s: so long other processes need to know the new key. Raises NotSealed when
    a value cannot be opened: then no key is forgotten; RotationBusy while another one runs. May be run again."""
    with alone(LOCK_KEY) as ours:
        if not ours:
            raise RotationBusy("the key is being changed already; nothing was done")
        keys.add()
        time.sleep(wait_s)
        rows = sum(_seal_anew(model) for model in apps.get_models() if list(sealed_fields(model)))
        words = seal_notes_anew(settings.DATABASE_URL, notes)
        keys.drop_old()
    return rows, words


def _seal_anew(model: type[models.Model]) -> int:
    """All rows of one table; those written meanwhile are sealed by the new key already."""
    names, done, last = [one.name for one in sealed_fields(model)], 0, None
    while found := _next(model, last):
        with transaction.atomic():
            for row in model._default_manager.select_for_update().filter(pk__in=found).order_by("pk"):
                row.save(update_fields=names)
                done += 1
        last = found[-1]
    return done


def _next(model: type[models.Model], last: Any) -> list[Any]:
    rows = model._default_manager.order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:BATCH])
