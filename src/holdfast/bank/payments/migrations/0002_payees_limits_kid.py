# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: three new tables; no lock on what is there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SavedPayee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField()),
                ("account", models.BigIntegerField()),
                ("number", models.CharField(max_length=34)),
                ("name", models.CharField(max_length=140)),
                ("checked", models.CharField(max_length=12)),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "saved_payee",
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "account"), name="saved_payee_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnLimit",
            fields=[
                ("customer", models.BigIntegerField(primary_key=True, serialize=False)),
                ("body", models.JSONField()),
                ("changed", models.DateTimeField()),
            ],
            options={"db_table": "own_limit"},
        ),
        migrations.CreateModel(
            name="KidNeed",
            fields=[
                ("account", models.BigIntegerField(primary_key=True, serialize=False)),
                ("need", models.CharField(max_length=4)),
            ],
            options={"db_table": "kid_need"},
        ),
    ]
