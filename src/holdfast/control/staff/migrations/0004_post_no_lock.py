"""A name no longer waits because somebody guessed at it: its columns go. Takes a short lock on a small table."""

# ruff: noqa: RUF012  # the form Django writes

from django.db import migrations


class Migration(migrations.Migration):
    """After the release: the one before wrote these columns at each log-in."""

    dependencies = [("staff", "0003_pre_factors")]

    operations = [
        migrations.RemoveField("person", "failures"),
        migrations.RemoveField("person", "locked_until"),
    ]
