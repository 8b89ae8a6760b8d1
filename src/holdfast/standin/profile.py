"""The profile: what is of the whole bank in memory, what is of customers looked up by fact."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from holdfast.contracts.cards import Card, card_from_body
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import Factors, Passkey, factors_from_body, passkey_from_body, passkey_key
from holdfast.contracts.freezing import NEVER, FreezeChange, freeze_change_from_body
from holdfast.contracts.help_now import FACT, OWED_FACT, Help, Owed, help_from_body, owed_from_body
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.profile import DEADLINE_KINDS, Fact
from holdfast.contracts.sessions import ALL_ENDED, AllEnded, all_ended_from_body
from holdfast.contracts.test_customers import may_pay
from holdfast.guard import (
    NO_LIMITS,
    BadLimits,
    LimitSet,
    OwnLimits,
    own_limits_from_body,
    rate_from_body,
    take_limits,
    worth_minor,
)
from holdfast.standin.facts import Body, Facts, MemoryFacts, check, plain_name

LIMITS_KEY = "limits"
LIMITS_NOT_TAKEN = "not taken"
"""The key under which the copy keeps limits that were told but not taken, beside the last good ones."""


class Profile:
    """Facts by kind and key; the latest body holds, None removes. Bodies are never changed, only replaced."""

    def __init__(
        self, today: Callable[[], date] = lambda: datetime.now(UTC).date(), facts: Facts | None = None
    ) -> None:
        self.today = today
        """The calendar's day in the bank's time zone."""
        self.facts: Facts = MemoryFacts() if facts is None else facts
        self.order_runs: dict[str, datetime] = {}
        self.limits: LimitSet = NO_LIMITS
        self.rules_trouble = ""
        """Words about limits that were told but not taken; empty when the last told hold."""
        self.own_currency = ""
        """The bank's own currency by the settings, where the bank was not told of yet."""
        self.bank: Body = {}
        self.orders_told = 0
        """Grows with each fact that may change which orders are due, or which go first."""

    def apply(self, fact: Fact) -> None:
        """Put one fact in place; raises KeyError, ValueError or TypeError when its body is not as agreed."""
        if fact.kind == "order_run":
            self._order_run(fact.key, fact.body)
        elif fact.kind == "limits":
            self._limits(fact.key, fact.body)
        elif fact.kind == "bank":
            self.bank = fact.body or {}
        else:
            check(fact)
            self.facts.put(fact)
            self.orders_told += fact.kind in ("order", "payee_kind")

    def _order_run(self, key: str, body: Body | None) -> None:
        if body is None:
            self.order_runs.pop(key, None)
        else:
            at = datetime.fromisoformat(str(body["at"]).replace("Z", "+00:00"))
            if at.tzinfo is None:
                raise ValueError("an order_run's instant names no zone")
            self.order_runs[key] = at

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

    def has_deadline(self, credit: int, kind: str = "") -> bool:
        """Whether payments to this account, or orders of this kind, must arrive by a time."""
        return kind in DEADLINE_KINDS or self.facts.get("payee_kind", str(credit)) is not None

    def is_blocked(self, account: int) -> bool:
        """Whether payments to this account are stopped."""
        return self.facts.get("blocked", str(account)) is not None

    def is_frozen(self, account: int) -> bool:
        """Whether this account pays nothing because an owner froze everything."""
        return self.facts.get("frozen", str(account)) is not None

    def freeze_change(self, customer: int) -> FreezeChange:
        """Whether the customer has everything frozen, and since when it is so, as the bank told."""
        body = self.facts.get("freeze", str(customer))
        return NEVER if body is None else freeze_change_from_body(body)

    def is_revoked(self, session: str) -> bool:
        """Whether the bank told that this session was ended."""
        return self.facts.get("session_revoked", session) is not None

    def all_ended(self, customer: int) -> AllEnded | None:
        """Which of the customer's sessions the bank said are over, however they began; None when it said nothing."""
        body = self.facts.get(ALL_ENDED, str(customer))
        return None if body is None else all_ended_from_body(body)

    def card(self, key: str) -> Card | None:
        """A card by its token, None when it is not known."""
        body = self.facts.get("card", key)
        return None if body is None else card_from_body(key, body)

    def factors(self, customer: int) -> Factors:
        """What the customer shows beside the password; nothing known: nothing."""
        body = self.facts.get("factors", str(customer))
        return Factors() if body is None else factors_from_body(body)

    def find_passkey(self, ident: str) -> tuple[Body, Passkey] | None:
        """The customer fact, with its `id`, of whom this passkey is, and the passkey; None when nobody has it."""
        body = self.facts.get("passkey", passkey_key(ident))
        if body is None:
            return None
        number, known = passkey_from_body(body)
        customer = self.customer(number)
        return None if customer is None else ({**customer, "id": number}, known)

    def own_limits(self, customer: int) -> OwnLimits:
        """The limits that the customer chose."""
        return own_limits_from_body(self.facts.get("own_limits", str(customer)))

    def worth(self, amount_minor: int, currency: str) -> int:
        """What an amount in minor units of a currency comes to in minor units of the bank's own: limits are in that."""
        own = self.bank.get("currency") or self.own_currency or currency
        if currency == own:
            return amount_minor
        body = self.facts.get("rate", currency)
        rate = None if body is None else rate_from_body(body)
        return worth_minor(amount_minor, currency, own, rate, self.business_date())

    def help(self) -> Help:
        """By what emergency money is given, and where help is near; nothing while the bank told nothing of it that can
        be read: nothing else may fail for it."""
        try:
            return help_from_body(self.facts.get(FACT, FACT))
        except BadMessage as error:
            return Help(trouble=str(error))

    def owed(self, customer: int) -> list[Owed]:
        """The emergency money that a customer has not paid back, as the bank told."""
        try:
            return owed_from_body(self.facts.get(OWED_FACT, str(customer)))
        except BadMessage:
            return []

    def product(self, account: int) -> str:
        """The account's product, empty when it is not known."""
        return str(self._account(account).get("product", ""))

    def kid_need(self, account: int) -> str:
        """Whether payments to this account `may` or `must` carry a KID; empty when they need none."""
        return str((self.facts.get("kid", str(account)) or {}).get("need", ""))

    def payees(self, customer: int) -> list[tuple[int, str]]:
        """(account, name) of the payees on a customer's list, by name."""
        found = [(int(body["account"]), str(body["name"])) for _, body in self.facts.held("payee", customer)]
        return sorted(found, key=lambda one: one[1])

    def payee(self, customer: int, account: int) -> str:
        """What the customer calls a payee on the list; empty when the account is not on it."""
        return str((self.facts.get("payee", f"{customer}:{account}") or {}).get("name", ""))

    def own_cards(self, customer: int) -> list[Card]:
        """A customer's cards, the one that ends last first."""
        found = [card_from_body(key, body) for key, body in self.facts.held("card", customer)]
        return sorted(found, key=lambda card: card.ends, reverse=True)

    def orders_of(self, accounts: list[int], day: date) -> list[tuple[int, Body]]:
        """(order, body) of standing orders out of some accounts that are due on a day."""
        return [
            (int(key), body)
            for account in accounts
            for key, body in self.facts.held("order", account)
            if str(body["due"]) == day.isoformat()
        ]

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
        found = self.facts.find("account", plain_number(typed))
        return None if found is None else int(found[0])

    def find_payee(self, customer: int, typed: str) -> int | None:
        """The account with this number that a customer (or NOBODY) may pay, None when there is none for them."""
        found = self.find_account(typed)
        return found if found is not None and may_pay(customer, found) else None

    def find_customer(self, username: str) -> Body | None:
        """The customer fact of a username, with its `id`; None when nobody has it."""
        found = self.facts.find("customer", plain_name(username))
        return None if found is None else {**found[1], "id": int(found[0])}

    def customer(self, number: int) -> Body | None:
        """A customer's fact, None when nobody has this number."""
        return self.facts.get("customer", str(number))

    def own_accounts(self, customer: int) -> list[int]:
        """The account ids of a customer, in the order of the fact."""
        body = self.customer(customer)
        return [int(account) for account in body["accounts"]] if body else []

    def _account(self, account: int) -> Body:
        return self.facts.get("account", str(account)) or {}

    def title(self, account: int) -> str:
        """The account's display name, empty when it is not known."""
        return str(self._account(account).get("title", ""))

    def owners(self, account: int) -> list[int]:
        """The customers who own the account, none when it is not known."""
        return [int(owner) for owner in self._account(account).get("owners", ())]

    def name(self, customer: int) -> str:
        """A customer's name, empty when it is not known."""
        return str((self.customer(customer) or {}).get("name", ""))

    def holders(self, account: int) -> list[str]:
        """The names of the account's owners, empty when they are not known."""
        found = [self.customer(owner) for owner in self.owners(account)]
        return [str(body["name"]) for body in found if body is not None]

    def known_by(self, account: int) -> list[str]:
        """The names that a payer may write: the owners', and those they had until lately, which nobody is shown."""
        owners = [body for owner in self.owners(account) if (body := self.customer(owner)) is not None]
        formers = [body["former"] for body in owners if "former" in body]
        now = datetime.now(UTC)
        lately = [str(one["name"]) for one in formers if datetime.fromisoformat(str(one["until"])) > now]
        return [*(str(body["name"]) for body in owners), *lately]

    def number(self, account: int) -> str:
        """The account's number as customers write it, empty when it is not known."""
        return str(self._account(account).get("number", ""))
