"""What all simulated processes share: accounts, orders, the register, and the record of what anybody was told."""

import copy
import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from holdfast.contracts import ids
from holdfast.contracts.blocks import AccountChange, Block, Transfer
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.journal import Payment
from sim.kernel import Kernel, Node
from sim.register import ModelRegister

COHORTS = 2
ACCOUNTS = {1: 0, 2: 0, 3: 1, 4: 1}
"""Customers' accounts with their cohort; 2 and 4 belong to colluding payees."""
ABROAD = {5: 0, 6: 0}
"""Accounts in euro with their cohort, which has others in kroner: what they pay counts against the same limit."""
SETTLEMENT, SUSPENSE, LOSS, SETTLEMENT_EUR = 100, 101, 102, 103
RATES = ("0.8", "0.5", "0.25")
"""What one krone is worth in euro: a euro is at least LEAST_WORTH kroner, whatever list holds."""
LEAST_WORTH = Fraction(5, 4)
DAY = date(2026, 3, 2)
OPENING_MINOR = 200
LIMIT_MINOR = 300
"""The spare bank's exposure for one cohort: what its customers may overspend, over any number of outages."""
Content = tuple[uuid.UUID, int, int, int]


def content_of(payment: Payment) -> Content:
    """A payment's id with what makes it this payment."""
    return payment.id, payment.debit, payment.credit, payment.amount_minor


class Town:
    """One run's world outside the processes."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.register: ModelRegister | None = ModelRegister(
            [Row(cohort, Mode.PRIMARY, FIRST_EPOCH) for cohort in range(COHORTS)]
        )
        self.payments: dict[uuid.UUID, Payment] = {}
        self.told: dict[Content, set[str]] = {}
        self.orders: list[tuple[float, Payment]] = []
        self.returned: list[tuple[Row, int]] = []
        self.rebuilding: tuple[Node, int] | None = None
        self.dirty = True
        self.rate = RATES[0]
        """The rate that was told last."""

    def lock_rebuild(self, door: Node) -> bool:
        """One door at a time makes the register anew; a killed one's lock is free (the system's file lock)."""
        holder = self.rebuilding
        if holder is not None and holder[0].life == holder[1] and holder[0].up and holder[0] is not door:
            return False
        self.rebuilding = (door, door.life)
        return True

    def unlock_rebuild(self, door: Node, life: int) -> None:
        """Give the lock back; what a killed process leaves behind gives back nothing of anybody else's."""
        if self.rebuilding is not None and self.rebuilding[0] is door and self.rebuilding[1] == life:
            self.rebuilding = None

    def payment(self, kind: str, way: tuple[int, int], amount: int, ident: uuid.UUID, cause: str) -> Payment:
        """A payment of somebody (way: from, to), kept by its id (the first content of an id, when several claim it)."""
        debit, credit = way
        cohort = ACCOUNTS.get(debit, ACCOUNTS.get(credit, 0))
        currency = "EUR" if {debit, credit} & set(ABROAD) else "NOK"
        made = Payment(ident, debit, credit, amount, currency, kind, DAY, cohort, cause, "", "", "", debit)
        self.payments.setdefault(ident, made)
        return made

    def plan_order(self, at: float, debit: int, credit: int, amount: int) -> None:
        """A standing order that falls due at an instant."""
        number = len(self.orders) + 1
        ident = ids.order_payment_id(number, DAY)
        self.orders.append((at, self.payment("order", (debit, credit), amount, ident, f"order:{number}")))

    def orders_due(self, now: float) -> list[Payment]:
        """Orders whose time has come."""
        return [payment for at, payment in self.orders if at <= now]

    def tell(self, payment: Payment, what: str, by: str) -> None:
        """Somebody was told how this payment ended: done or refused."""
        said = self.told.setdefault(content_of(payment), set())
        if what not in said:
            self.kernel.tell(f"{by}: {payment.id.hex[:6]} ({payment.amount_minor} from {payment.debit}) is {what}")
        said.add(what)
        self.dirty = True

    def final(self, payment: Payment) -> bool:
        """Whether its sender knows how it ended; another content under its id is answered, but is no outcome."""
        return bool(self.told.get(content_of(payment)))

    def changed_rows(self, rows: Sequence[Row], position: int) -> None:
        """Rows just written; those that returned to the primary with the journal up to a position are checked (I10)."""
        self.returned += [(row, position) for row in rows if row.mode is Mode.PRIMARY and not row.forced]
        self.dirty = True

    def new_register(self, rows: list[Row]) -> None:
        """A register made anew."""
        self.register = ModelRegister(rows)
        self.dirty = True

    def opening(self) -> list[AccountChange]:
        """All accounts, as the books open them."""
        own = [(SETTLEMENT, "settlement"), (SUSPENSE, "suspense"), (LOSS, "loss")]
        return [
            *(AccountChange(a, "2000", "NOK", "credit", 0, 0, cohort) for a, cohort in ACCOUNTS.items()),
            *(AccountChange(a, "2000", "EUR", "credit", 0, 0, cohort) for a, cohort in ABROAD.items()),
            AccountChange(SETTLEMENT_EUR, "settlement:EUR", "EUR", "credit", -(10**15), 0, 0),
            *(AccountChange(number, name, "NOK", "credit", -(10**15), 0, 0) for number, name in own),
        ]

    def facts(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The profile as the spare bank has it."""
        spare = {"per_payment_minor": 10_000, "per_day_minor": 100_000, "payments_per_minute_max": 1000}
        limits = {
            "normal": spare, "spare": spare, "spare_cohort_minor": LIMIT_MINOR,
            "spare_total_minor": LIMIT_MINOR * COHORTS,
        }  # fmt: skip
        bank = {
            "name": "Town", "currency": "NOK", "business_date": DAY.isoformat(), "day_offset": 0,
            "settlement": SETTLEMENT, "suspense": SUSPENSE, "loss": LOSS,
        }  # fmt: skip
        people: Iterable[tuple[str, str, dict[str, Any]]] = (
            (
                "customer",
                str(account),
                {"name": "x", "username": f"u{account}", "cohort": cohort, "accounts": [account], "verifier": ""},
            )
            for account, cohort in [*ACCOUNTS.items(), *ABROAD.items()]
        )
        return [("limits", "limits", limits), ("bank", "bank", bank), self.rate_fact(), *people]

    def rate_fact(self) -> tuple[str, str, dict[str, Any]]:
        """The euro's rate as the spare bank is told it."""
        return "rate", "EUR", {"rate": self.rate, "until": DAY.isoformat()}

    def balances_at(self, blocks: Sequence[Block]) -> dict[int, int]:
        """Balances on the normal side (all accounts here are credit accounts) after these blocks."""
        out = dict.fromkeys([*ACCOUNTS, *ABROAD, SETTLEMENT, SUSPENSE, LOSS, SETTLEMENT_EUR], 0)
        for block in blocks:
            for item in block.items:
                if isinstance(item, Transfer):
                    out[item.debit] -= item.amount_minor
                    out[item.credit] += item.amount_minor
        return out

    def garble(self, wires: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What travels may arrive changed; receivers must notice."""
        if self.kernel.calm or not wires or self.kernel.random.random() >= self.kernel.corrupt_share:
            return wires
        changed = copy.deepcopy(wires)
        victim = self.kernel.random.choice(changed)
        items = victim.get("items") or []
        amounts = [item for item in items if "amount_minor" in item]
        if amounts:
            amounts[0]["amount_minor"] += 1
        elif "payment" in victim.get("body", {}):
            victim["body"]["payment"]["amount_minor"] += 1
        else:
            victim["at_us"] += 1
        return changed
