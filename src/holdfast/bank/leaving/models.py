"""Accounts that two of staff close for their holders."""

from django.db import models
from django.db.models import Q

from holdfast.bank.sealed.fields import SealedText


class StaffClosing(models.Model):
    """One closing that two people ordered. order: from the console, so that sending it again makes no second one; to,
    amount_minor: what was left and the account that it is paid to, 0 where nothing was; ended: null while it is under
    way; closed: how it ended; words: of what stood in the way, for staff."""

    order = models.UUIDField(primary_key=True)
    account = models.BigIntegerField()
    to = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    why = SealedText()
    asked_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    began = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)
    closed = models.BooleanField(default=False)
    words = models.CharField(max_length=300, default="")

    class Meta:
        """Where it is stored."""

        db_table = "staff_closing"
        constraints = (
            models.UniqueConstraint(fields=["account"], condition=Q(ended=None), name="staff_closing_one_at_a_time"),
        )

    def __str__(self) -> str:
        return f"closing of account {self.account}"
