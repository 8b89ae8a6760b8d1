"""Registrations and new passwords that wait for the code that was mailed."""

from django.db import models

from holdfast.bank.sealed.fields import MarkedText, SealedText, marked


class Registration(models.Model):
    """What somebody typed who wants to become a customer; gone after a day. digest: of the mailed
    code, "" when none was sent because the address has an account (no code fits then); tries: codes tried; names: names
    of login tried after the code was right; joined: it ended well, its words are gone; network: see
    contracts.networks."""

    token = models.CharField(max_length=32, primary_key=True)
    created = models.DateTimeField(auto_now_add=True)
    email = MarkedText()
    name = SealedText()
    username = SealedText()
    verifier = models.CharField(max_length=200)
    language = models.CharField(max_length=8)
    network = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)
    tries = models.IntegerField(default=0)
    names = models.IntegerField(default=0)
    joined = models.BooleanField(default=False)

    class Meta:
        """Where it is stored."""

        db_table = "registration"
        indexes = (
            models.Index(fields=["network", "created"], name="registration_network"),
            models.Index(marked("email"), "created", name="registration_email"),
        )

    def __str__(self) -> str:
        return f"registration of {self.created}"


class PasswordReset(models.Model):
    """Somebody who forgot a password; gone after a day. asked: the name of login or address that was typed; customer:
    whose it is, once the mail was written (mailed); code: until then; digest: of the code; tries: codes tried; done: a
    new password was chosen."""

    token = models.CharField(max_length=32, primary_key=True)
    created = models.DateTimeField(auto_now_add=True)
    asked = MarkedText()
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, null=True, db_index=False)
    network = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    code = SealedText(blank=True)
    digest = models.CharField(max_length=64)
    mailed = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    done = models.BooleanField(default=False)

    class Meta:
        """Where it is stored."""

        db_table = "password_reset"
        indexes = (
            models.Index(fields=["network", "created"], name="password_reset_network"),
            models.Index(marked("asked"), "created", name="password_reset_asked"),
            models.Index(fields=["created"], name="password_reset_waiting", condition=models.Q(mailed=None)),
        )

    def __str__(self) -> str:
        return f"new password asked for at {self.created}"
