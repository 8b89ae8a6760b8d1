# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release does not know the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_left")]

    operations = [
        migrations.CreateModel(
            "RetentionRun",
            [
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("ran", models.DateTimeField(auto_now=True)),
                ("counts", models.JSONField(default=dict)),
            ],
            options={"db_table": "retention_run"},
        ),
    ]
