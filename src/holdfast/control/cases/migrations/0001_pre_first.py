"""The room's first table; a new table only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a table that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("body", models.JSONField()),
                ("opened_at", models.DateTimeField()),
                ("state", models.CharField(max_length=8)),
                ("owner", models.CharField(default="", max_length=64)),
                ("taken_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
    ]
