"""Traces and their spans, how far each program was read, and the collector outside. Bounded by count and age
(store.py)."""

from django.db import models


class Trace(models.Model):
    """One request, or one job of a worker. at: when the earliest part known of it began; took_us: its longest span;
    name: what was asked for, as the first building knows it; parts: the programs of which something is kept, with a
    blank before and after each."""

    ident = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    took_us = models.BigIntegerField()
    failed = models.BooleanField()
    drawn = models.BooleanField()
    name = models.CharField(max_length=160)
    parts = models.CharField(max_length=400)

    class Meta:
        indexes = (
            models.Index(fields=["-at", "-id"], name="traces_newest_first"),
            models.Index(fields=["-at"], name="traces_that_failed", condition=models.Q(failed=True)),
        )


class Span(models.Model):
    """One stretch of a trace, of one program. parent: the span that it was done for, "" for none; began_us:
    microseconds since 1970, by its own clock."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="spans")
    ident = models.CharField(max_length=16)
    parent = models.CharField(max_length=16, default="", blank=True)
    component = models.CharField(max_length=48)
    name = models.CharField(max_length=80)
    began_us = models.BigIntegerField()
    took_us = models.BigIntegerField()
    failed = models.BooleanField()
    about = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["trace", "ident"], name="a_span_of_a_trace_once"),)


class TraceCursor(models.Model):
    """How far one program's parts of traces were read: the rising instant and the number of the last of them."""

    source = models.CharField(max_length=32)
    program = models.CharField(max_length=32)
    at_us = models.BigIntegerField()
    number = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "program"], name="a_traced_program_once"),)


class Outside(models.Model):
    """The collector outside that is told of every span kept here. A single row. told: the last span told; trouble: why
    the last try failed, "" for well."""

    url = models.CharField(max_length=500)
    told = models.BigIntegerField(default=0)
    trouble = models.TextField(default="")
    at = models.DateTimeField(null=True)
