"""Alerts, and who silenced which. Bounded: ended alerts are forgotten after a fortnight (store.py)."""

from django.db import models


class Alert(models.Model):
    """One rule that fires, or fired, for one series or thing. ended_at: null while it fires; source: `rules`, or who
    told it from outside."""

    rule = models.CharField(max_length=96)
    component = models.CharField(max_length=48)
    metric = models.CharField(max_length=64, default="", blank=True)
    about = models.CharField(max_length=96, default="", blank=True)
    source = models.CharField(max_length=48, default="rules")
    severity = models.IntegerField()
    page = models.BooleanField(default=False)
    words = models.TextField()
    what_to_do = models.TextField(default="", blank=True)
    began_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    times = models.IntegerField(default=1)
    silenced = models.BooleanField(default=False)
    incident = models.ForeignKey("incidents.Incident", on_delete=models.SET_NULL, null=True, related_name="alerts")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["source", "rule", "component", "metric", "about"],
                condition=models.Q(ended_at__isnull=True),
                name="an_alert_fires_once",
            ),
        )
        indexes = (models.Index(fields=["ended_at", "-fired_at"], name="alerts_by_end"),)


class Silence(models.Model):
    """Alerts that wake nobody for a while: by component and rule, each `*` for any; why and by whom."""

    component = models.CharField(max_length=48, default="*")
    rule = models.CharField(max_length=96, default="*")
    why = models.CharField(max_length=300)
    by = models.CharField(max_length=64)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()


class Source(models.Model):
    """Somebody outside who may tell us alerts, by a token of which only the digest is kept."""

    name = models.CharField(max_length=48, primary_key=True)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="", blank=True)


class Learnt(models.Model):
    """What a detector or a trend knows, so that it goes on behind a restart; name: of its series."""

    name = models.CharField(max_length=240, primary_key=True)
    state = models.TextField()


class Downtime(models.Model):
    """One absence of one important service, as customers at the front doors met it."""

    service = models.CharField(max_length=96)
    began_at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
