"""Price lists, what accrued, what was booked for a period, how far the end of a day is, and loans."""

from django.db import models

from holdfast.bank.sealed.fields import SealedText


class PriceVersion(models.Model):
    """One version of the price list; body is what engine/prices.py reads. Versions are added, never changed."""

    version = models.CharField(max_length=20, unique=True)
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    body = models.JSONField()
    asked_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    why = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "price_list"
        constraints = (models.UniqueConstraint(fields=["currency", "valid_from"], name="price_list_once_a_day"),)

    def __str__(self) -> str:
        return f"price list {self.version}"


class Accrual(models.Model):
    """Interest of the period that runs, from its first day through a day, in grains (engine/interest.py): computed anew
    from the books at the end of each day, so that it holds what came late as well."""

    account = models.BigIntegerField()
    rule = models.CharField(max_length=12)
    first = models.DateField()
    through = models.DateField()
    grains = models.DecimalField(max_digits=40, decimal_places=0)

    class Meta:
        """Where it is stored."""

        db_table = "accrual"
        constraints = (models.UniqueConstraint(fields=["account", "rule", "first"], name="accrual_once"),)

    def __str__(self) -> str:
        return f"{self.rule} of account {self.account} since {self.first}"


class Booking(models.Model):
    """What one rule came to for an account and a period, with its calculation. Decided first, then booked under this
    id; ended: "" (to be booked), `booked`, or why the books refused it. amount_minor: positive for the customer.
    nth: 0, or which correction of that period it is; until: the day on which it is of value."""

    id = models.UUIDField(primary_key=True)
    account = models.BigIntegerField()
    cohort = models.IntegerField()
    rule = models.CharField(max_length=12)
    first = models.DateField()
    nth = models.IntegerField(default=0, db_default=0)
    until = models.DateField()
    version = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    calculation = models.JSONField()
    ended = models.CharField(max_length=30, blank=True)
    decided = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "charge_booking"
        constraints = (
            models.UniqueConstraint(fields=["account", "rule", "first", "nth"], name="charge_once_a_period"),
        )
        indexes = (models.Index(fields=["id"], name="charge_to_be_booked", condition=models.Q(ended="")),)

    def __str__(self) -> str:
        return f"{self.rule} of account {self.account} for {self.first}"


class DayEnd(models.Model):
    """How far the end of one of the bank's days is. state: `running`, `waiting` (for the groups in `left`, which the
    spare bank serves), `done`. after: the last account of this round; only: the groups of this round, null for all;
    sums: by rule and period, what was decided: [grains, minor units as booked]; accounts: how many were looked at;
    place: the last place in the books when it began: up to there entries for closed periods are looked for; late: the
    last account of those that were corrected."""

    day = models.DateField(primary_key=True)
    state = models.CharField(max_length=10, default="running")
    after = models.BigIntegerField(default=0)
    only = models.JSONField(null=True)
    left = models.JSONField(default=list)
    sums = models.JSONField(default=dict)
    accounts = models.IntegerField(default=0)
    decided = models.IntegerField(default=0)
    place = models.BigIntegerField(default=0, db_default=0)
    late = models.BigIntegerField(default=0, db_default=0)
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "day_end"
        indexes = (models.Index(fields=["day"], name="day_end_open", condition=~models.Q(state="done")),)

    def __str__(self) -> str:
        return f"end of {self.day}"


class Loan(models.Model):
    """A loan as agreed; its principal stands on a books' account of its own (loans.loan_account). account: the current
    account that instalments come from; paid: how many were; next_pay_on: the next one's banking day, null when paid
    back; late_since: the first day after that on which it was found without cover. form: the request that opened it.
    repaid: the day on which the whole was paid back early; extras: how many parts were, beside the plan; repaying: the
    early repayment that is decided and not booked yet, until which no instalment is decided."""

    form = models.UUIDField(unique=True)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    cohort = models.IntegerField()
    title = SealedText()
    currency = models.CharField(max_length=3)
    principal_minor = models.BigIntegerField()
    rate_ppm = models.IntegerField()
    count = models.CharField(max_length=8)
    plan = models.CharField(max_length=8)
    paid_out = models.DateField()
    first_due = models.DateField()
    instalments = models.IntegerField()
    instalment_fee_minor = models.BigIntegerField()
    version = models.CharField(max_length=20)
    paid = models.IntegerField(default=0)
    next_pay_on = models.DateField(null=True)
    late_since = models.DateField(null=True)
    repaid = models.DateField(null=True)
    extras = models.IntegerField(default=0, db_default=0)
    repaying = models.UUIDField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "loan"
        indexes = (
            models.Index(fields=["customer"], name="loan_customer"),
            models.Index(fields=["next_pay_on"], name="loan_next", condition=models.Q(next_pay_on__isnull=False)),
        )

    def __str__(self) -> str:
        return f"loan {self.id}"


class LoanPayment(models.Model):
    """One instalment as it was collected on `day`: decided first, then booked under this id, then split. state:
    `decided`, `booked`, `split`, `refused` (not covered after all: decided anew later, under another id). late_since:
    the loan's, when it was decided; null when it was in time."""

    id = models.UUIDField(primary_key=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    number = models.IntegerField()
    day = models.DateField()
    interest_minor = models.BigIntegerField()
    principal_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    late_interest_minor = models.BigIntegerField()
    late_fee_minor = models.BigIntegerField()
    version = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    late_since = models.DateField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "loan_payment"
        constraints = (
            models.UniqueConstraint(
                fields=["loan", "number"], name="instalment_once", condition=~models.Q(state="refused")
            ),
        )
        indexes = (
            models.Index(fields=["id"], name="instalment_open", condition=models.Q(state__in=["decided", "booked"])),
            models.Index(fields=["day"], name="instalment_refused", condition=models.Q(state="refused")),
        )

    @property
    def total_minor(self) -> int:
        """What is taken from the account."""
        return (
            self.interest_minor + self.principal_minor + self.fee_minor + self.late_interest_minor + self.late_fee_minor
        )

    def __str__(self) -> str:
        return f"instalment {self.number} of loan {self.loan_id}"


class Repayment(models.Model):
    """A loan paid back early, whole or in part, on `day`: decided first, then booked under this id as one linked group.
    form: the request's id; paid, extras: where the loan stood; principal_minor: of it, what of the principal is paid
    back; fee_minor: for paying early, and of instalments that were due. state: `decided`, `booked`, `refused` (see
    reason)."""

    id = models.UUIDField(primary_key=True)
    form = models.UUIDField(unique=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    customer = models.BigIntegerField()
    day = models.DateField()
    whole = models.BooleanField()
    paid = models.IntegerField()
    extras = models.IntegerField()
    late_since = models.DateField(null=True)
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    late_interest_minor = models.BigIntegerField()
    late_fee_minor = models.BigIntegerField()
    version = models.CharField(max_length=20)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=30, blank=True)
    asked = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "loan_repayment"
        constraints = (
            models.UniqueConstraint(
                fields=["loan"], name="loan_repaid_once", condition=models.Q(whole=True) & ~models.Q(state="refused")
            ),
        )
        indexes = (models.Index(fields=["id"], name="repayment_open", condition=models.Q(state="decided")),)

    @property
    def total_minor(self) -> int:
        """What is taken from the account."""
        late_minor = self.late_interest_minor + self.late_fee_minor
        return self.principal_minor + self.interest_minor + self.fee_minor + late_minor

    def __str__(self) -> str:
        return f"early repayment of loan {self.loan_id}"
