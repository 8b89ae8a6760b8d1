"""The migrations make what the models say."""

from django.core.management import call_command
from django.db.migrations import AddIndex
from django.db.migrations.loader import MigrationLoader


def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)


def test_the_newer_indexes_of_loans_are_built_while_the_bank_works() -> None:
    """A plain index locks the table, which holds every instalment, while it is built."""
    found = {key: one for key, one in MigrationLoader(None).disk_migrations.items() if key[0] == "charges"}
    newer = [one for (_, name), one in found.items() if name >= "0004"]
    assert newer and not [one for made in newer for one in made.operations if type(one) is AddIndex]
