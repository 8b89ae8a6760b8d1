# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the column has a default."""

from django.db import migrations

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_name_change")]

    operations = [
        migrations.AddField(
            "customer", "phone", holdfast.bank.sealed.fields.SealedText(blank=True, db_default="", default="")
        ),
    ]
