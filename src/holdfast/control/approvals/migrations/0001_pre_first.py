"""The room's first table; a new table only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a table that nothing uses yet."""

    initial = True

    dependencies = [("incidents", "0001_pre_first")]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("what", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=32)),
                ("words", models.TextField()),
                ("data", models.JSONField(default=dict)),
                ("why", models.TextField()),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("back", models.CharField(max_length=64)),
                ("state", models.CharField(default="open", max_length=10)),
                ("decided_by", models.CharField(default="", max_length=64)),
                ("decided_at", models.DateTimeField(null=True)),
                ("result", models.TextField(default="")),
                ("break_glass", models.BooleanField(default=False)),
                ("reviewed_by", models.CharField(default="", max_length=64)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("review", models.TextField(default="")),
                ("door_event", models.BigIntegerField(null=True, unique=True)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("what", "subject"), name="one_open_proposal_a_deed"
            ),
        ),
    ]
