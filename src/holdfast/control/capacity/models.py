"""Measurements of what the banks bear, each as it was told."""

from django.db import models


class Measured(models.Model):
    """One measurement. cores: of the machine; found: the results, as `capacity.taking` checked them."""

    at = models.DateTimeField()
    taken_at = models.DateTimeField()
    cores = models.IntegerField()
    found = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=["-at"], name="capacity_by_time"),)
