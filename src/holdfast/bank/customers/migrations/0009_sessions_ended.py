# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: a new table, filled with the sessions that
those who froze everything ended by it."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_freezes(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """What a freeze ended stays ended; few customers have ever frozen everything."""
    ended, fact = apps.get_model("customers", "SessionsEnded"), apps.get_model("exchange", "Fact")
    for one in apps.get_model("freezing", "FreezeChange").objects.filter(frozen_us__gt=0).order_by("customer_id"):
        ended.objects.create(customer_id=one.customer_id, before_us=one.frozen_us, but=one.session)
        body = {"before_us": one.frozen_us, "but": one.session}
        fact.objects.create(kind="all_ended", key=str(one.customer_id), body=body)


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_phone"), ("freezing", "0002_changes"), ("exchange", "0004_held_epoch_at")]

    operations = [
        migrations.CreateModel(
            name="SessionsEnded",
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
                ("before_us", models.BigIntegerField(db_index=True)),
                ("but", models.CharField(max_length=64)),
            ],
            options={"db_table": "sessions_ended"},
        ),
        migrations.RunPython(take_freezes, migrations.RunPython.noop),
    ]
