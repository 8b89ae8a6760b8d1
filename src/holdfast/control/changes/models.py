"""What changed and when, and how each part is set now. Bounded: changes by age, settings by the number of parts."""

from django.db import models


class Change(models.Model):
    """One change. component: the part, "" when it is about all; kind: see record.KINDS."""

    at = models.DateTimeField(db_index=True)
    component = models.CharField(max_length=48, default="", blank=True)
    kind = models.CharField(max_length=24)
    words = models.TextField()
    by = models.CharField(max_length=64, default="", blank=True)


class Setting(models.Model):
    """One setting of one part, as the part itself told it last; before: what it was until `since`, "" when that is not
    known."""

    component = models.CharField(max_length=48)
    name = models.CharField(max_length=64)
    value = models.CharField(max_length=200)
    before = models.CharField(max_length=200, default="", blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["component", "name"], name="a_setting_once"),)
