"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = [
        ("incidents", "0001_pre_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("has_banner", models.BooleanField(default=False)),
                ("updates", models.BooleanField(default=True)),
                ("payload", models.JSONField()),
                ("state", models.CharField(default="made", max_length=16)),
                ("attempts", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(default="")),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundles",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("words", models.JSONField(default=dict)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32)),
                ("due_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField(null=True)),
                ("state", models.CharField(default="open", max_length=8)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="incidents.incident"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField()),
                ("email", models.TextField()),
                ("language", models.CharField(max_length=8)),
                ("needs_first", models.BooleanField(default=False)),
                ("code", models.CharField(max_length=16, unique=True)),
                ("message_id", models.TextField()),
                ("subject", models.TextField()),
                ("body", models.TextField()),
                ("bundle_number", models.BigIntegerField(default=0)),
                ("state", models.CharField(default="created", max_length=16)),
                ("attempts", models.IntegerField(default=0)),
                ("maybe_twice", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField()),
                ("delivered_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(default="")),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="tell.notice"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "next_attempt_at"], name="message_due")],
                "constraints": [models.UniqueConstraint(fields=("notice", "customer"), name="one_message_a_customer")],
            },
        ),
    ]
