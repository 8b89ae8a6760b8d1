"""The outbox: each mail with what became of it."""

from django.db import models

from holdfast.bank.sealed.fields import MarkedText, SealedText

WAITING, SENDING, SENT, FAILED = "waiting", "sending", "sent", "failed"


class Mail(models.Model):
    """One mail. notice: the folder of its text; body: "" once it was sent or given up; due: not before then;
    maybe_twice: the sender died while it was on its way; customer: null for somebody who is none yet."""

    customer = models.BigIntegerField(null=True)
    email = MarkedText()
    language = models.CharField(max_length=8)
    notice = models.CharField(max_length=32)
    subject = SealedText()
    body = SealedText()
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=8, default=WAITING)
    attempts = models.IntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    maybe_twice = models.BooleanField(default=False)
    error = SealedText(blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "mail"
        indexes = (
            models.Index(fields=["due"], name="mail_due", condition=models.Q(state="waiting")),
            models.Index(fields=["customer", "created"], name="mail_customer"),
        )

    def __str__(self) -> str:
        return f"mail {self.pk}, {self.notice}"
