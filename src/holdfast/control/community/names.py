"""What customers are called in the community: a name that was made up for them, or one that they chose.

A name never holds the customer's own, nor a number; two that look alike are one name.
"""

import secrets
import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction

from holdfast.contracts.community import NAME_MAX, Refused
from holdfast.control.care.models import Customer
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Member

HOW = (
    "Quiet", "Early", "Kind", "Brisk", "Calm", "Bright", "Merry", "Patient", "Steady", "Curious", "Gentle", "Bold",
    "Warm", "Swift", "Honest", "Cheerful",
)  # fmt: skip
WHAT = (
    "Otter", "Puffin", "Birch", "Lynx", "Heron", "Fjord", "Cloudberry", "Reindeer", "Seal", "Rowan", "Owl", "Fox",
    "Heather", "Salmon", "Hare", "Lighthouse",
)  # fmt: skip
TRIES_MAX = 20
LETTERS_MIN = 3
OWN_PART_MIN = 3
"""Shorter parts of the customer's own name stand in many words."""
NEVER = ("bank", "staff", "support", "admin", "ansatt")
"""Who would be taken for the bank."""


def member(customer: int, now: datetime) -> Member:
    """The customer as others see them, locked until the caller's transaction ends; made at the first time."""
    found = Member.objects.select_for_update().filter(customer=customer).first()
    if found is not None:
        return found
    for _ in range(TRIES_MAX):
        name = f"{secrets.choice(HOW)} {secrets.choice(WHAT)} {secrets.token_hex(2)}"
        try:
            with transaction.atomic():
                Member.objects.create(customer=customer, name=name, plain_name=plain(name), made_at=now)
        except IntegrityError:  # the name is taken, or the same customer came by another way at this moment
            pass
        found = Member.objects.select_for_update().filter(customer=customer).first()
        if found is not None:
            return found
    raise NotTaken(Refused.OFTEN)


def plain(name: str) -> str:
    """A name as names are compared: without case, marks and blanks (Unicode's compatibility form)."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(one for one in apart if one.isalnum())[:NAME_MAX]


@transaction.atomic
def rename(customer: int, typed: str, now: datetime) -> None:
    """Take another name. Raises NotTaken for one that is taken, empty, too long, or says who they are."""
    name = " ".join("".join(one for one in typed if one.isprintable()).split())
    if len(name) > NAME_MAX:
        raise NotTaken(Refused.LONG)
    compared = plain(name)
    letters = all(one.isalpha() or one in " -'’." for one in name)
    if len(compared) < LETTERS_MIN or not letters or any(plain(one) in compared for one in NEVER):
        raise NotTaken(Refused.NAME)
    own = Customer.objects.filter(id=customer).values_list("name", flat=True).first() or ""
    parts = [plain(part) for part in own.replace("-", " ").split()]
    if any(part in compared for part in parts if len(part) >= OWN_PART_MIN):
        raise NotTaken(Refused.NAME)
    one = member(customer, now)
    one.name, one.plain_name = name, compared
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as error:
        raise NotTaken(Refused.TAKEN) from error
