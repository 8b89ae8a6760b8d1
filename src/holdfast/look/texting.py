"""How staff are told by SMS: through Apprise (https://github.com/caronc/apprise), which knows some hundred gateways.

The gateway is an address as Apprise writes them, with `{phone}` where the receiver's number belongs. Loading Apprise
takes seconds, so it is loaded where a message is sent and not before; a front door has it loaded by a process of its
own (`python -m holdfast.look.texting`), so that nobody waits for it there.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

PLACE = "{phone}"
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
GATEWAY_MAX, WORDS_MAX, PHONES_MAX = 500, 320, 20
CONNECT_S_MAX, READ_S_MAX = 3.0, 4.0
WHOLE_S_MAX = 60.0
"""For all numbers of one call; who is left then is told as not reached."""
SAMPLE = "+4799999999"
NOT_TAKEN = "the SMS gateway did not take it; see that its address, its key and its account are right"
NO_GATEWAY = "no SMS gateway is set"


def phone_refusal(typed: str) -> str:
    """Why this is no number that can be texted; "" when it can be as far as its form says."""
    return "" if PHONE.fullmatch(typed) else "A mobile number is written with its country, as +4791234567"


def gateway_refusal(typed: str) -> str:
    """Why no SMS can go out by this address; "" when it can: one that Apprise knows, by TLS or on this machine."""
    if len(typed) > GATEWAY_MAX or not typed.isascii() or any(one.isspace() for one in typed) or PLACE not in typed:
        return f"An SMS gateway is an address as Apprise has them, with {PLACE} in the place of the receiver's number"
    made = _made(typed, SAMPLE)
    if made is None:
        return "Apprise knows no such gateway, or its address lacks something"
    scheme = typed.partition(":")[0].lower()
    secure = made.secure_protocol or ()
    if scheme in ((secure,) if isinstance(secure, str) else secure) or _is_here(typed):
        return ""
    return "That gateway is not asked by TLS, and is not on this machine"


def load() -> None:
    """Load Apprise now, so that the first message does not wait for it."""
    import apprise  # noqa: F401, PLC0415  # takes seconds, see above


def send_sms(gateway: str, phone: str, words: str) -> str:
    """Text it; "" when the gateway took it, otherwise why not, without its address, which holds a secret. Bounded in
    time; never raises for a sick gateway."""
    made = _made(gateway, phone) if gateway else None
    if made is None:
        return NO_GATEWAY if not gateway else NOT_TAKEN
    made.socket_connect_timeout, made.socket_read_timeout = CONNECT_S_MAX, READ_S_MAX
    try:
        return "" if made.notify(body=words[:WORDS_MAX], title="") else NOT_TAKEN
    except Exception as error:  # whatever a gateway's own code raises: the page is tried again
        return f"{NOT_TAKEN} ({type(error).__name__})"


def send_all(gateway: str, phones: Iterable[str], words: str) -> dict[str, str]:
    """Text several, one after the other; by number what `send_sms` says."""
    end, said = time.monotonic() + WHOLE_S_MAX, dict[str, str]()
    for phone in list(phones)[:PHONES_MAX]:
        late = time.monotonic() >= end
        said[phone] = "the SMS gateway was too slow with those before" if late else send_sms(gateway, phone, words)
    return said


def _made(gateway: str, phone: str) -> Any:
    """Apprise's own object for one receiver; None for an address that it cannot use."""
    import logging  # noqa: PLC0415  # with Apprise, see above

    import apprise  # noqa: PLC0415  # takes seconds, see above

    # Its lines name receivers and may name addresses; what became of a message is said by us.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    made = apprise.Apprise.instantiate(gateway.replace(PLACE, phone), suppress_exceptions=True)
    if made is not None and hasattr(made, "redirects"):
        made.redirects = False  # an SMS goes where the bank said, or nowhere
    return made


def _is_here(url: str) -> bool:
    try:
        host = urlsplit(url.replace(PLACE, "0")).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> int:
    """Read {"gateway", "phones", "words"} from standard input, text them, and say what became of each."""
    asked: Mapping[str, Any] = json.loads(sys.stdin.read(100_000))
    said = send_all(str(asked["gateway"]), map(str, asked["phones"]), str(asked["words"]))
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
