"""Series and their points. Bounded: by the number of series, and by the age of points (store.py)."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Series(models.Model):
    """One measured quantity. component: the program or part it is of; metric: what is measured; about: of which
    service, callee or job, "" where there is one only; kind: deriving.Kind; unit: as shown behind the number."""

    component = models.CharField(max_length=48)
    metric = models.CharField(max_length=64)
    about = models.CharField(max_length=96, default="", blank=True)
    kind = models.CharField(max_length=16)
    unit = models.CharField(max_length=24, default="", blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_value = models.FloatField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["component", "metric", "about"], name="a_series_once"),)


class Point(models.Model):
    """A value as it was collected, every ten seconds."""

    pk = models.CompositePrimaryKey("series_id", "at")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        indexes = (BrinIndex(fields=["at"], name="points_by_time", pages_per_range=16, autosummarize=True),)


class Rolled(models.Model):
    """A minute's or five minutes' points: `at` is their beginning."""

    pk = models.CompositePrimaryKey("series_id", "step_s", "at")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False)
    step_s = models.IntegerField()
    at = models.DateTimeField()
    low = models.FloatField()
    mean = models.FloatField()
    high = models.FloatField()
    count = models.IntegerField()

    class Meta:
        indexes = (BrinIndex(fields=["at"], name="rolled_by_time", pages_per_range=16, autosummarize=True),)


class Trouble(models.Model):
    """Why some numbers are missing or cut: one row a source, gone when it is well again."""

    source = models.CharField(max_length=48, primary_key=True)
    words = models.TextField()
    since = models.DateTimeField()
    at = models.DateTimeField()
