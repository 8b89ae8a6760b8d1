# ruff: noqa: RUF012  # the form Django writes
"""Before deploying: new tables; nothing is locked."""

import django.db.models.deletion
from django.db import migrations, models

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Accrual",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.BigIntegerField()),
                ("rule", models.CharField(max_length=12)),
                ("first", models.DateField()),
                ("through", models.DateField()),
                ("grains", models.DecimalField(decimal_places=0, max_digits=40)),
            ],
            options={
                "db_table": "accrual",
                "constraints": [models.UniqueConstraint(fields=("account", "rule", "first"), name="accrual_once")],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account", models.BigIntegerField()),
                ("cohort", models.IntegerField()),
                ("rule", models.CharField(max_length=12)),
                ("first", models.DateField()),
                ("until", models.DateField()),
                ("version", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("calculation", models.JSONField()),
                ("ended", models.CharField(blank=True, max_length=30)),
                ("decided", models.DateTimeField()),
            ],
            options={
                "db_table": "charge_booking",
                "indexes": [models.Index(condition=models.Q(("ended", "")), fields=["id"], name="charge_to_be_booked")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "rule", "first"), name="charge_once_a_period")
                ],
            },
        ),
        migrations.CreateModel(
            name="DayEnd",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("state", models.CharField(default="running", max_length=10)),
                ("after", models.BigIntegerField(default=0)),
                ("only", models.JSONField(null=True)),
                ("left", models.JSONField(default=list)),
                ("sums", models.JSONField(default=dict)),
                ("accounts", models.IntegerField(default=0)),
                ("decided", models.IntegerField(default=0)),
                ("began", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "day_end",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True), fields=["day"], name="day_end_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Loan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.UUIDField(unique=True)),
                ("customer", models.BigIntegerField()),
                ("account", models.BigIntegerField()),
                ("cohort", models.IntegerField()),
                ("title", holdfast.bank.sealed.fields.SealedText()),
                ("currency", models.CharField(max_length=3)),
                ("principal_minor", models.BigIntegerField()),
                ("rate_ppm", models.IntegerField()),
                ("count", models.CharField(max_length=8)),
                ("plan", models.CharField(max_length=8)),
                ("paid_out", models.DateField()),
                ("first_due", models.DateField()),
                ("instalments", models.IntegerField()),
                ("instalment_fee_minor", models.BigIntegerField()),
                ("version", models.CharField(max_length=20)),
                ("paid", models.IntegerField(default=0)),
                ("next_pay_on", models.DateField(null=True)),
                ("late_since", models.DateField(null=True)),
            ],
            options={
                "db_table": "loan",
                "indexes": [
                    models.Index(fields=["customer"], name="loan_customer"),
                    models.Index(
                        condition=models.Q(("next_pay_on__isnull", False)), fields=["next_pay_on"], name="loan_next"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("valid_from", models.DateField()),
                ("body", models.JSONField()),
                ("asked_by", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=64)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("made", models.DateTimeField()),
            ],
            options={
                "db_table": "price_list",
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "valid_from"), name="price_list_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="LoanPayment",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("day", models.DateField()),
                ("interest_minor", models.BigIntegerField()),
                ("principal_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("late_interest_minor", models.BigIntegerField()),
                ("late_fee_minor", models.BigIntegerField()),
                ("version", models.CharField(max_length=20)),
                ("state", models.CharField(max_length=10)),
                ("loan", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="charges.loan")),
            ],
            options={
                "db_table": "loan_payment",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["decided", "booked"])), fields=["id"], name="instalment_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "refused"), _negated=True),
                        fields=("loan", "number"),
                        name="instalment_once",
                    )
                ],
            },
        ),
    ]
