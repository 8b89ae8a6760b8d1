# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each mail is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.AlterField("mail", "email", holdfast.bank.sealed.fields.MarkedText()),
        migrations.AlterField("mail", "subject", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("mail", "body", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("mail", "error", holdfast.bank.sealed.fields.SealedText(blank=True)),
        migrations.RunPython(seal_stored("mail", "mail", "email", "subject", "body", "error")),
    ]
