# ruff: noqa: RUF012  # the form Django writes
"""Known devices, and events by key; new tables, and columns with a default: nothing is locked for long."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("factors", "0002_devices_since"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("device", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("words", models.CharField(max_length=60)),
                ("began", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.customer")),
            ],
            options={
                "db_table": "known_device",
                "indexes": [models.Index(fields=["customer", "-seen"], name="known_device_customer")],
            },
        ),
        migrations.CreateModel(
            name="Trust",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
                ("gone", models.JSONField(default=list)),
                ("told", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "trust",
            },
        ),
        migrations.AddField(
            model_name="securityevent",
            name="event",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="securityevent",
            name="places",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="securityevent",
            name="words",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
