"""Ideas, votes, polls, webinars, tours, and reports of a problem."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: the one before neither reads nor writes these."""

    initial = True

    dependencies = [
        ("incidents", "0003_pre_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("customer", models.BigIntegerField(db_index=True, null=True)),
                ("language", models.CharField(max_length=8)),
                ("title", models.CharField(blank=True, default="", max_length=100)),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
                ("said", models.UUIDField(unique=True)),
                ("fate", models.CharField(db_index=True, max_length=8)),
                ("why", models.CharField(blank=True, default="", max_length=300)),
                ("looked_at", models.DateTimeField(null=True)),
                ("looked_by", models.CharField(blank=True, default="", max_length=64)),
                ("appeal", models.CharField(default="none", max_length=8)),
                ("appeal_words", models.CharField(blank=True, default="", max_length=300)),
                ("answer", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("customer", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=30)),
                ("plain_name", models.CharField(max_length=30, unique=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Problem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trouble", models.CharField(max_length=8)),
                ("words", models.TextField(blank=True, default="")),
                ("language", models.CharField(max_length=8)),
                ("customer", models.BigIntegerField(db_index=True, null=True)),
                ("at", models.DateTimeField(db_index=True)),
                ("said", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("first_look", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Tour",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.JSONField()),
                ("path", models.CharField(max_length=40)),
                ("steps", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("made_by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Idea",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="as_idea",
                        serialize=False,
                        to="community.post",
                    ),
                ),
                ("state", models.CharField(db_index=True, default="new", max_length=10)),
                ("answer", models.JSONField(default=dict)),
                ("answered_at", models.DateTimeField(null=True)),
                ("count", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.JSONField()),
                ("questions", models.JSONField()),
                ("opened_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=64)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="polls",
                        to="incidents.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PollAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                ("chosen", models.JSONField()),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="community.poll"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                ("why", models.CharField(blank=True, default="", max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="community.post"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TourSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                (
                    "tour",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seen", to="community.tour"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Webinar",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("words", models.JSONField()),
                ("spoken", models.CharField(max_length=8)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("seats", models.IntegerField()),
                ("stream", models.CharField(blank=True, default="", max_length=300)),
                ("recording", models.CharField(blank=True, default="", max_length=300)),
                ("materials", models.JSONField(default=list)),
                ("called_off", models.BooleanField(default=False)),
                ("changes", models.IntegerField(default=0)),
                ("made_by", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["begins_at"], name="webinars_by_time")],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                ("at", models.DateTimeField()),
                ("waiting", models.BooleanField()),
                (
                    "webinar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registrations",
                        to="community.webinar",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="webinar",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="community.webinar"
            ),
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.BigIntegerField(db_index=True)),
                (
                    "idea",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="community.idea"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="idea",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="community.idea"
            ),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["-count", "-post"], name="ideas_by_votes"),
        ),
        migrations.AddConstraint(
            model_name="pollanswer",
            constraint=models.UniqueConstraint(fields=("poll", "customer"), name="one_answer_a_customer"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("post", "customer"), name="one_report_a_customer"),
        ),
        migrations.AddConstraint(
            model_name="tourseen",
            constraint=models.UniqueConstraint(fields=("tour", "customer"), name="a_tour_once"),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.UniqueConstraint(fields=("webinar", "customer"), name="one_place_a_customer"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("idea", "customer"), name="one_vote_a_customer"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["kind", "at"], name="posts_by_time"),
        ),
    ]
