"""Fates by provider, quiet hours, composed notices: new columns with defaults the database knows; the running release
writes what it knows and never an empty next attempt."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds columns, a table and indexes."""

    dependencies = [
        ("tell", "0001_pre_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("name", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=8)),
                ("place", models.TextField()),
                ("order", models.IntegerField(default=0)),
                ("state", models.CharField(max_length=8)),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("words", models.TextField(default="")),
            ],
        ),
        migrations.AddField(
            model_name="bundle",
            name="codes_to",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="message",
            name="channel",
            field=models.CharField(db_default="mail", default="mail", max_length=8),
        ),
        migrations.AddField(
            model_name="message",
            name="provider",
            field=models.CharField(db_default="", default="", max_length=16),
        ),
        migrations.AddField(
            model_name="message",
            name="quiet_from",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="quiet_until",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="sending_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="urgent",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="approved_by",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="notice",
            name="audience",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="notice",
            name="made_by",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="notice",
            name="state",
            field=models.CharField(db_default="said", default="said", max_length=12),
        ),
        migrations.AddField(
            model_name="notice",
            name="urgent",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="next_attempt_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.OrderBy(models.F("urgent"), descending=True),
                models.OrderBy(models.F("needs_first"), descending=True),
                models.F("id"),
                condition=models.Q(("state__in", ("created", "temporary", "technical"))),
                name="message_order",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["delivered_at"], name="message_delivered"),
        ),
        migrations.RunSQL(
            "update tell_message set state = 'cancelled' where state = 'superseded'", migrations.RunSQL.noop
        ),
    ]
