"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Building",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("answer", models.CharField(max_length=16)),
                ("words", models.TextField(default="")),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("last_well_at", models.DateTimeField(null=True)),
                ("took_ms", models.FloatField(default=0)),
                ("detail", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="DoorEvent",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("door", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=32)),
                ("words", models.TextField()),
                ("data", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("building", models.CharField(max_length=32)),
                ("answer", models.CharField(max_length=16)),
                ("took_ms", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("modes", models.CharField(max_length=256)),
                ("generation", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
