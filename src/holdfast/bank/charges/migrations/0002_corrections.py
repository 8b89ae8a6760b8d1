"""Before deploying: two columns with a default (no rewrite), and a constraint over one of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("charges", "0001_initial"),)

    operations = (
        migrations.AddField("booking", "nth", models.IntegerField(db_default=0, default=0)),
        migrations.AddField("dayend", "place", models.BigIntegerField(db_default=0, default=0)),
        migrations.RemoveConstraint("booking", "charge_once_a_period"),
        migrations.AddConstraint(
            "booking",
            models.UniqueConstraint(fields=("account", "rule", "first", "nth"), name="charge_once_a_period"),
        ),
    )
