# ruff: noqa: RUF012  # as Django writes them
"""An index of the questions that ask about a held use, built while the bank works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cards", "0004_holds")]

    operations = [
        AddIndexConcurrently(
            "carduse", models.Index(fields=["hold"], name="card_use_hold", condition=models.Q(hold__isnull=False))
        ),
    ]
