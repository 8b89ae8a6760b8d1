# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: what asked-for accounts are called is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField("accountrequest", "title", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("accounts", "accountrequest", "title")),
    ]
