# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each intent and payee is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_payees_limits_kid")]

    operations = [
        migrations.AlterField("intent", "payer", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("intent", "payee", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("intent", "text", holdfast.bank.sealed.fields.SealedText(blank=True)),
        migrations.AlterField("savedpayee", "name", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("payments", "intent", "payer", "payee", "text")),
        migrations.RunPython(seal_stored("payments", "savedpayee", "name")),
    ]
