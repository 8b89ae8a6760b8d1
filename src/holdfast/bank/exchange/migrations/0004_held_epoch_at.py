"""Before deploying: one column whose default is computed once (no rewrite)."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = (("exchange", "0003_sealed"),)

    operations = (migrations.AddField("heldepoch", "at", models.DateTimeField(db_default=Now())),)
