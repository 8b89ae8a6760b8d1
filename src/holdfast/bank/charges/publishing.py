"""The price lists that hold: the one that the bank begins with, and those that two people published since."""

import threading
import time
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.bank.charges.engine.days import Every, period_of
from holdfast.bank.charges.engine.errors import BadPrices
from holdfast.bank.charges.engine.prices import PriceBook, PriceList, follows, read_price_list
from holdfast.bank.charges.models import PriceVersion
from holdfast.bank.orders.models import Price
from holdfast.bank.payments.pay import bank_today

FIRST_VERSION = "2026.1"
FIRST_FILE = Path(__file__).parent / "lists" / f"{FIRST_VERSION}.toml"
FIRST_DAY = date(1990, 1, 1)
"""Before the first business date of any made-up bank."""
LATE_ORDER = "late_order"
LATE_ORDER_WORDS = "Late charge"
NOTICE_DAYS_MIN = 1
NOTICE_DAYS_MAX = 366
CACHE_S = 5.0


class _Known:
    """The lists of a currency, read again after CACHE_S; a new one comes into force no sooner than the next day."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._books: dict[str, tuple[float, PriceBook]] = {}

    def book(self, currency: str) -> PriceBook:
        with self._lock:
            kept = self._books.get(currency)
        if kept is not None and time.monotonic() - kept[0] < CACHE_S:
            return kept[1]
        found = PriceVersion.objects.filter(currency=currency).order_by("valid_from")
        made = PriceBook([read_price_list(one.body, one.version, one.valid_from, one.currency) for one in found])
        with self._lock:
            self._books[currency] = (time.monotonic(), made)
        return made

    def forget(self) -> None:
        with self._lock:
            self._books.clear()


_known = _Known()


def price_book(currency: str) -> PriceBook:
    """All versions of the price list of a currency; empty where the bank has none."""
    return _known.book(currency)


def ensure_price_list(currency: str, valid_from: date | None = None) -> None:
    """Store the list with which a bank begins. It holds from the next month on, so that nobody is charged for days on
    which no prices were known, unless another day is given. Safe to repeat."""
    body = tomllib.loads(FIRST_FILE.read_text(encoding="utf-8"))
    first = read_price_list(body, FIRST_VERSION, valid_from or period_of(bank_today(), Every.MONTH)[1], currency)
    with transaction.atomic():
        if not PriceVersion.objects.filter(currency=currency).exists():
            _store(first, "the bank's beginning", "the bank's beginning", "")
    _known.forget()


def why_not(after: dict[str, Any], version: str, valid_from: date, currency: str) -> PriceList | str:
    """The list as it would hold from a day on, or in words why it cannot be published."""
    today, lists = bank_today(), price_book(currency).lists
    try:
        made = read_price_list(after, version, valid_from, currency)
        if not lists:
            return "This bank has no price list to change; nothing was changed."
        follows(made, lists[-1])
    except BadPrices as error:
        return f"{error}. Nothing was changed."
    if any(one.version == version for one in lists) or not version.strip():
        return f"There is a version {version} already; nothing was changed."
    if not timedelta(NOTICE_DAYS_MIN) <= valid_from - today <= timedelta(NOTICE_DAYS_MAX):
        return (
            f"A list holds from tomorrow on at the earliest, {NOTICE_DAYS_MAX} days ahead at most; nothing was changed."
        )
    if valid_from <= lists[-1].valid_from:
        return f"Version {lists[-1].version} holds from {lists[-1].valid_from} on; the next one holds from a later day."
    return made


def publish(made: PriceList, before: str, asked_by: str, approved_by: str, why: str) -> str:
    """Store a list that two people decided, if the newest is still the version they saw; why not, "" when it was done.
    The same list again is taken as done.

    Every publication locks the first list's row; who had to wait for it reads the others after that."""
    found = PriceVersion.objects.filter(currency=made.currency)
    with transaction.atomic():
        found.select_for_update().order_by("id").first()
        lists = list(found.order_by("valid_from"))
        if any((one.version, one.body) == (made.version, dict(made.body)) for one in lists):
            return ""
        if not lists or lists[-1].version != before:
            return "The price list has changed since it was looked at; nothing was changed."
        _store(made, asked_by, approved_by, why)
    _known.forget()
    return ""


def _store(made: PriceList, asked_by: str, approved_by: str, why: str) -> None:
    PriceVersion.objects.create(
        version=made.version,
        currency=made.currency,
        valid_from=made.valid_from,
        body=dict(made.body),
        asked_by=asked_by[:64],
        approved_by=approved_by[:64],
        why=why[:300],
        made=timezone.now(),
    )
    Price.objects.get_or_create(
        rule=LATE_ORDER,
        currency=made.currency,
        valid_from=made.valid_from,
        defaults={"version": made.version, "amount_minor": made.late_order_minor, "words": LATE_ORDER_WORDS},
    )
