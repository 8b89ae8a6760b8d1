# ruff: noqa: RUF012  # the form Django writes
"""Before deploying: two new tables; nothing is locked."""

import django.db.models.deletion
from django.db import migrations, models

from holdfast.bank.sealed.fields import SealedText


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="PaymentFile",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("customer", models.BigIntegerField()),
                ("cohort", models.IntegerField()),
                ("message_id", models.CharField(max_length=35)),
                ("version", models.CharField(max_length=20)),
                ("name", SealedText()),
                ("digest", models.CharField(max_length=64)),
                ("payer", SealedText()),
                ("state", models.CharField(max_length=10)),
                ("made", models.DateTimeField()),
                ("confirmed", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "payment_file",
                "indexes": [
                    models.Index(fields=["customer", "made"], name="payment_file_customer"),
                    models.Index(
                        fields=["confirmed"], name="payment_file_open", condition=models.Q(("state", "confirmed"))
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FileLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("payment", models.UUIDField()),
                ("block", SealedText()),
                ("end_to_end_id", SealedText()),
                ("due", models.DateField()),
                ("debit", models.BigIntegerField()),
                ("credit", models.BigIntegerField()),
                ("to_number", models.CharField(max_length=34)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("payee", SealedText()),
                ("text", SealedText(blank=True)),
                ("purpose", models.CharField(blank=True, max_length=4)),
                ("checked", models.CharField(blank=True, max_length=12)),
                ("near_name", SealedText(blank=True)),
                ("state", models.CharField(max_length=10)),
                ("problem", models.CharField(blank=True, max_length=30)),
                ("reason", models.CharField(blank=True, max_length=30)),
                (
                    "file",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="files.PaymentFile"),
                ),
            ],
            options={
                "db_table": "file_line",
                "indexes": [
                    models.Index(fields=["payment"], name="file_line_payment"),
                    models.Index(fields=["debit"], name="file_line_debit"),
                ],
                "constraints": [models.UniqueConstraint(fields=("file", "number"), name="file_line_once")],
            },
        ),
    ]
