# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the column may be null."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_closing")]

    operations = [migrations.AddField("customer", "erased", models.DateTimeField(null=True))]
