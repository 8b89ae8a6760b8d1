"""Standing orders, what became of each, the price list, charges and refunds."""

import json
from typing import Any

from django.db import models

from holdfast.bank.sealed.fields import SealedText


class Plan(models.Model):
    """What a customer ordered: amount_minor from debit to credit on `first`, and again by its rhythm until `until`.

    Each time it falls it becomes an Order, ahead of its day; number: how many did, next_due: the banking day of the
    next one (null: there is none). state: `active`; `waiting`: it takes the place of the plan `replaces` once that has
    ended; `ending`: being cancelled; `ended`; `dropped`: the one to be replaced was paid already. form: the id of the
    form that made it, so that the form sent again makes it once.
    """

    cohort = models.IntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = SealedText()
    payee = SealedText()
    text = SealedText(blank=True)
    kind = models.CharField(max_length=20)
    rhythm = models.CharField(max_length=10)
    first = models.DateField()
    until = models.DateField(null=True)
    number = models.IntegerField(default=0)
    next_due = models.DateField(null=True)
    state = models.CharField(max_length=10)
    replaces = models.BigIntegerField(null=True)
    form = models.UUIDField(null=True, unique=True)
    made = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "order_plan"
        indexes = (
            models.Index(fields=["debit"], name="plan_debit"),
            models.Index(
                fields=["next_due"],
                name="plan_next",
                condition=models.Q(state="active", next_due__isnull=False),
            ),
            models.Index(fields=["id"], name="plan_ending", condition=models.Q(state="ending")),
            models.Index(fields=["replaces"], name="plan_replaces"),
        )

    def __str__(self) -> str:
        return f"plan {self.id}"


class Order(models.Model):
    """A standing order: amount_minor from debit to credit on the day `due`; kind says what it is for (`rent`).

    plan, number: whose it is, the how many-th time. cancel_asked: from then on it is not run here; cancelled: it was
    told that it is never paid.
    """

    id = models.BigIntegerField(primary_key=True)
    cohort = models.IntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = SealedText()
    payee = SealedText()
    text = SealedText(blank=True)
    kind = models.CharField(max_length=20)
    due = models.DateField()
    plan = models.BigIntegerField(null=True)
    number = models.IntegerField(null=True)
    cancel_asked = models.DateTimeField(null=True)
    cancelled = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "standing_order"
        constraints = (models.UniqueConstraint(fields=["plan", "number"], name="order_of_plan_once"),)
        indexes = (
            models.Index(fields=["due", "id"], name="order_due"),
            models.Index(fields=["debit"], name="order_debit"),
        )

    def __str__(self) -> str:
        return f"order {self.id}"


class OrderRun(models.Model):
    """Orders due on `date` run from the instant `at` on, at whichever bank serves."""

    date = models.DateField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "order_run"

    def __str__(self) -> str:
        return f"order run {self.date}"


class Execution(models.Model):
    """What became of one order on one day. state: `done`, `refused` (see reason, source), `late` (the second
    attempt was booked); at: when it was booked or refused; retried: the second attempt was made."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    due = models.DateField()
    payment = models.UUIDField(unique=True)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=30, blank=True)
    source = models.CharField(max_length=8, blank=True)
    block = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    retried = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)

    class Meta:
        """Where it is stored."""

        db_table = "execution"
        constraints = (models.UniqueConstraint(fields=["order", "due"], name="execution_once"),)
        indexes = (models.Index(fields=["id"], name="execution_open", condition=models.Q(settled=False)),)

    def __str__(self) -> str:
        return f"order {self.order_id} on {self.due}"


class Price(models.Model):
    """A line of the price list: the amount of a rule from a date on. Lines are added, never changed."""

    rule = models.CharField(max_length=30)
    version = models.CharField(max_length=20)
    valid_from = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    words = models.CharField(max_length=140)

    class Meta:
        """Where it is stored."""

        db_table = "price"
        constraints = (models.UniqueConstraint(fields=["rule", "currency", "valid_from"], name="price_once"),)

    def __str__(self) -> str:
        return f"{self.rule} from {self.valid_from}"


class Charge(models.Model):
    """A charge that was booked, by the line of the price list that was in force."""

    id = models.UUIDField(primary_key=True)
    execution = models.OneToOneField(Execution, on_delete=models.PROTECT)
    account = models.BigIntegerField()
    cohort = models.IntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    price = models.ForeignKey(Price, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "charge"
        indexes = (models.Index(fields=["account"], name="charge_account"),)

    def __str__(self) -> str:
        return f"charge {self.id}"


class Refund(models.Model):
    """A charge given back, with its calculation: as it happened, as it would have been, the difference.

    charge: what was charged, or instalment: the loan's instalment or early repayment that was late. would_have_been
    holds the calculation's figures as JSON, so that pages say them in the customer's language; in refunds of before
    there were two languages it is a sentence."""

    id = models.UUIDField(primary_key=True)
    incident = models.CharField(max_length=80)
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, null=True)
    instalment = models.UUIDField(null=True, unique=True)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    charged_minor = models.BigIntegerField()
    would_have_been_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    happened = SealedText()
    would_have_been = SealedText()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "refund"
        indexes = (models.Index(fields=["account"], name="refund_account"),)

    def came_late_minor(self) -> int | None:
        """What came in for the order's day too late, in minor units; None when only a sentence was kept."""
        try:
            return int(json.loads(self.would_have_been)["came_late_minor"])
        except (ValueError, TypeError, KeyError):
            return None

    def figures(self) -> dict[str, Any]:
        """The calculation's figures; none of a refund that was kept as a sentence."""
        try:
            kept = json.loads(self.would_have_been)
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    def cover(self) -> tuple[int, int, int] | None:
        """(what came late, what there would have been, what was needed), in minor units; None when not all was kept."""
        try:
            kept = json.loads(self.would_have_been)
            return int(kept["came_late_minor"]), int(kept["available_minor"]), int(kept["needed_minor"])
        except (ValueError, TypeError, KeyError):
            return None

    def __str__(self) -> str:
        return f"refund {self.id}"
