# ruff: noqa: RUF012  # the form Django writes
"""Who froze everything; a new table, nothing is locked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Frozen",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("accounts", models.JSONField(default=list)),
                ("cards", models.JSONField(default=list)),
            ],
            options={
                "db_table": "frozen",
            },
        ),
    ]
