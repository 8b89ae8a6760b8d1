"""How a customer wants to be told, as it was chosen at the main bank, is shown here and changed there."""

import pytest
from world import VERIFIER, World

BODY = {"name": "Ann Example", "username": "ann", "cohort": 5, "email": "x@example.org", "verifier": VERIFIER}
BROWSER = {"endpoint": "https://fcm.googleapis.com/1", "p256dh": "x", "auth": "y", "key": 1, "name": "<My phone>"}
TOLD = {
    "channels": ["sms", "push"],
    "sms": "+4790000000",
    "push": [BROWSER],
    "quiet_from": "22:30",
    "quiet_until": "07:00",
}


@pytest.mark.parametrize(
    ("language", "quiet", "waits"),
    [
        ("en", "Quiet from 22:30 until 07:00", "It can be changed when our main system is back"),
        ("nb", "Stille fra 22:30 til 07:00", "Det kan endres når hovedsystemet er tilbake"),
    ],
)
def test_what_was_chosen_is_shown_here_and_changed_there(world: World, language: str, quiet: str, waits: str) -> None:
    before = world.visit("GET", "/told", cookies=world.session())
    assert before.status == 200 and 'data-sms=""' in before.text and 'data-browsers="0"' in before.text
    world.bank.say("customer", 17, {**BODY, "language": language, "accounts": [10, 11], "needs": [], "told": TOLD})
    world.until(lambda: "+4790000000" in world.visit("GET", "/told", cookies=world.session()).text)
    page = world.visit("GET", "/told", cookies=world.session())
    assert quiet in page.text and "&lt;My phone&gt;" in page.text and BROWSER["endpoint"] not in page.text
    assert page.headers["Content-Language"] == language
    changed = world.visit("POST", "/told/quiet", cookies=world.session(), form={"which": "never"})
    assert waits in changed.text
