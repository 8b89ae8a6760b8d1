# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: a new table; no lock on what is there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ApiWaiting",
            fields=[
                ("payment", models.UUIDField(primary_key=True, serialize=False)),
                ("metadata", models.JSONField()),
                ("created", models.DateTimeField()),
            ],
            options={
                "db_table": "api_waiting",
                "indexes": [models.Index(fields=["created"], name="api_waiting_created")],
            },
        ),
    ]
