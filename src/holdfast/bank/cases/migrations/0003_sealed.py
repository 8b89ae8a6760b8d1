# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each decision and dispute is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_disputes")]

    operations = [
        migrations.AlterField("decision", "why", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("dispute", "title", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("dispute", "words", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("dispute", "answer", holdfast.bank.sealed.fields.SealedText(blank=True)),
        migrations.RunPython(seal_stored("cases", "decision", "why")),
        migrations.RunPython(seal_stored("cases", "dispute", "title", "words", "answer")),
    ]
