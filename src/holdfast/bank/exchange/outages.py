"""The outages of this bank, as the control room tells them when they are over."""

from datetime import date, datetime

from holdfast.bank.exchange.models import Outage
from holdfast.bank.payments.pay import bank_today


def note_outage(incident: str, since: datetime, until: datetime, first_day: date) -> None:
    """Keep an outage; told again, with its later end. first_day: on which of the bank's own days it began."""
    said = {"since": since, "until": until, "first_day": first_day, "last_day": bank_today()}
    Outage.objects.update_or_create(incident=incident[:80], defaults=said)
