"""Cases as the bank last told them, and who works on each. Kept here, so that the list is there without the bank."""

from django.db import models


class Case(models.Model):
    """One case; body is the bank's own record of it (docs/reference/wire.md). owner "": nobody took it yet."""

    number = models.BigIntegerField(primary_key=True)
    body = models.JSONField()
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    owner = models.CharField(max_length=64, default="")
    taken_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
