# ruff: noqa: RUF012  # as Django writes them
"""An index of the questions that ask about a held use, built while the bank works."""

from django.db import migrations, models

from holdfast.bank.database.indexing import index_beside_work


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cards", "0004_holds")]

    operations = index_beside_work(
        "carduse", models.Index(fields=["hold"], name="card_use_hold", condition=models.Q(hold__isnull=False))
    )
