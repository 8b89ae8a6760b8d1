"""The room's first table; a new table only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a table that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("journey", models.CharField(max_length=24)),
                ("at", models.DateTimeField(db_index=True)),
                ("bank", models.CharField(blank=True, default="", max_length=8)),
                ("failed", models.CharField(blank=True, default="", max_length=48)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                ("took_ms", models.FloatField(default=0)),
                ("steps", models.JSONField(default=list)),
            ],
            options={"indexes": [models.Index(fields=["journey", "-at"], name="runs_of_a_journey")]},
        ),
    ]
