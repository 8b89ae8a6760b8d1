# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each fact and exception is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_outage")]

    operations = [
        migrations.AlterField("fact", "body", holdfast.bank.sealed.fields.SealedJson(null=True)),
        migrations.AlterField("journalexception", "words", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("exchange", "fact", "body")),
        migrations.RunPython(seal_stored("exchange", "journalexception", "words")),
    ]
