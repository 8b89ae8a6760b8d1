# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: what is opened later is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("berka", "0001_initial")]

    operations = [
        migrations.AlterField("waiting", "body", holdfast.bank.sealed.fields.SealedJson()),
        migrations.RunPython(seal_stored("berka", "waiting", "body")),
    ]
