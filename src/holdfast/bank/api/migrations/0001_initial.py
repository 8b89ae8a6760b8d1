# ruff: noqa: RUF012  # the form Django writes
"""Tokens for customers' programs, and which payments came by which; nothing is locked."""

import django.db.models.deletion
from django.db import migrations, models

from holdfast.bank.sealed.fields import SealedText


class Migration(migrations.Migration):
    initial = True

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", SealedText()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("day_minor", models.BigIntegerField(default=0)),
                ("made", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                ("revoked", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.customer"),
                ),
            ],
            options={
                "db_table": "api_token",
                "indexes": [models.Index(fields=["customer", "-id"], name="api_token_customer")],
            },
        ),
        migrations.CreateModel(
            name="ApiPayment",
            fields=[
                ("payment", models.UUIDField(primary_key=True, serialize=False)),
                ("content", SealedText()),
                ("amount_minor", models.BigIntegerField()),
                ("created", models.DateTimeField()),
                ("token", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="api.ApiToken")),
            ],
            options={
                "db_table": "api_payment",
                "indexes": [models.Index(fields=["token", "created"], name="api_payment_token")],
            },
        ),
    ]
