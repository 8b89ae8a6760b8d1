# ruff: noqa: RUF012  # the form Django writes
"""Before deploying: a new table; nothing is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RateList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=20, unique=True)),
                ("own", models.CharField(max_length=3)),
                ("day", models.DateField()),
                ("rates", models.JSONField()),
                ("margin_ppm", models.IntegerField()),
                ("asked_by", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=64)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("made", models.DateTimeField()),
            ],
            options={"db_table": "rate_list"},
        ),
    ]
