"""Lines of all programs, their patterns, and how far each program was read. Bounded by count and age (store.py)."""

from django.db import models


class Pattern(models.Model):
    """What lines of one program have in common, place-holders where they differ; count: lines of it, ever."""

    component = models.CharField(max_length=48)
    words = models.TextField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=["component", "-count"], name="patterns_of_a_component"),)


class Line(models.Model):
    """One line, or with `times` above one the last that was kept of so many alike. at: when it was logged, by its own
    clock; text: all of it, as JSON; trace: 32 hexadecimal digits, "" for none."""

    at = models.DateTimeField()
    component = models.CharField(max_length=48)
    level = models.CharField(max_length=8)
    event = models.CharField(max_length=300)
    text = models.TextField()
    trace = models.CharField(max_length=32, default="", blank=True)
    pattern = models.ForeignKey(Pattern, on_delete=models.SET_NULL, null=True)
    times = models.IntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=["-at", "-id"], name="lines_newest_first"),
            models.Index(fields=["trace"], name="lines_of_a_trace", condition=~models.Q(trace="")),
        )


class Cursor(models.Model):
    """How far one program's lines were read: the rising instant and the number of the last of them."""

    source = models.CharField(max_length=32)
    program = models.CharField(max_length=32)
    at_us = models.BigIntegerField()
    number = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "program"], name="a_program_of_a_source_once"),)
