"""What an incident is told from others by, and what helped: nullable or with a default, no long lock."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes these."""

    dependencies = [
        ("incidents", "0001_pre_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="fingerprint",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="incident",
            name="helped",
            field=models.TextField(db_default="", default=""),
        ),
    ]
