# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the column may be empty."""

from django.db import migrations

import holdfast.bank.sealed.fields


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_sessions_ended")]

    operations = [
        migrations.AddField("customer", "told", holdfast.bank.sealed.fields.SealedJson(null=True)),
    ]
