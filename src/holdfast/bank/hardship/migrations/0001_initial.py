# ruff: noqa: RUF012  # the form Django writes
"""Advances of emergency money; new tables, nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Advance",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("customer", models.BigIntegerField()),
                ("account", models.BigIntegerField()),
                ("cohort", models.IntegerField()),
                ("month", models.CharField(max_length=7)),
                ("number", models.SmallIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("due", models.DateField()),
                ("state", models.CharField(default="asked", max_length=10)),
                ("source", models.CharField(default="own", max_length=8)),
                ("asked", models.DateTimeField(auto_now_add=True)),
                ("back_attempts", models.IntegerField(default=0)),
                ("back_asked", models.DateTimeField(null=True)),
                ("paid_back", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "advance",
                "indexes": [
                    models.Index(fields=["customer", "month"], name="advance_customer"),
                    models.Index(
                        condition=models.Q(("paid_back", None), ("state", "given")),
                        fields=["due", "id"],
                        name="advance_owed",
                    ),
                    models.Index(condition=models.Q(("state", "asked")), fields=["asked"], name="advance_open"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdvanceDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("reserved_minor", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "advance_day"},
        ),
    ]
