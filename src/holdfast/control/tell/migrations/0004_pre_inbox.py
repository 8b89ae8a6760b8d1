"""The customer's inbox: when a message was first shown in it, and an index by which one customer's are found."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds a column and an index."""

    dependencies = [
        ("tell", "0003_pre_followers"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["customer", "-id"], name="message_of_customer"),
        ),
    ]
