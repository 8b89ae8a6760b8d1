# ruff: noqa: RUF012  # the form Django writes
"""Outages are kept, so that customers can have them confirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A new table; what runs meanwhile does not know it."""

    dependencies = [("exchange", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("incident", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
            ],
            options={"db_table": "outage"},
        ),
    ]
