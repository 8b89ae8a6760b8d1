"""People, their sessions, and the hash-chained log of what they did."""

from django.db import models

ROLES = ("responder", "communicator", "support", "manager", "auditor")


class Person(models.Model):
    """A member of staff with one role."""

    username = models.CharField(max_length=64, primary_key=True)
    name = models.TextField()
    role = models.CharField(max_length=16)
    verifier = models.TextField()


class StaffAuthenticator(models.Model):
    """What a member of staff shows beside the password. sealed: the secret under a key apart from the database; step:
    the last one whose code was used (RFC 6238's T); salt: of the recovery codes, hex; waiting: a new secret, sealed,
    until its first code was right."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="authenticator")
    sealed = models.TextField()
    made_at = models.DateTimeField()
    step = models.BigIntegerField(default=0)
    salt = models.CharField(max_length=64, default="")
    waiting = models.TextField(default="")
    waiting_since = models.DateTimeField(null=True)


class StaffRecoveryCode(models.Model):
    """The digest of one recovery code (contracts.factors)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "digest"], name="staff_recovery_once"),)


class StaffPasskey(models.Model):
    """A passkey. id, public_key: base64url, as in contracts.factors."""

    id = models.CharField(max_length=1400, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="passkeys")
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class StaffChallenge(models.Model):
    """A challenge of ours that a passkey has answered (contracts.factors.challenge_text)."""

    text = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()


class StaffSession(models.Model):
    """A logged-in browser; the cookie's value is kept only as its SHA-256. proved_at: when its person last showed who
    they are; agent: what the browser calls itself."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    agent = models.CharField(max_length=200, default="")


class StaffAction(models.Model):
    """One action; `hash` covers it and the hash before it. Never updated or deleted (a trigger says so)."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=64)
    role = models.CharField(max_length=16)
    what = models.CharField(max_length=64)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)


class LogHead(models.Model):
    """The log's last number and hash: its lock, and what shows that the tail was cut. A single row."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
