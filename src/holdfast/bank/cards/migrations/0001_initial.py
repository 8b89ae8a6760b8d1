# ruff: noqa: RUF012  # as Django writes them
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Card",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("account", models.BigIntegerField()),
                ("customer", models.BigIntegerField(db_index=True)),
                ("last4", models.CharField(max_length=4)),
                ("network", models.CharField(max_length=64)),
                ("frozen", models.BooleanField(default=False)),
                ("per_use_minor", models.BigIntegerField()),
                ("per_day_minor", models.BigIntegerField()),
                ("ends", models.CharField(max_length=7)),
                ("changed_us", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "card",
            },
        ),
        migrations.CreateModel(
            name="CardUse",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("card", models.CharField(max_length=32)),
                ("customer", models.BigIntegerField()),
                ("debit", models.BigIntegerField()),
                ("credit", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("merchant", models.CharField(max_length=140)),
                ("merchant_code", models.CharField(blank=True, max_length=4)),
                ("cause", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("final", models.BooleanField(default=True)),
                ("cohort", models.IntegerField()),
                ("epoch", models.BigIntegerField()),
                ("created", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=12)),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("source", models.CharField(blank=True, max_length=8)),
            ],
            options={
                "db_table": "card_use",
                "indexes": [
                    models.Index(fields=["card", "created"], name="card_use_card"),
                    models.Index(fields=["customer", "created"], name="card_use_customer"),
                    models.Index(condition=models.Q(("outcome", "")), fields=["created"], name="card_use_open"),
                ],
            },
        ),
    ]
