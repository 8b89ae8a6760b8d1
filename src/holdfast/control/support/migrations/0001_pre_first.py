"""Conversations with customers, the desk, and its hours."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes these."""

    initial = True

    dependencies = [
        ("incidents", "0003_pre_answers"),
        ("staff", "0005_pre_passkeys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="desk",
                        serialize=False,
                        to="staff.person",
                    ),
                ),
                ("here", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                ("weekday", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("from_minute", models.SmallIntegerField()),
                ("until_minute", models.SmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("language", models.CharField(max_length=8)),
                ("customer", models.BigIntegerField(null=True)),
                ("needs_first", models.BooleanField(default=False)),
                ("place", models.CharField(default="", max_length=60)),
                ("state", models.CharField(max_length=8)),
                ("waiting_since", models.DateTimeField(null=True)),
                ("front", models.BooleanField(default=False)),
                ("taken_at", models.DateTimeField(null=True)),
                ("turn_since", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                ("last_number", models.IntegerField(default=0)),
                ("customer_lines", models.IntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
                ("score", models.SmallIntegerField(null=True)),
                ("asked", models.CharField(default="", max_length=40)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="staff.person",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.CharField(default="", max_length=64)),
                ("outcome", models.CharField(default="", max_length=16)),
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="call_back", to="support.conversation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeskShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=64)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="desk_shifts", to="staff.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
                ("why", models.CharField(max_length=200)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("who", models.CharField(max_length=8)),
                ("by", models.CharField(default="", max_length=64)),
                ("at", models.DateTimeField()),
                ("sealed", models.TextField()),
                ("page", models.CharField(default="", max_length=60)),
                ("said", models.UUIDField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="support.conversation"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["state", "waiting_since"], name="conversations_waiting"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["customer"], name="conversations_of_a_customer"),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["made_at"], name="conversations_by_time"),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.UniqueConstraint(fields=("conversation", "number"), name="one_line_a_number"),
        ),
        migrations.AddConstraint(
            model_name="line",
            constraint=models.UniqueConstraint(fields=("conversation", "said"), name="a_message_once"),
        ),
    ]
