# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: a new table, and empty columns on standing_order (no rewrite)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cohort", models.IntegerField()),
                ("debit", models.BigIntegerField()),
                ("credit", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("payer", models.CharField(max_length=140)),
                ("payee", models.CharField(max_length=140)),
                ("text", models.CharField(blank=True, max_length=140)),
                ("kind", models.CharField(max_length=20)),
                ("rhythm", models.CharField(max_length=10)),
                ("first", models.DateField()),
                ("until", models.DateField(null=True)),
                ("number", models.IntegerField(default=0)),
                ("next_due", models.DateField(null=True)),
                ("state", models.CharField(max_length=10)),
                ("replaces", models.BigIntegerField(null=True)),
                ("form", models.UUIDField(null=True, unique=True)),
                ("made", models.DateTimeField()),
            ],
            options={
                "db_table": "order_plan",
                "indexes": [
                    models.Index(fields=["debit"], name="plan_debit"),
                    models.Index(
                        fields=["next_due"],
                        name="plan_next",
                        condition=models.Q(("next_due__isnull", False), ("state", "active")),
                    ),
                    models.Index(fields=["id"], name="plan_ending", condition=models.Q(("state", "ending"))),
                    models.Index(fields=["replaces"], name="plan_replaces"),
                ],
            },
        ),
        migrations.AddField(model_name="order", name="plan", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="order", name="number", field=models.IntegerField(null=True)),
        migrations.AddField(model_name="order", name="cancel_asked", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="order", name="cancelled", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="order_of_plan_once"),
        ),
    ]
