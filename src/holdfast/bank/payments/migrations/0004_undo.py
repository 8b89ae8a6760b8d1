# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: two new tables; no lock on what is there."""

from django.db import migrations, models

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_sealed")]

    operations = [
        migrations.CreateModel(
            name="UndoWindow",
            fields=[
                ("customer", models.BigIntegerField(primary_key=True, serialize=False)),
                ("seconds", models.SmallIntegerField()),
            ],
            options={"db_table": "undo_window"},
        ),
        migrations.CreateModel(
            name="HeldPayment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("customer", models.BigIntegerField()),
                ("debit", models.BigIntegerField()),
                ("credit", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("credit_currency", models.CharField(max_length=3)),
                ("payer", holdfast.bank.sealed.fields.SealedText()),
                ("payee", holdfast.bank.sealed.fields.SealedText()),
                ("text", holdfast.bank.sealed.fields.SealedText(blank=True)),
                ("birth", models.BigIntegerField(default=0)),
                ("cohort", models.IntegerField()),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("goes_at", models.DateTimeField()),
                ("state", models.CharField(default="held", max_length=8)),
                ("settled", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "held_payment",
                "indexes": [
                    models.Index(condition=models.Q(("settled", None)), fields=["goes_at"], name="held_open"),
                    models.Index(condition=models.Q(("settled", None)), fields=["customer"], name="held_customer"),
                ],
            },
        ),
    ]
