"""Before deploying: a new table, and a column with a default (no rewrite)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("files", "0001_initial"),)

    operations = (
        migrations.CreateModel(
            name="PayrollLimit",
            fields=[
                ("account", models.BigIntegerField(primary_key=True, serialize=False)),
                ("limit_minor", models.BigIntegerField()),
                ("asked_by", models.CharField(max_length=64)),
                ("approved_by", models.CharField(max_length=64)),
                ("changed", models.DateTimeField()),
            ],
            options={"db_table": "payroll_limit"},
        ),
        migrations.AddField(
            model_name="FileLine", name="payroll", field=models.BooleanField(default=False, db_default=False)
        ),
    )
