"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Trouble",
            fields=[
                ("source", models.CharField(max_length=48, primary_key=True, serialize=False)),
                ("words", models.TextField()),
                ("since", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("component", models.CharField(max_length=48)),
                ("metric", models.CharField(max_length=64)),
                ("about", models.CharField(blank=True, default="", max_length=96)),
                ("kind", models.CharField(max_length=16)),
                ("unit", models.CharField(blank=True, default="", max_length=24)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("last_value", models.FloatField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("component", "metric", "about"), name="a_series_once")],
            },
        ),
        migrations.CreateModel(
            name="Rolled",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id", "step_s", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step_s", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("low", models.FloatField()),
                ("mean", models.FloatField()),
                ("high", models.FloatField()),
                ("count", models.IntegerField()),
                (
                    "series",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="metrics.series"),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["at"], name="rolled_by_time", pages_per_range=16
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("value", models.FloatField()),
                (
                    "series",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="metrics.series"),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["at"], name="points_by_time", pages_per_range=16
                    )
                ],
            },
        ),
    ]
