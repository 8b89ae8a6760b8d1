"""Change the key that seals staff authenticators' secrets and what wakes them, while staff work; old and new
read what is sealed."""

import time

from django.db import transaction

from holdfast.control.response.contacts import DEVICE_OWNER, GATEWAY_OWNER
from holdfast.control.response.models import PushDevice, SmsGateway
from holdfast.control.staff.factors import sealer
from holdfast.control.staff.models import StaffAuthenticator
from holdfast.control.tell import gateways
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
    resealed = len(people) + _reseal_ways()
    sealer.drop_old()
    return resealed


def _reseal_ways() -> int:
    """The SMS gateway and the devices that are woken; how many."""
    with transaction.atomic():
        for place in SmsGateway.objects.select_for_update().exclude(sealed=""):
            place.sealed = sealer.seal(sealer.unseal(place.sealed, GATEWAY_OWNER), GATEWAY_OWNER)
            place.save(update_fields=["sealed"])
        devices = list(PushDevice.objects.select_for_update())
        for device in devices:
            owner = DEVICE_OWNER.format(device.mark)
            device.sealed = sealer.seal(sealer.unseal(device.sealed, owner), owner)
            device.save(update_fields=["sealed"])
        customers = gateways.reseal()
    return len(devices) + SmsGateway.objects.exclude(sealed="").count() + customers
