"""Authenticators and recovery codes of staff, and what a session says of itself; adds tables and columns."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds what nothing uses yet."""

    dependencies = [("staff", "0002_pre_append_only")]

    operations = [
        migrations.CreateModel(
            name="StaffAuthenticator",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="authenticator",
                        serialize=False,
                        to="staff.person",
                    ),
                ),
                ("sealed", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("step", models.BigIntegerField(default=0)),
                ("salt", models.CharField(default="", max_length=64)),
                ("waiting", models.TextField(default="")),
                ("waiting_since", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="StaffRecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recovery_codes",
                        to="staff.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "digest"), name="staff_recovery_once"),
                ],
            },
        ),
        migrations.AddField("staffsession", "proved_at", models.DateTimeField(null=True)),
        migrations.AddField("staffsession", "agent", models.CharField(default="", max_length=200)),
    ]
