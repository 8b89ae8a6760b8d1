"""The migrations make what the models say."""

from django.core.management import call_command


def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=3)
