"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = [
        ("incidents", "0001_pre_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFact",
            fields=[
                ("kind", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("body", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("email", models.TextField()),
                ("language", models.CharField(max_length=8)),
                ("cohort", models.IntegerField(db_index=True)),
                ("needs", models.JSONField(default=list)),
                ("needs_first", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField()),
                ("account", models.BigIntegerField()),
                ("payment", models.CharField(max_length=64)),
                ("charged_minor", models.BigIntegerField()),
                ("would_have_been_minor", models.BigIntegerField()),
                ("refunded_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("why", models.TextField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="incidents.incident"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "account", "payment"), name="one_row_a_refund")
                ],
            },
        ),
    ]
