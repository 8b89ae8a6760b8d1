"""Mobile numbers, devices and the SMS gateway: a column with a default and new tables, no long lock."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the release before does not know them, and its pages stay as they are."""

    dependencies = [
        ("response", "0001_pre_first"),
        ("staff", "0005_pre_passkeys"),
    ]

    operations = [
        migrations.CreateModel(
            name="SmsGateway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.TextField(default="")),
            ],
        ),
        migrations.AddField(
            model_name="contact",
            name="phone",
            field=models.CharField(db_default="", default="", max_length=16),
        ),
        migrations.CreateModel(
            name="PushDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=32, unique=True)),
                ("sealed", models.TextField()),
                ("name", models.CharField(max_length=60)),
                ("made_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="devices", to="staff.person"
                    ),
                ),
            ],
        ),
    ]
