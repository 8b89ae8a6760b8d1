"""Files of payments, and their lines."""

from django.db import models

from holdfast.bank.sealed.fields import SealedText


class PaymentFile(models.Model):
    """A file that a customer sent. state: `checked`: it waits for the customer's confirmation; `confirmed`: it is being
    carried out; `done`: each line has its end. digest: SHA-256 of the file, hex; name: what the customer's device
    calls it; version: the message's (`pain.001.001.09`); customer 0: the clearing brought it.
    """

    id = models.UUIDField(primary_key=True)
    customer = models.BigIntegerField()
    cohort = models.IntegerField()
    message_id = models.CharField(max_length=35)
    version = models.CharField(max_length=20)
    name = SealedText()
    digest = models.CharField(max_length=64)
    payer = SealedText()
    state = models.CharField(max_length=10)
    made = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "payment_file"
        indexes = (
            models.Index(fields=["customer", "made"], name="payment_file_customer"),
            models.Index(fields=["confirmed"], name="payment_file_open", condition=models.Q(state="confirmed")),
        )

    def __str__(self) -> str:
        return f"file {self.id}"


class FileLine(models.Model):
    """One line. state: `bad`: it is never paid, problem or reason says why; `open`: not carried out yet; `sent`: the
    books know it under `payment`; `planned`: it is a payment to come, made by the form `payment`.

    number counts from 1; debit and credit: accounts (credit 0: none is known), to_number: as the file writes it;
    checked: how the name compared with the owners' (guard.NameCheck), "" without a name; problem: the end of a key of
    the texts files.line_…, "" for none; payroll: wages within the account's payroll limit.
    """

    file = models.ForeignKey(PaymentFile, on_delete=models.CASCADE)
    number = models.IntegerField()
    payment = models.UUIDField()
    block = SealedText()
    end_to_end_id = SealedText()
    due = models.DateField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    to_number = models.CharField(max_length=34)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payee = SealedText()
    text = SealedText(blank=True)
    purpose = models.CharField(max_length=4, blank=True)
    checked = models.CharField(max_length=12, blank=True)
    near_name = SealedText(blank=True)
    state = models.CharField(max_length=10)
    problem = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    payroll = models.BooleanField(default=False, db_default=False)

    class Meta:
        """Where it is stored."""

        db_table = "file_line"
        constraints = (models.UniqueConstraint(fields=["file", "number"], name="file_line_once"),)
        indexes = (
            models.Index(fields=["payment"], name="file_line_payment"),
            models.Index(fields=["debit"], name="file_line_debit"),
        )

    def __str__(self) -> str:
        return f"line {self.number} of file {self.file_id}"


class PayrollLimit(models.Model):
    """What an employer may pay in wages out of this account in a calendar month, in minor units of the account's
    currency: agreed beforehand, set by two people."""

    account = models.BigIntegerField(primary_key=True)
    limit_minor = models.BigIntegerField()
    asked_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    changed = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "payroll_limit"

    def __str__(self) -> str:
        return f"payroll limit of account {self.account}"
