# ruff: noqa: RUF012  # the form Django writes
"""The outbox; a new table, nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(null=True)),
                ("email", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=8)),
                ("notice", models.CharField(max_length=32)),
                ("subject", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("state", models.CharField(default="waiting", max_length=8)),
                ("attempts", models.IntegerField(default=0)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("due", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("maybe_twice", models.BooleanField(default=False)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "db_table": "mail",
                "indexes": [models.Index(condition=models.Q(("state", "waiting")), fields=["due"], name="mail_due")],
            },
        ),
    ]
