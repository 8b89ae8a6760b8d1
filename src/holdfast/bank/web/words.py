"""Template filters: amounts, numbers, days and instants as customers read them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template

from holdfast.bank.books import installation
from holdfast.bank.customers.numbers import show_number
from holdfast.contracts.money import format_amount

register = template.Library()


@register.filter
def amount(amount_minor: int, currency: str) -> str:
    """`1,234.50`."""
    return format_amount(amount_minor, currency)


@register.filter
def signed(amount_minor: int, currency: str) -> str:
    """`+1,234.50` or `−1,234.50`."""
    return format_amount(amount_minor, currency, signed=True)


@register.filter
def number(value: str) -> str:
    """`9712 00 00018`."""
    return show_number(value)


def local(instant: datetime) -> datetime:
    """An instant in the bank's time zone."""
    return instant.astimezone(ZoneInfo(installation().time_zone))


@register.filter
def day(value: date) -> str:
    """`22 November 2026`."""
    return f"{value.day} {value:%B %Y}"


@register.filter
def moment(value: datetime) -> str:
    """`22 November 2026, 14:02:11 (Oslo time)`."""
    at = local(value)
    return f"{at.day} {at:%B %Y, %H:%M:%S} ({installation().time_zone.rpartition('/')[2].replace('_', ' ')} time)"


@register.filter
def clock(value: datetime) -> str:
    """`14:02 on 22 November`."""
    at = local(value)
    return f"{at:%H:%M} on {at.day} {at:%B}"


@register.filter
def instant(value: datetime) -> str:
    """ISO text in UTC, for machines."""
    return value.isoformat()
