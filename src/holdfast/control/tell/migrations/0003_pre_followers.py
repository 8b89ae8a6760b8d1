"""Who follows the status page is told too: new columns that may be empty or have defaults the database knows, and
indexes that hold no row of before."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds columns and two partial indexes."""

    dependencies = [
        ("incidents", "0003_pre_answers"),
        ("subscribers", "0001_pre_first"),
        ("tell", "0002_pre_delivery"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="subscriber",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="messages",
                to="subscribers.subscriber",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="components",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="notice",
            name="followers",
            field=models.CharField(db_default="", default="", max_length=8),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("subscriber__isnull", False)), fields=["subscriber"], name="message_of_follower"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("followers", "due")), fields=["id"], name="notice_for_followers"),
        ),
    ]
