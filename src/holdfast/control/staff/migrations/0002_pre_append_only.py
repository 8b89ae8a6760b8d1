"""The staff log is only ever added to; adds triggers, takes a short lock on one table."""

# ruff: noqa: RUF012  # the form Django writes

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parents[1] / "sql" / "append_only.sql").read_text()


class Migration(migrations.Migration):
    """Before the release: the running one never changes the log either."""

    dependencies = [("staff", "0001_pre_first")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
