# ruff: noqa: RUF012  # as Django writes them
"""Two columns that may be empty; nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cards", "0002_sealed")]

    operations = [
        migrations.AddField("card", name, models.BigIntegerField(null=True))
        for name in ("own_use_minor", "own_day_minor")
    ]
