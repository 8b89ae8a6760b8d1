"""What the spare bank confirms to payees while the main bank is away."""

import re
import urllib.parse
import uuid

from fakes import refusal
from world import World

from holdfast.contracts.confirmation import PURPOSE, SIGNERS, How, confirmation_from_payload


def test_a_payment_that_the_outage_keeps_back_is_confirmed_and_no_other(world: World) -> None:
    unknown = uuid.uuid4()
    world.bank.add(refusal(unknown))
    world.fed()
    page = f"/money/{unknown.hex}/confirmation"
    world.doors.away = True  # the bank's refusal may not be told, so the payment reads being checked
    assert world.visit("GET", page, cookies=world.session()).status == 404, "the bank is there"
    world.bank.away = True
    world.until(lambda: world.visit("GET", page, cookies=world.session()).status == 303, 12)
    assert page in world.visit("GET", "/money", cookies=world.session()).text
    address = world.visit("GET", page, cookies=world.session()).headers["Location"]
    (proof,) = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["proof"]
    said = confirmation_from_payload(world.key("door").verify(PURPOSE, proof, SIGNERS))
    assert (said.payment, said.payer, said.amount_minor) == (unknown.hex, "Ann Example", 1000)
    assert (said.how, said.until, said.since < said.at) == (How.NOT_KNOWN, None, True)
    others = world.session(18, 9)
    assert world.visit("GET", page, world.row(9), cookies=others).status == 404, "another customer's"
    done = re.findall(
        r'data-payment="([0-9a-f]+)"[^>]*data-state="done"', world.visit("GET", "/money", cookies=world.session()).text
    )
    assert done
    assert world.visit("GET", f"/money/{done[0]}/confirmation", cookies=world.session()).status == 404
