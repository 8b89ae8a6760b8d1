"""Before deploying: columns that are null or have a default (no rewrite), and the table of early repayments."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("charges", "0003_in_turn"),)

    operations = (
        migrations.AddField("loan", "repaid", models.DateField(null=True)),
        migrations.AddField("loan", "extras", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("loan", "repaying", models.UUIDField(null=True)),
        migrations.AddField("loanpayment", "late_since", models.DateField(null=True)),
        migrations.CreateModel(
            name="Repayment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("form", models.UUIDField(unique=True)),
                ("customer", models.BigIntegerField()),
                ("day", models.DateField()),
                ("whole", models.BooleanField()),
                ("paid", models.IntegerField()),
                ("extras", models.IntegerField()),
                ("late_since", models.DateField(null=True)),
                ("principal_minor", models.BigIntegerField()),
                ("interest_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("late_interest_minor", models.BigIntegerField()),
                ("late_fee_minor", models.BigIntegerField()),
                ("version", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=10)),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("asked", models.DateTimeField()),
                ("loan", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="charges.loan")),
            ],
            options={
                "db_table": "loan_repayment",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("whole", True), models.Q(("state", "refused"), _negated=True)),
                        fields=("loan",),
                        name="loan_repaid_once",
                    )
                ],
                "indexes": [
                    models.Index(condition=models.Q(("state", "decided")), fields=["id"], name="repayment_open")
                ],
            },
        ),
    )
