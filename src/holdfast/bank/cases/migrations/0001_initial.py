# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("decision", models.CharField(max_length=12)),
                ("why", models.CharField(max_length=300)),
                ("owner", models.CharField(max_length=64)),
                ("asked_by", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=64)),
                ("decided_at", models.DateTimeField()),
                ("payment", models.UUIDField(db_index=True, null=True)),
                ("debit", models.BigIntegerField(default=0)),
                ("credit", models.BigIntegerField(default=0)),
                ("amount_minor", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "case_decision"},
        ),
    ]
