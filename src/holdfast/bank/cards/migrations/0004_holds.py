# ruff: noqa: RUF012  # as Django writes them
"""A column that may be empty; nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cards", "0003_own_limits")]

    operations = [migrations.AddField("carduse", "hold", models.UUIDField(null=True))]
