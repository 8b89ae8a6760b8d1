"""The room's first tables; new tables only, nothing that runs is changed."""

# ruff: noqa: RUF012  # the form Django writes

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Before the release: adds tables that nothing uses yet."""

    initial = True

    dependencies = [
        ("incidents", "0002_pre_fingerprint"),
        ("staff", "0005_pre_passkeys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="staff.person",
                    ),
                ),
                ("email", models.CharField(default="", max_length=254)),
                ("webhook", models.CharField(default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="response",
                        serialize=False,
                        to="incidents.incident",
                    ),
                ),
                ("state", models.CharField(default="", max_length=16)),
                ("severity", models.IntegerField(null=True)),
                ("severity_why", models.TextField(default="")),
                ("review", models.TextField(default="")),
                ("reviewed_by", models.CharField(default="", max_length=64)),
                ("reviewed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SharedWebhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("why", models.TextField()),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="incidents.incident"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("url", models.TextField()),
                ("by", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="incidents.incident"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("title", models.TextField()),
                ("dry", models.BooleanField(default=False)),
                ("begun_by", models.CharField(max_length=64)),
                ("begun_at", models.DateTimeField()),
                ("ended_by", models.CharField(default="", max_length=64)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="incidents.incident"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("words", models.TextField()),
                ("machine", models.CharField(default="", max_length=40)),
                ("state", models.CharField(default="open", max_length=8)),
                ("due_at", models.DateTimeField(null=True)),
                ("by", models.CharField(default="", max_length=64)),
                ("at", models.DateTimeField(null=True)),
                ("result", models.TextField(default="")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="response.run"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=64)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shifts", to="staff.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("owner", models.CharField(default="", max_length=64)),
                ("due_at", models.DateTimeField(null=True)),
                ("made_by", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("done_by", models.CharField(default="", max_length=64)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="incidents.incident"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.IntegerField()),
                ("recipient", models.CharField(max_length=64)),
                ("way", models.CharField(max_length=8)),
                ("address", models.CharField(max_length=500)),
                ("state", models.CharField(default="waiting", max_length=12)),
                ("attempts", models.IntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("trouble", models.TextField(default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pages", to="incidents.incident"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "next_at"], name="pages_waiting")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "level", "recipient", "way"), name="one_page_a_level_and_way"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=16)),
                ("since_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
                ("note", models.TextField(default="")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="incidents.incident"
                    ),
                ),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="staff.person")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until_at__isnull", True)),
                        fields=("incident", "role"),
                        name="one_person_a_role",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("incident", "name"),
                name="a_runbook_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="one_row_a_step"),
        ),
    ]
