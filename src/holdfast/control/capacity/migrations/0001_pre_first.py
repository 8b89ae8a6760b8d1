"""The room's first table; a new table only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a table that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Measured",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
                ("cores", models.IntegerField()),
                ("found", models.JSONField()),
            ],
            options={"indexes": [models.Index(fields=["-at"], name="capacity_by_time")]},
        ),
    ]
