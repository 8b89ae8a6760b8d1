"""Reviews of charges with what they give, and customers' claims for what others charged them."""

import base64

from django.db import models

from holdfast.bank.sealed.fields import SealedJson, SealedText

OPEN_STATES = ("computing", "ready", "giving")


class Review(models.Model):
    """A review of what an incident made customers pay: of charges from `since` (on the bank's own day first_day) to the
    day `until`. without_from, without_to: the longest time in which no bank served, null for none; cohorts: the groups
    that it concerned, null for all.

    state: `computing`, `ready` (waits for the second person), `giving` (decided, being booked), `given`, or `dropped`.
    Of open ones there is one at a time: only then is what it computes still so when it is booked. phase, after, inside:
    how far the computing is (computing.PHASES, the last id done, and of blocks the last item); figures: by kind
    how many and how much, once it is computed. rules: the version of the rules of compensation.
    """

    number = models.BigAutoField(primary_key=True)
    incident = models.CharField(max_length=80)
    since = models.DateTimeField()
    first_day = models.DateField()
    until = models.DateField()
    without_from = models.DateTimeField(null=True)
    without_to = models.DateTimeField(null=True)
    cohorts = models.JSONField(null=True)
    state = models.CharField(max_length=10, default="computing")
    phase = models.IntegerField(default=0)
    after = models.BigIntegerField(default=0)
    inside = models.IntegerField(default=0)
    figures = models.JSONField(default=dict)
    rules = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    one = models.SmallIntegerField(default=1)

    class Meta:
        """Where it is stored."""

        db_table = "redress_review"
        constraints = (
            models.UniqueConstraint(fields=["one"], condition=models.Q(state__in=OPEN_STATES), name="one_open_review"),
        )

    def __str__(self) -> str:
        return f"review {self.number}"


class Tried(models.Model):
    """A payment that was refused for a reason of the bank's, as a review found it. day: the bank's day on which it was
    tried; block: where the refusal stands in the books. made_seq, made_on: place and value date of the transfer that
    made it after all, null for never. state: `found`; `counts`; `again` (one more try of the same); `not_covered`
    (the account had not the money); `in_time` (made on its day after all)."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    payment = models.UUIDField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    day = models.DateField()
    block = models.BigIntegerField()
    reason = models.CharField(max_length=30)
    made_seq = models.BigIntegerField(null=True)
    made_on = models.DateField(null=True)
    state = models.CharField(max_length=12, default="found")

    class Meta:
        """Where it is stored."""

        db_table = "redress_tried"
        constraints = (models.UniqueConstraint(fields=["review", "payment"], name="tried_once_a_review"),)
        indexes = (
            models.Index(fields=["debit", "review"], name="tried_debit"),
            models.Index(fields=["credit", "review"], name="tried_credit"),
        )

    def __str__(self) -> str:
        return f"tried payment {self.payment}"


class Given(models.Model):
    """What a review gives one customer, with its calculation. kind: `late_order`, `late_instalment` (of: the charge or
    instalment), `charges` (interest and fees of periods) or `rule:NAME` (compensation). payment: the id under which it
    is booked. charged_minor, would_minor: what it was and would have been; amount_minor: what is given. period: what it
    is for, as its cause in the books names it. ended: "" (not booked yet), `booked`, `aside` (at the suspense account,
    as the account takes no money), `before` (by another deed meanwhile), `refused`."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(Review, on_delete=models.CASCADE)
    payment = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=40)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    cohort = models.IntegerField()
    currency = models.CharField(max_length=3)
    charged_minor = models.BigIntegerField()
    would_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    period = models.CharField(max_length=80)
    of = models.UUIDField(null=True)
    calculation = SealedJson()
    ended = models.CharField(max_length=10, blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "redress_given"
        constraints = (models.UniqueConstraint(fields=["review", "payment"], name="given_once_a_review"),)
        indexes = (
            models.Index(fields=["customer"], name="given_customer"),
            models.Index(fields=["review", "id"], name="given_open", condition=models.Q(ended="")),
        )

    def __str__(self) -> str:
        return f"{self.kind} for customer {self.customer}"


class Claim(models.Model):
    """What somebody else charged a customer because of an outage; a case from the moment it is made (cases/).

    id: the form's, so that it sent again makes no second one. by_whom, what: as the customer writes them; amount_minor,
    currency: as it was charged; day: when; account: where the money is wanted. incident: the outage of that day, "" for
    none; confirmation: what the bank confirms of it, signed (contracts.confirmation), "" for nothing. answer: what the
    customer was told in the end; paid_minor: in the account's currency.
    """

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    account_currency = models.CharField(max_length=3)
    by_whom = SealedText()
    what = SealedText()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    incident = models.CharField(max_length=80, blank=True)
    confirmation = SealedText(blank=True)
    file_name = SealedText()
    file_type = models.CharField(max_length=20)
    file_bytes = models.IntegerField()
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    answer = SealedText(blank=True)
    paid_minor = models.BigIntegerField(default=0)

    class Meta:
        """Where it is stored."""

        db_table = "redress_claim"
        indexes = (models.Index(fields=["customer", "-number"], name="claim_customer"),)

    def __str__(self) -> str:
        return f"claim {self.number}"


class ProofPiece(models.Model):
    """A piece of the file that proves a claim; pieces, so that no row is large when all are sealed anew."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE)
    place = models.IntegerField()
    content = SealedText()

    class Meta:
        """Where it is stored."""

        db_table = "redress_proof"
        constraints = (models.UniqueConstraint(fields=["claim", "place"], name="proof_piece_once"),)

    @property
    def raw(self) -> bytes:
        """The bytes of the piece."""
        return base64.b64decode(self.content)

    def __str__(self) -> str:
        return f"piece {self.place} of claim {self.claim_id}"
