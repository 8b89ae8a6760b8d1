"""The room's first table; a new table only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a table that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Maintenance",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("words", models.JSONField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("on_spare", models.BooleanField(default=True)),
                ("why", models.TextField(default="")),
                ("state", models.CharField(db_index=True, default="planned", max_length=10)),
                ("made_by", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("approved_by", models.CharField(default="", max_length=64)),
                ("announced_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("changes", models.IntegerField(default=0)),
                ("spare_at", models.DateTimeField(null=True)),
                ("spare_words", models.TextField(default="")),
            ],
        ),
    ]
