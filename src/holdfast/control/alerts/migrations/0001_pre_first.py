"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = [
        ("incidents", "0002_pre_fingerprint"),
    ]

    operations = [
        migrations.CreateModel(
            name="Downtime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(max_length=96)),
                ("began_at", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Learnt",
            fields=[
                ("name", models.CharField(max_length=240, primary_key=True, serialize=False)),
                ("state", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("component", models.CharField(default="*", max_length=48)),
                ("rule", models.CharField(default="*", max_length=96)),
                ("why", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=64)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("name", models.CharField(max_length=48, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_by", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=96)),
                ("component", models.CharField(max_length=48)),
                ("metric", models.CharField(blank=True, default="", max_length=64)),
                ("about", models.CharField(blank=True, default="", max_length=96)),
                ("source", models.CharField(default="rules", max_length=48)),
                ("severity", models.IntegerField()),
                ("page", models.BooleanField(default=False)),
                ("words", models.TextField()),
                ("what_to_do", models.TextField(blank=True, default="")),
                ("began_at", models.DateTimeField()),
                ("fired_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("times", models.IntegerField(default=1)),
                ("silenced", models.BooleanField(default=False)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="alerts",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["ended_at", "-fired_at"], name="alerts_by_end")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("source", "rule", "component", "metric", "about"),
                        name="an_alert_fires_once",
                    )
                ],
            },
        ),
    ]
