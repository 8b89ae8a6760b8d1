"""Change the key that seals staff authenticators' secrets, while staff work; what is sealed is read by old and new."""

import time

from django.db import transaction

from holdfast.control.staff.factors import sealer
from holdfast.control.staff.models import StaffAuthenticator
from holdfast.signing.sealing import LOOK_S


def reseal(wait_s: float = 2 * LOOK_S) -> int:
    """Make a new key and seal every secret by it; how many. Raises NotSealed when one cannot be opened: then no key is
    forgotten. May be run again. wait_s: until each process has heard of the key."""
    sealer.add()
    time.sleep(wait_s)
    people = list(StaffAuthenticator.objects.values_list("person_id", flat=True))
    for person in people:
        with transaction.atomic():
            one = StaffAuthenticator.objects.select_for_update().select_related("person").get(person_id=person)
            owner = one.person.username
            one.sealed = sealer.seal(sealer.unseal(one.sealed, owner), owner)
            if one.waiting:
                one.waiting = sealer.seal(sealer.unseal(one.waiting, owner), owner)
            one.save(update_fields=["sealed", "waiting"])
    sealer.drop_old()
    return len(people)
