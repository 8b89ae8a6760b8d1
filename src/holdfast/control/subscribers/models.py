"""Who follows the status page, and who asked for it lately. Addresses are sealed, and gone when a subscription ends."""

from django.db import models


class Subscriber(models.Model):
    """One subscription.

    state: waiting (nobody has confirmed the address) or confirmed. mark: by which the address is found again, of its
    channel; sealed: {"address", "key", "code"} (sealed.py); key_digest, code_digest: SHA-256 of what its owner shows,
    code_digest "" once it was used. components: empty for all. refusals: how often in a row its address was refused.
    """

    channel = models.CharField(max_length=8)
    mark = models.CharField(max_length=22)
    sealed = models.TextField()
    key_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64, default="")
    components = models.JSONField(default=list)
    language = models.CharField(max_length=8)
    state = models.CharField(max_length=10, default="waiting")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    refusals = models.SmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["channel", "mark"], name="one_subscription_an_address"),
            models.UniqueConstraint(
                fields=["code_digest"], condition=~models.Q(code_digest=""), name="one_subscription_a_code"
            ),
        )
        indexes = (models.Index(fields=["expires_at"], name="subscriber_expires"),)


class Asked(models.Model):
    """A confirmation that was asked for, kept for a day to limit the next. The marks tell nothing without the key:
    address: of the address; network, around: of the asker's network and of the larger one around it."""

    at = models.DateTimeField(db_index=True)
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=22)
    network = models.CharField(max_length=22)
    around = models.CharField(max_length=22)


class Turn(models.Model):
    """One row, locked by whoever counts what was asked for, so that a flood is counted one by one."""

    id = models.SmallIntegerField(primary_key=True)
