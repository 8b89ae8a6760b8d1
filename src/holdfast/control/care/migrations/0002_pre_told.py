"""How a customer wants to be told: new columns with defaults the database knows."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds columns that nothing uses yet."""

    dependencies = [
        ("care", "0001_pre_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="channels",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="customer",
            name="quiet_from",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="quiet_until",
            field=models.SmallIntegerField(null=True),
        ),
    ]
