"""Customers' telephone numbers, and who called whom in an incident."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes these."""

    dependencies = [
        ("care", "0002_pre_told"),
        ("incidents", "0002_pre_fingerprint"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="phone",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.CreateModel(
            name="PhoneCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=16)),
                ("agreed", models.CharField(blank=True, default="", max_length=500)),
                ("again_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="incidents.incident"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["incident", "customer"], name="calls_of_an_incident")]},
        ),
    ]
