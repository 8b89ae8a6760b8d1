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
            name="Incident",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("cause", models.CharField(max_length=32)),
                ("severity", models.IntegerField()),
                ("phase", models.CharField(max_length=16)),
                ("cause_words", models.TextField()),
                ("opened_by", models.TextField()),
                ("began_at", models.DateTimeField()),
                ("detected_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("banner_at", models.DateTimeField(null=True)),
                ("first_message_at", models.DateTimeField(null=True)),
                ("restored_at", models.DateTimeField(null=True)),
                ("handing_back_at", models.DateTimeField(null=True)),
                ("reconciled_at", models.DateTimeField(null=True)),
                ("returned_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("affected_cohorts", models.JSONField(default=list)),
                ("bank_block_seen", models.BigIntegerField(default=0)),
                ("bank_block_seen_at", models.DateTimeField(null=True)),
                ("spare_proof", models.JSONField(null=True)),
                ("books_proof", models.JSONField(null=True)),
                ("suspects", models.JSONField(default=list)),
                ("refund_from", models.DateField(null=True)),
                ("refund_until", models.DateField(null=True)),
                ("refunds_at", models.DateTimeField(null=True)),
                ("review", models.TextField(default="")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("cause",),
                        name="one_open_incident_a_cause",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("passed", models.BooleanField()),
                ("words", models.TextField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="incidents.incident"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("incident", "name"), name="one_row_a_check")],
            },
        ),
        migrations.CreateModel(
            name="TimelineEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("source", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=32)),
                ("words", models.TextField()),
                ("data", models.JSONField(default=dict)),
                ("door_event", models.BigIntegerField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="timeline", to="incidents.incident"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "door_event"), name="a_door_event_once_an_incident")
                ],
            },
        ),
    ]
