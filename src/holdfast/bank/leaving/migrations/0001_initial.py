# ruff: noqa: RUF012  # the form Django writes
"""Accounts that two of staff close for their holders; a new table, nothing is locked."""

from django.db import migrations, models

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StaffClosing",
            fields=[
                ("order", models.UUIDField(primary_key=True, serialize=False)),
                ("account", models.BigIntegerField()),
                ("to", models.BigIntegerField(default=0)),
                ("amount_minor", models.BigIntegerField(default=0)),
                ("why", holdfast.bank.sealed.fields.SealedText()),
                ("asked_by", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=64)),
                ("began", models.DateTimeField(auto_now_add=True)),
                ("ended", models.DateTimeField(null=True)),
                ("closed", models.BooleanField(default=False)),
                ("words", models.CharField(default="", max_length=300)),
            ],
            options={
                "db_table": "staff_closing",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended", None)), fields=("account",), name="staff_closing_one_at_a_time"
                    )
                ],
            },
        ),
    ]
