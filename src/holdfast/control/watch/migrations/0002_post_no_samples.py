"""Probes are kept among the measurements: the table of samples goes. Nothing reads it; a short lock."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations


class Migration(migrations.Migration):
    """After the release: the one before wrote a row a probe."""

    dependencies = [("watch", "0001_pre_first")]

    operations = [migrations.DeleteModel("Sample")]
