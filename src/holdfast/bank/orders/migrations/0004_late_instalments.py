"""Before deploying: a refund may be of a loan's instalment instead of a charge; a column that is null (no rewrite)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("orders", "0003_sealed"),)

    operations = (
        migrations.AlterField(
            "refund",
            "charge",
            models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to="orders.charge"),
        ),
        migrations.AddField("refund", "instalment", models.UUIDField(null=True, unique=True)),
    )
