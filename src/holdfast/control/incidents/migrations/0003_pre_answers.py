"""How each part took probes during an incident is kept with it: whoever replays its diagnosis needs it."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes it."""

    dependencies = [
        ("incidents", "0002_pre_fingerprint"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="answers",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
