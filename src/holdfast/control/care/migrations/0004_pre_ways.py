"""Where a customer is told beside mail; the running release leaves it empty."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release."""

    dependencies = [
        ("care", "0003_pre_calls"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="push",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="customer",
            name="sms",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
    ]
