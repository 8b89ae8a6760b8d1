"""Consent to see a customer's pages, and who looked."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes these, and rows that it adds get their defaults."""

    dependencies = [
        ("support", "0001_pre_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="consent",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="conversation",
            name="consent_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="PageLook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True)),
                ("bank", models.CharField(max_length=8)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="looks", to="support.conversation"
                    ),
                ),
            ],
        ),
    ]
