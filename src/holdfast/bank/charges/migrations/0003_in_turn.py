"""Before deploying: one column with a default (no rewrite), and an index of the few instalments that were refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("charges", "0002_corrections"),)

    operations = (
        migrations.AddField("dayend", "late", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddIndex(
            "loanpayment",
            models.Index(fields=["day"], name="instalment_refused", condition=models.Q(state="refused")),
        ),
    )
