"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=32)),
                ("program", models.CharField(max_length=32)),
                ("at_us", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "program"), name="a_program_of_a_source_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Pattern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("component", models.CharField(max_length=48)),
                ("words", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(db_index=True)),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["component", "-count"], name="patterns_of_a_component")],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("component", models.CharField(max_length=48)),
                ("level", models.CharField(max_length=8)),
                ("event", models.CharField(max_length=300)),
                ("text", models.TextField()),
                ("trace", models.CharField(blank=True, default="", max_length=32)),
                ("times", models.IntegerField(default=1)),
                (
                    "pattern",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to="logs.pattern"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="lines_newest_first"),
                    models.Index(
                        condition=models.Q(("trace", ""), _negated=True), fields=["trace"], name="lines_of_a_trace"
                    ),
                ],
            },
        ),
    ]
