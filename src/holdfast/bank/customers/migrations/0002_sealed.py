# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each row of customers and accounts is written anew, sealed."""

from django.db import migrations, models

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.fields import marked
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AlterField("customer", "name", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("customer", "username", holdfast.bank.sealed.fields.MarkedText()),
        migrations.AlterField("customer", "email", holdfast.bank.sealed.fields.MarkedText(blank=True)),
        migrations.AlterField("customer", "needs", holdfast.bank.sealed.fields.SealedJson(default=list)),
        migrations.AlterField("account", "title", holdfast.bank.sealed.fields.SealedText()),
        migrations.RunPython(seal_stored("customers", "customer", "name", "username", "email", "needs")),
        migrations.RunPython(seal_stored("customers", "account", "title")),
        migrations.AddConstraint(
            "customer", models.UniqueConstraint(marked("username"), name="customer_username_once")
        ),
        migrations.AddIndex("customer", models.Index(marked("email"), name="customer_email_mark")),
    ]
