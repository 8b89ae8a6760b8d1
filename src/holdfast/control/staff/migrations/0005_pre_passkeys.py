"""Passkeys of staff, and the challenges that were used; adds tables."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds what nothing uses yet."""

    dependencies = [("staff", "0004_post_no_lock")]

    operations = [
        migrations.CreateModel(
            name="StaffPasskey",
            fields=[
                ("id", models.CharField(max_length=1400, primary_key=True, serialize=False)),
                ("public_key", models.TextField()),
                ("sign_count", models.BigIntegerField(default=0)),
                ("name", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="passkeys", to="staff.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StaffChallenge",
            fields=[
                ("text", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
