"""What customers would get back, computed a second time: slowly, day by day, with fractions, from the price list's words.

It shares no code with the product: not its engine, not its price lists, not its rules of compensation. It reads a made-up
town (tried_town.py) and the two files as a person would. What it says of each customer is what the bank must give.
"""

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

BANK = Path(__file__).resolve().parents[2] / "src" / "holdfast" / "bank"
PRICES = tomllib.loads((BANK / "charges" / "lists" / "2026.1.toml").read_text())
RULES = tomllib.loads((BANK / "redress" / "rules" / "2026.1.toml").read_text())
ONE_DAY = timedelta(days=1)
OF_THE_BANK = {
    "spare_limit", "kept_for_deadlines", "not_completed", "claimed_refused", "amount_limit", "day_limit", "new_payee_limit",
}  # fmt: skip
MINE = {"refund", "charge", "fee", "interest"}


@dataclass
class Wish:
    """A payment that counts as made on `day`."""

    debit: int
    credit: int
    minor: int
    day: date
    back: date
    made: bool

    def is_out(self, day):
        return self.day <= day < self.back


def minor(text):
    return int(Fraction(text) * 100)


def rounded(exact):
    """To the nearest whole, a half away from zero."""
    sign = -1 if exact < 0 else 1
    whole, rest = divmod(abs(exact), 1)
    return sign * (int(whole) + (rest >= Fraction(1, 2)))


@dataclass
class Booked:
    """An entry that the bank made at a period's end."""

    place: tuple = (10**9, 0)
    kind: str = "interest"


class Town:
    """A made-up town as it was recorded; see tried_town.Town."""

    def __init__(self, town):
        self.town = town
        self.moves = defaultdict(list)
        for one in town.entries:
            self.moves[one.debit].append((one.day, -one.minor, one.kind in ("payment", "order"), one))
            self.moves[one.credit].append((one.day, one.minor, False, one))
        self.alike = defaultdict(list)
        for one in town.entries:
            if one.kind in ("payment", "order"):
                self.alike[one.debit, one.credit, one.minor].append(one)

    def close(self, months):
        """What these months came to is booked on the day after each period, as the bank does."""
        for account, product in self.town.product.items():
            days = self.days(account, [], months)
            for rule, price in PRICES["products"].get(product, {}).items():
                for first, end in spans(months, price["booked"]):
                    booked = charge(rule, price, (first, end), days)
                    self.moves[account].append((end, booked, False, Booked()))

    def balance(self, account, day):
        """At the end of a day, by value date."""
        return sum(amount for when, amount, _, _ in self.moves[account] if when <= day)

    def wishes(self, until):
        """The payments that count, and by customer how many were refused for a reason of the bank's."""
        taken, found, refused = set(), [], defaultdict(int)
        for one in sorted(self.town.tries, key=lambda one: one.place):
            if not self.town.began <= one.day <= until or not self.is_banks(one):
                continue
            alike = self.alike[one.debit, one.credit, one.minor]
            made = [other for other in alike if other.place > one.place and other.day <= until]
            first = min(made, key=lambda other: other.place, default=None)
            key = (one.debit, one.credit, one.minor, first.place if first else None)
            if key in taken:
                continue
            if first and first.day <= one.day:
                taken.add(key)
                refused[self.town.owner[one.debit]] += 1
                continue
            had = self.balance(one.debit, one.day)
            for wish in found:
                if wish.is_out(one.day):
                    had += wish.minor * ((wish.credit == one.debit) - (wish.debit == one.debit))
            if had - one.minor >= self.town.floor[one.debit]:
                taken.add(key)
                back = first.day if first else until + ONE_DAY
                found.append(Wish(one.debit, one.credit, one.minor, one.day, back, first is not None))
                refused[self.town.owner[one.debit]] += 1
        return found, refused

    def is_banks(self, one):
        if one.reason == "not_enough_money":
            return any(
                amount > 0 and entry.place > one.place and when <= one.day and entry.kind not in MINE
                for when, amount, _, entry in self.moves[one.debit]
            )
        return one.reason in OF_THE_BANK

    def late_orders(self, wishes):
        """By customer what is given back of late charges: all, where it would have been covered."""
        out = defaultdict(int)
        for one in self.town.refused_orders:
            had = sum(amount for _, amount, _, entry in self.moves[one.debit] if entry.place < one.place)
            late = sum(
                amount for when, amount, _, entry in self.moves[one.debit]
                if entry.place > one.place and amount > 0 and when <= one.day and entry.kind not in MINE
            )  # fmt: skip
            late += sum(wish.minor for wish in wishes if wish.credit == one.debit and wish.is_out(one.day))
            if late and had - self.town.floor[one.debit] + late >= one.minor:
                out[self.town.owner[one.debit]] += minor(PRICES["late_order"])
        return out

    def periods(self, wishes, months):
        """By customer the difference of all interest and fees of these closed months, never below nothing."""
        lacking = defaultdict(int)
        for account in {account for wish in wishes for account in (wish.debit, wish.credit)}:
            mine = [wish for wish in wishes if account in (wish.debit, wish.credit)]
            product = PRICES["products"].get(self.town.product[account], {})
            is_, would = self.days(account, [], months), self.days(account, mine, months)
            for rule, price in product.items():
                for period in spans(months, price["booked"]):
                    both = [charge(rule, price, period, days) for days in (is_, would)]
                    lacking[self.town.owner[account]] += both[1] - both[0]
        return {customer: total for customer, total in lacking.items() if total > 0}

    def days(self, account, wishes, months):
        """By day (balance at its end, payments out on it), as if the wishes had been made on their days."""
        steps, uses = defaultdict(int), defaultdict(int)
        for when, amount, is_use, _ in self.moves[account]:
            steps[when] += amount
            uses[when] += is_use
        for wish in wishes:
            if wish.debit == account:
                steps[wish.day] -= wish.minor
                steps[wish.back] += wish.minor
                if wish.made:
                    uses[wish.day] += 1
                    uses[wish.back] -= 1
            if wish.credit == account:
                steps[wish.day] += wish.minor
                steps[wish.back] -= wish.minor
        first, last = date(months[0].year, 1, 1), after_month(months[-1]) - ONE_DAY
        out, day = {}, first
        balance = sum(amount for when, amount in steps.items() if when < first)
        while day <= last:
            balance += steps.get(day, 0)
            out[day] = (balance, uses.get(day, 0))
            day += ONE_DAY
        return out


