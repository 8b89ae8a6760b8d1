"""A message by each channel, and the gateways of customers' SMS; the running release writes one by mail as before."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release."""

    dependencies = [
        ("tell", "0004_pre_inbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="SmsProvider",
            fields=[
                ("order", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("sealed", models.TextField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="one_message_a_customer",
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("notice", "customer", "channel"), name="one_message_a_channel"),
        ),
    ]
