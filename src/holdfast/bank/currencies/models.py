"""Lists of exchange rates."""

from django.db import models

from holdfast.bank.currencies.converting import OWN_RATE, Terms


class RateList(models.Model):
    """The rates of one day, as two people decided them; added, never changed. rates: currency to what one unit of the
    bank's own currency is worth in it, as decimal text; margin_ppm: the bank's part, in millionths."""

    version = models.CharField(max_length=20, unique=True)
    own = models.CharField(max_length=3)
    day = models.DateField()
    rates = models.JSONField()
    margin_ppm = models.IntegerField()
    asked_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    why = models.CharField(max_length=300, blank=True)
    made = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "rate_list"

    def terms(self, sold: str, bought: str) -> Terms | None:
        """By what two currencies are exchanged; None when the list has no rate of one of them, or they are one."""
        known = {sold, bought} <= {self.own, *self.rates}
        return self.between(sold, bought) if known and sold != bought else None

    def between(self, sold: str, bought: str) -> Terms:
        """As terms, of two currencies that the list is known to have."""
        rates = {**self.rates, self.own: OWN_RATE}
        return Terms(self.version, sold, bought, rates[sold], rates[bought], self.margin_ppm)

    def __str__(self) -> str:
        return f"rates {self.version}"