def after_month(first):
    return (first + timedelta(days=32)).replace(day=1)


def spans(months, booked):
    """The periods (first day, day after the last) that end within the months."""
    for month in months:
        end = after_month(month)
        if booked == "month":
            yield month, end
        elif booked == "quarter" and month.month % 3 == 0:
            yield month.replace(month=month.month - 2), end
        elif booked == "year" and month.month == 12:
            yield month.replace(month=1), end


def charge(rule, price, period, days):
    """What one rule comes to in a period, in minor units, positive for the customer."""
    inside = [both for day, both in days.items() if period[0] <= day < period[1]]
    if rule == "service":
        free = "free_from" in price and min(balance for balance, _ in inside) >= minor(price["free_from"])
        return 0 if free else -minor(price["amount"])
    if rule == "uses":
        return -max(0, sum(count for _, count in inside) - price["free"]) * minor(price["amount"])
    year = {"ACT/365": 365, "ACT/360": 360}[price["count"]]
    total = Fraction(0)
    for balance, _ in inside:
        total += a_day(balance if rule == "interest" else -balance, price) / year
    return rounded(total if rule == "interest" else -total)


def a_day(amount, price):
    """A year's interest on what stands there at the end of a day."""
    if amount <= 0:
        return Fraction(0)
    tiers = [(minor(one["from"]), Fraction(one["rate"]) / 100) for one in price["tiers"]]
    if price.get("how") == "whole":
        return amount * max(one for one in tiers if one[0] <= amount)[1]
    total = Fraction(0)
    for place, (begin, rate) in enumerate(tiers):
        end = tiers[place + 1][0] if place + 1 < len(tiers) else amount
        total += max(0, min(amount, end) - begin) * rate
    return total


def compensation(town, refused, hours, first, last):
    """By customer and rule what the rules of compensation give."""
    out = defaultdict(int)
    for name, rule in RULES.items():
        if name == "valid_from":
            continue
        for customer in set(town.owner.values()):
            if rule["kind"] == "refused_payments":
                given = min(refused.get(customer, 0) * minor(rule["each"]), minor(rule["most"]))
            else:
                wages = hours > 0 and any(
                    one.kind == "salary" and first <= one.day <= last and town.owner.get(one.credit) == customer
                    for one in town.entries_into[customer]
                )
                given = (
                    minor(rule["amount"])
                    if hours > rule["hours_more_than"] and (rule["on"] == "any_day" or wages)
                    else 0
                )
            if given:
                out[customer, name] = given
    return out


def all_of(town, until, months, *, closed=(), hours=0, first=None, last=None):
    """By (customer, kind) all that reviews up to a day must give together. months: those that ended; closed: those of
    them whose charges are in the books for the later ones."""
    slow = Town(town)
    if closed:
        slow.close(closed)
    wishes, refused = slow.wishes(until)
    out = {(customer, "late_order"): total for customer, total in slow.late_orders(wishes).items()}
    out |= {(customer, "charges"): total for customer, total in slow.periods(wishes, months).items()}
    for (customer, name), total in compensation(town, refused, hours, first, last).items():
        out[customer, f"rule:{name}"] = total
    return out
