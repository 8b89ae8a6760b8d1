# ruff: noqa: RUF012  # the form Django writes
"""After deploying: the rates of a bank that has lists already are told to the spare bank; some ten rows are added."""

from django.db import migrations

from holdfast.bank.currencies.ageing import good_until
from holdfast.guard import Rate


def tell_rates(apps, _) -> None:
    """Tell of each currency the newest rate that any list has."""
    newest = {}
    for held in apps.get_model("currencies", "RateList").objects.order_by("id"):
        newest |= {currency: Rate(rate, good_until(held.day)) for currency, rate in held.rates.items()}
    fact = apps.get_model("exchange", "Fact")
    fact.objects.bulk_create([fact(kind="rate", key=key, body=one.to_body()) for key, one in sorted(newest.items())])


class Migration(migrations.Migration):
    dependencies = [("currencies", "0001_initial"), ("exchange", "0004_held_epoch_at")]

    operations = [migrations.RunPython(tell_rates, migrations.RunPython.noop)]
