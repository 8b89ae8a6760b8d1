"""The profile facts in memory, with the ways in which they are looked up."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from holdfast.contracts.cards import Card, card_from_body
from holdfast.contracts.factors import Factors, Passkey, factors_from_body
from holdfast.contracts.profile import DEADLINE_KINDS, Fact
from holdfast.guard import NO_LIMITS, BadLimits, LimitSet, take_limits

Body = dict[str, Any]
LIMITS_KEY = "limits"
LIMITS_NOT_TAKEN = "not taken"
"""The key under which the copy keeps limits that were told but not taken, beside the last good ones."""


def plain_number(typed: str) -> str:
    """An account number without the spaces, dots and dashes people write into it."""
    return re.sub(r"[\s.\-\u00a0]", "", typed).upper()


class Profile:
    """Facts by kind and key; the latest body holds, None removes. Bodies are never changed, only replaced."""

    def __init__(self, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self.today = today
        """The calendar's day in the bank's time zone."""
        self.customers: dict[int, Body] = {}
        self.usernames: dict[str, int] = {}
        self.accounts: dict[int, Body] = {}
        self.numbers: dict[str, int] = {}
        self.orders: dict[int, Body] = {}
        self.orders_due: defaultdict[str, set[int]] = defaultdict(set)
        self.order_runs: dict[str, datetime] = {}
        self.revoked: set[str] = set()
        self.blocked: set[int] = set()
        self.payee_kinds: dict[int, str] = {}
        self.limits: LimitSet = NO_LIMITS
        self.rules_trouble = ""
        """Words about limits that were told but not taken; empty when the last told hold."""
        self.bank: Body = {}
        self.factors: dict[int, Factors] = {}
        self.passkeys: dict[str, int] = {}
        self.cards: dict[str, Card] = {}
        self.cards_of: defaultdict[int, set[str]] = defaultdict(set)

    def apply(self, fact: Fact) -> None:
        """Put one fact in place; raises KeyError, ValueError or TypeError when its body is not as agreed."""
        put = {
            "customer": self._customer,
            "account": self._account,
            "order": self._order,
            "order_run": self._order_run,
            "session_revoked": self._session_revoked,
            "limits": self._limits,
            "blocked": self._blocked,
            "bank": self._bank,
            "card": self._card,
            "payee_kind": self._payee_kind,
            "factors": self._factors,
        }
        put[fact.kind](fact.key, fact.body)

    def _customer(self, key: str, body: Body | None) -> None:
        number = int(key)
        old = self.customers.pop(number, None)
        if old is not None:
            self.usernames.pop(str(old["username"]).lower(), None)
        if body is not None:
            self.usernames[str(body["username"]).lower()] = number
            self.customers[number] = body

    def _account(self, key: str, body: Body | None) -> None:
        number = int(key)
        old = self.accounts.pop(number, None)
        if old is not None:
            self.numbers.pop(plain_number(str(old["number"])), None)
        if body is not None:
            self.numbers[plain_number(str(body["number"]))] = number
            self.accounts[number] = body

    def _order(self, key: str, body: Body | None) -> None:
        number = int(key)
        old = self.orders.pop(number, None)
        if old is not None:
            self.orders_due[str(old["due"])].discard(number)
            if not self.orders_due[str(old["due"])]:
                del self.orders_due[str(old["due"])]
        if body is not None:
            date.fromisoformat(str(body["due"]))
            self.orders_due[str(body["due"])].add(number)
            self.orders[number] = body

    def _order_run(self, key: str, body: Body | None) -> None:
        if body is None:
            self.order_runs.pop(key, None)
        else:
            at = datetime.fromisoformat(str(body["at"]).replace("Z", "+00:00"))
            if at.tzinfo is None:
                raise ValueError("an order_run's instant names no zone")
            self.order_runs[key] = at

    def _session_revoked(self, key: str, body: Body | None) -> None:
        if body is None:
            self.revoked.discard(key)
        else:
            self.revoked.add(key)

    def _blocked(self, key: str, body: Body | None) -> None:
        if body is None:
            self.blocked.discard(int(key))
        else:
            self.blocked.add(int(key))

    def limits_trouble(self, body: Body | None) -> str:
        """Why these limits are not to be taken after those that hold, in words; empty when they are."""
        try:
            take_limits(body, None if self.limits is NO_LIMITS else self.limits)
        except BadLimits as error:
            return f"New limits were not taken: {error}. The last good ones hold."
        return ""

    def _limits(self, key: str, body: Body | None) -> None:
        """Take limits that can be meant; otherwise the last good ones stay, and the trouble is kept in words."""
        if key == LIMITS_KEY or body is not None:
            self.rules_trouble = self.limits_trouble(body)
        if key == LIMITS_KEY and not self.rules_trouble:
            self.limits = take_limits(body, None)

    def _payee_kind(self, key: str, body: Body | None) -> None:
        if body is None:
            self.payee_kinds.pop(int(key), None)
        elif body["kind"] not in DEADLINE_KINDS:
            raise ValueError(f"{body['kind']!r} is no kind of payment that must arrive by a time")
        else:
            self.payee_kinds[int(key)] = str(body["kind"])

    def has_deadline(self, credit: int, kind: str = "") -> bool:
        """Whether payments to this account, or orders of this kind, must arrive by a time."""
        return credit in self.payee_kinds or kind in DEADLINE_KINDS

    def _bank(self, _key: str, body: Body | None) -> None:
        self.bank = body or {}

    def _card(self, key: str, body: Body | None) -> None:
        card = None if body is None else card_from_body(key, body)
        old = self.cards.pop(key, None)
        if old is not None:
            self.cards_of[old.customer].discard(key)
        if card is not None:
            self.cards[key] = card
            self.cards_of[card.customer].add(key)

    def _factors(self, key: str, body: Body | None) -> None:
        customer = int(key)
        told = None if body is None else factors_from_body(body)
        for old in self.factors.pop(customer, Factors()).passkeys:
            self.passkeys.pop(old.id, None)
        if told is not None:
            self.factors[customer] = told
            self.passkeys.update({one.id: customer for one in told.passkeys})

    def find_passkey(self, ident: str) -> tuple[Body, Passkey] | None:
        """The customer fact, with its `id`, of whom this passkey is, and the passkey; None when nobody has it."""
        number = self.passkeys.get(ident)
        customer = None if number is None else self.customers.get(number)
        if number is None or customer is None:
            return None
        found = next(one for one in self.factors[number].passkeys if one.id == ident)
        return {**customer, "id": number}, found

    def own_cards(self, customer: int) -> list[Card]:
        """A customer's cards, the one that ends last first."""
        found = [self.cards[key] for key in sorted(self.cards_of.get(customer, ()))]
        return sorted(found, key=lambda card: card.ends, reverse=True)

    def business_date(self) -> date:
        """The bank's day: as last fed, or later when days pass while the bank tells nothing; today before it is known.

        The bank's day is the calendar's, moved by the `day_offset` of its records, so limits of a day begin anew and
        payments get the right value date also when the spare bank is alone for days.
        """
        known = self.bank.get("business_date")
        if not known:
            return self.today()
        told = date.fromisoformat(str(known))
        if "day_offset" not in self.bank:
            return told
        return max(told, self.today() + timedelta(days=int(self.bank["day_offset"])))

    def find_account(self, typed: str) -> int | None:
        """The account with this number as a person types it, None when there is none."""
        return self.numbers.get(plain_number(typed))

    def find_customer(self, username: str) -> Body | None:
        """The customer fact of a username, with its `id`; None when nobody has it."""
        number = self.usernames.get(username.strip().lower())
        return None if number is None else {**self.customers[number], "id": number}

    def own_accounts(self, customer: int) -> list[int]:
        """The account ids of a customer, in the order of the fact."""
        body = self.customers.get(customer)
        return [int(account) for account in body["accounts"]] if body else []

    def title(self, account: int) -> str:
        """The account's display name, empty when it is not known."""
        return str(self.accounts.get(account, {}).get("title", ""))

    def holders(self, account: int) -> list[str]:
        """The names of the account's owners, empty when they are not known."""
        owners = self.accounts.get(account, {}).get("owners", ())
        return [str(self.customers[owner]["name"]) for owner in owners if owner in self.customers]

    def number(self, account: int) -> str:
        """The account's number as customers write it, empty when it is not known."""
        return str(self.accounts.get(account, {}).get("number", ""))
