# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each order and plan is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored

WORDS = ("payer", "payee", "text")


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_plans")]

    operations = [
        *(
            migrations.AlterField(model, name, holdfast.bank.sealed.fields.SealedText(blank=name == "text"))
            for model in ("plan", "order")
            for name in WORDS
        ),
        migrations.AlterField("refund", "happened", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("refund", "would_have_been", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("orders", "refund", "happened", "would_have_been")),
        migrations.RunPython(seal_stored("orders", "plan", *WORDS)),
        migrations.RunPython(seal_stored("orders", "order", *WORDS)),
    ]
