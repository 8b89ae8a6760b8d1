# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the columns have defaults or may be null, the
table is new."""

import django.db.models.deletion
from django.db import migrations, models

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_erased")]

    operations = [
        migrations.AddField(
            "customer", "former_name", holdfast.bank.sealed.fields.SealedText(blank=True, db_default="", default="")
        ),
        migrations.AddField("customer", "former_until", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="NameChange",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", holdfast.bank.sealed.fields.SealedText()),
                ("was", holdfast.bank.sealed.fields.SealedText()),
                ("reason", holdfast.bank.sealed.fields.SealedText()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("asked_by", models.CharField(default="", max_length=64)),
                ("approved_by", models.CharField(default="", max_length=64)),
                ("answer", holdfast.bank.sealed.fields.SealedText(blank=True, default="")),
                (
                    "customer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.customer"),
                ),
            ],
            options={
                "db_table": "name_change",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("customer",), name="name_change_one_at_a_time"
                    )
                ],
            },
        ),
    ]
