"""What was seen, and when. Bounded: samples are trimmed by age."""

from django.db import models


class Building(models.Model):
    """The latest sight of one building, or one of its parts."""

    name = models.CharField(max_length=32, primary_key=True)
    answer = models.CharField(max_length=16)
    words = models.TextField(default="")
    since = models.DateTimeField()
    at = models.DateTimeField()
    last_well_at = models.DateTimeField(null=True)
    took_ms = models.FloatField(default=0)
    detail = models.JSONField(default=dict)


class DoorEvent(models.Model):
    """One event that a door told, under the doors' own number."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    door = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    words = models.TextField()
    data = models.JSONField(default=dict)


class Service(models.Model):
    """Who serves whom: one letter a cohort (p bank, s spare bank, h being handed back); a single row."""

    modes = models.CharField(max_length=256)
    generation = models.BigIntegerField(default=0)
    at = models.DateTimeField()


class Cursor(models.Model):
    """How far a stream of another building was read."""

    name = models.CharField(max_length=32, primary_key=True)
    value = models.BigIntegerField(default=0)
