# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: two new columns that may be null, which the release before leaves so; no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_undo")]

    operations = [
        migrations.AddField(model_name="intent", name="metadata", field=models.JSONField(null=True)),
        migrations.AddField(model_name="heldpayment", name="metadata", field=models.JSONField(null=True)),
    ]
