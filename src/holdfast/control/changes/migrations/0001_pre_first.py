"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("component", models.CharField(blank=True, default="", max_length=48)),
                ("kind", models.CharField(max_length=24)),
                ("words", models.TextField()),
                ("by", models.CharField(blank=True, default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("component", models.CharField(max_length=48)),
                ("name", models.CharField(max_length=64)),
                ("value", models.CharField(max_length=200)),
                ("before", models.CharField(blank=True, default="", max_length=200)),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("component", "name"), name="a_setting_once")],
            },
        ),
    ]
