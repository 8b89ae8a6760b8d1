# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the column has a default. What it began to set up is begun
again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("factors", "0004_sealed")]

    operations = [
        migrations.AddField("authenticator", "session", models.CharField(blank=True, db_default="", max_length=64)),
    ]
