"""The room's first tables; new tables only, nothing is locked."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("channel", models.CharField(max_length=8)),
                ("address", models.CharField(max_length=22)),
                ("network", models.CharField(max_length=22)),
                ("around", models.CharField(max_length=22)),
            ],
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="Subscriber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=8)),
                ("mark", models.CharField(max_length=22)),
                ("sealed", models.TextField()),
                ("key_digest", models.CharField(max_length=64, unique=True)),
                ("code_digest", models.CharField(default="", max_length=64)),
                ("components", models.JSONField(default=list)),
                ("language", models.CharField(max_length=8)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refusals", models.SmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="subscriber_expires")],
                "constraints": [
                    models.UniqueConstraint(fields=("channel", "mark"), name="one_subscription_an_address"),
                    models.UniqueConstraint(
                        condition=models.Q(("code_digest", ""), _negated=True),
                        fields=("code_digest",),
                        name="one_subscription_a_code",
                    ),
                ],
            },
        ),
    ]
