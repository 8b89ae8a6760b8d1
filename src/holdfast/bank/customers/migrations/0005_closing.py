# ruff: noqa: RUF012  # as Django writes them
"""Before deploying; the previous release goes on working: the column may be null, and its index is built beside the
work. Each step may be taken twice, as no transaction holds them together."""

from django.db import migrations, models

from holdfast.bank.database.indexing import index_beside_work


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0004_retention")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE account ADD COLUMN IF NOT EXISTS closing timestamptz",
                    "ALTER TABLE account DROP COLUMN IF EXISTS closing",
                )
            ],
            [migrations.AddField("account", "closing", models.DateTimeField(null=True))],
        ),
        *index_beside_work(
            "account",
            models.Index(fields=["closing"], name="account_closing", condition=models.Q(closing__isnull=False)),
        ),
    ]
