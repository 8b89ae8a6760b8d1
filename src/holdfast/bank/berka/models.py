"""What begins on a later day than the bank's."""

from django.db import models

from holdfast.bank.sealed.fields import SealedJson


class Waiting(models.Model):
    """An `account` that is opened, or an `order` of such an account, on a later day; body is what will be opened."""

    kind = models.CharField(max_length=10)
    ident = models.BigIntegerField()
    begins = models.DateField()
    body = SealedJson()

    class Meta:
        """Where it is stored."""

        db_table = "waiting"
        constraints = (models.UniqueConstraint(fields=["kind", "ident"], name="waiting_once"),)
        indexes = (models.Index(fields=["begins"], name="waiting_begins"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.ident} waits until {self.begins}"
