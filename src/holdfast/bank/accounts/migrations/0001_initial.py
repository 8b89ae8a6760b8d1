# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AccountRequest",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(unique=True)),
                ("product", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("title", models.CharField(max_length=80)),
                ("account_number", models.CharField(max_length=34, unique=True)),
                ("state", models.CharField(max_length=10)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_accounts",
                        to="customers.customer",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offered_accounts",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "db_table": "account_request",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "agreed")), fields=["number"], name="account_request_agreed"
                    )
                ],
            },
        ),
    ]
