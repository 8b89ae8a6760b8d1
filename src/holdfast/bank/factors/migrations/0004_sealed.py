# ruff: noqa: RUF012  # as Django writes them
"""Before deploying, with the bank stopped: each passkey's name and line of history is written anew, sealed."""

from django.db import migrations

import holdfast.bank.sealed.fields
from holdfast.bank.sealed.moving import seal_stored


class Migration(migrations.Migration):
    dependencies = [("factors", "0003_devices_and_events")]

    operations = [
        migrations.AlterField("passkey", "name", holdfast.bank.sealed.fields.SealedText()),
        migrations.AlterField("securityevent", "places", holdfast.bank.sealed.fields.SealedJson(default=dict)),
        migrations.AlterField("securityevent", "words", holdfast.bank.sealed.fields.SealedText(blank=True)),
        migrations.RunPython(seal_stored("factors", "passkey", "name")),
        migrations.RunPython(seal_stored("factors", "securityevent", "places", "words")),
    ]
