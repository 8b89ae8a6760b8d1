# ruff: noqa: RUF012  # the form Django writes
"""When a customer last froze or opened everything; a new table, filled and told for those who have it frozen now. Only
their few rows are read, and nothing is locked that others write."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def tell_those_frozen(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """The spare bank knew which accounts were frozen, and is told by whom."""
    frozen, change = apps.get_model("freezing", "Frozen"), apps.get_model("freezing", "FreezeChange")
    fact = apps.get_model("exchange", "Fact")
    for one in frozen.objects.order_by("customer_id"):
        since_us = int(one.since.timestamp() * 1e6)
        change.objects.create(customer_id=one.customer_id, changed_us=since_us, frozen_us=since_us, session="")
        body = {"frozen": True, "changed_us": since_us}
        fact.objects.create(kind="freeze", key=str(one.customer_id), body=body)


class Migration(migrations.Migration):
    dependencies = [
        ("freezing", "0001_initial"),
        ("exchange", "0004_held_epoch_at"),
        ("customers", "0005_closing"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreezeChange",
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
                ("changed_us", models.BigIntegerField()),
                ("frozen_us", models.BigIntegerField()),
                ("session", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "freeze_change",
            },
        ),
        migrations.RunPython(tell_those_frozen, migrations.RunPython.noop),
    ]
