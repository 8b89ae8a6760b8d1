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
            name="Outside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500)),
                ("told", models.BigIntegerField(default=0)),
                ("trouble", models.TextField(default="")),
                ("at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ident", models.CharField(max_length=32, unique=True)),
                ("at", models.DateTimeField()),
                ("took_us", models.BigIntegerField()),
                ("failed", models.BooleanField()),
                ("drawn", models.BooleanField()),
                ("name", models.CharField(max_length=160)),
                ("parts", models.CharField(max_length=400)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="traces_newest_first"),
                    models.Index(condition=models.Q(("failed", True)), fields=["-at"], name="traces_that_failed"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TraceCursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=32)),
                ("program", models.CharField(max_length=32)),
                ("at_us", models.BigIntegerField()),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("source", "program"), name="a_traced_program_once")],
            },
        ),
        migrations.CreateModel(
            name="Span",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ident", models.CharField(max_length=16)),
                ("parent", models.CharField(blank=True, default="", max_length=16)),
                ("component", models.CharField(max_length=48)),
                ("name", models.CharField(max_length=80)),
                ("began_us", models.BigIntegerField()),
                ("took_us", models.BigIntegerField()),
                ("failed", models.BooleanField()),
                ("about", models.JSONField(default=dict)),
                (
                    "trace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="spans", to="traces.trace"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("trace", "ident"), name="a_span_of_a_trace_once")],
            },
        ),
    ]
