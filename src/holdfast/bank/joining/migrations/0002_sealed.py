# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each registration of the last day is written anew, sealed."""

from django.db import migrations, models

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.fields import marked
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("joining", "0001_initial"), ("customers", "0002_sealed")]

    operations = [
        migrations.RunSQL("drop index if exists customer_email", migrations.RunSQL.noop),
        migrations.RemoveIndex("registration", "registration_email"),
        migrations.AlterField("registration", "email", holdfast.bank.sealed.fields.MarkedText()),
        migrations.AlterField("registration", "name", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("registration", "username", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("joining", "registration", "email", "name", "username")),
        migrations.AddIndex("registration", models.Index(marked("email"), "created", name="registration_email")),
    ]
