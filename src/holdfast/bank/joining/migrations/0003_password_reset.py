# ruff: noqa: RUF012  # as Django writes them
"""Before deploying: a table for new passwords in place of forgotten ones; nothing reads it before."""

import django.db.models.deletion
from django.db import migrations, models

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.fields import marked


class Migration(migrations.Migration):
    dependencies = [("joining", "0002_sealed"), ("customers", "0002_sealed")]

    operations = [
        migrations.CreateModel(
            name="PasswordReset",
            fields=[
                ("token", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("asked", holdfast.bank.sealed.fields.MarkedText()),
                ("network", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=8)),
                ("code", holdfast.bank.sealed.fields.SealedText(blank=True)),
                ("digest", models.CharField(max_length=64)),
                ("mailed", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("done", models.BooleanField(default=False)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="customers.customer",
                    ),
                ),
            ],
            options={"db_table": "password_reset"},
        ),
        migrations.AddIndex(
            "passwordreset", models.Index(fields=["network", "created"], name="password_reset_network")
        ),
        migrations.AddIndex("passwordreset", models.Index(marked("asked"), "created", name="password_reset_asked")),
        migrations.AddIndex(
            "passwordreset",
            models.Index(fields=["created"], name="password_reset_waiting", condition=models.Q(mailed=None)),
        ),
    ]
