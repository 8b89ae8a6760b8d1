"""People, their sessions, and the hash-chained log of what they did."""

from django.db import models

ROLES = ("responder", "communicator", "support", "manager", "auditor")


class Person(models.Model):
    """A member of staff with one role."""

    username = models.CharField(max_length=64, primary_key=True)
    name = models.TextField()
    role = models.CharField(max_length=16)
    verifier = models.TextField()
    failures = models.IntegerField(default=0)
    locked_until = models.DateTimeField(null=True)


class StaffSession(models.Model):
    """A logged-in browser; the cookie's value is kept only as its SHA-256."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class StaffAction(models.Model):
    """One action; `hash` covers it and the hash before it. Never updated or deleted (a trigger says so)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=64)
    role = models.CharField(max_length=16)
    what = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)


class LogHead(models.Model):
    """The log's last number and hash: its lock, and what shows that the tail was cut. A single row."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
