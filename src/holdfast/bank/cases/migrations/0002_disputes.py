# ruff: noqa: RUF012  # the form Django writes
"""Disputes: a new table, nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(unique=True)),
                ("customer", models.BigIntegerField()),
                ("account", models.BigIntegerField()),
                ("payment", models.UUIDField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("other_account", models.BigIntegerField()),
                ("title", models.CharField(max_length=140)),
                ("reason", models.CharField(max_length=20)),
                ("words", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "db_table": "dispute",
                "indexes": [models.Index(fields=["customer", "-number"], name="dispute_customer")],
                "constraints": [models.UniqueConstraint(fields=("account", "payment"), name="dispute_once")],
            },
        ),
    ]
