# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: where each card was used is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("cards", "0001_initial")]

    operations = [
        migrations.AlterField("carduse", "merchant", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("cards", "carduse", "merchant")),
    ]
