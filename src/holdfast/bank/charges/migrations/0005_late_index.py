# ruff: noqa: RUF012  # as Django writes them
"""An index of the question that asks for late instalments, built while the bank works."""

from django.db import migrations, models

from holdfast.bank.database.indexing import index_beside_work


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("charges", "0004_repaid_early")]

    operations = index_beside_work(
        "loanpayment",
        models.Index(fields=["day"], name="instalment_late", condition=models.Q(late_since__isnull=False)),
    )
