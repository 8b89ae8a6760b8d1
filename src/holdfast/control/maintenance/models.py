"""Planned maintenance as it was planned, announced, begun and ended."""

from django.db import models


class Maintenance(models.Model):
    """One piece of maintenance.

    state: planned (a second person has not confirmed it), announced, begun, over, cancelled. words: what customers
    read, by language: {"service", "instead"}. on_spare: the spare bank serves everybody meanwhile. why: where it needs
    one, the reason for a day or a notice that is not usual. spare_words: how the doors answered the order to switch.
    """

    number = models.BigAutoField(primary_key=True)
    words = models.JSONField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    on_spare = models.BooleanField(default=True)
    why = models.TextField(default="")
    state = models.CharField(max_length=10, default="planned", db_index=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, default="")
    announced_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    changes = models.IntegerField(default=0)
    spare_at = models.DateTimeField(null=True)
    spare_words = models.TextField(default="")
