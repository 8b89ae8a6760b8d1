# ruff: noqa: RUF012  # the form Django writes
"""Registrations, and where ids and account numbers of those who register come from; nothing is locked.

The ids begin far above those of made-up and imported banks. A number drawn is never drawn again, so an account that was
opened in the books for somebody whose registration then failed is nobody else's later.
"""

from django.db import migrations, models

SEQUENCES = ("joined_customer", "joined_account", "joined_number")
FIRST = {"joined_customer": 10_000_000_001, "joined_account": 10_000_000_001, "joined_number": 1}


class Migration(migrations.Migration):
    initial = True

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("token", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("email", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=140)),
                ("username", models.CharField(max_length=80)),
                ("verifier", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=8)),
                ("network", models.CharField(max_length=64)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("tries", models.IntegerField(default=0)),
                ("names", models.IntegerField(default=0)),
                ("joined", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "registration",
                "indexes": [
                    models.Index(fields=["network", "created"], name="registration_network"),
                    models.Index(fields=["email", "created"], name="registration_email"),
                ],
            },
        ),
        migrations.RunSQL("create index customer_email on customer (upper(email::text))", "drop index customer_email"),
        *[
            migrations.RunSQL(f"create sequence {name} start {FIRST[name]}", f"drop sequence {name}")
            for name in SEQUENCES
        ],
    ]
