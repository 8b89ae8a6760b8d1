# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: both columns may be null."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_sealed")]

    operations = [
        migrations.AddField("customer", "left", models.DateTimeField(null=True)),
        migrations.AddField("account", "closed", models.DateTimeField(null=True)),
    ]
