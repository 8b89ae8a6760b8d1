# ruff: noqa: RUF012  # as Django writes them
"""An index of what a customer was written lately, built while the bank works."""

from django.db import migrations, models

from holdfast.bank.database.indexing import index_beside_work


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0002_sealed")]

    operations = index_beside_work("mail", models.Index(fields=["customer", "created"], name="mail_customer"))
