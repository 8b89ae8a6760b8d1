"""Which channels there are, who their providers are now, and how many lines each is given."""

from collections.abc import Callable

from holdfast.contracts.ways import PUSH, SMS
from holdfast.control.tell import gateways
from holdfast.control.tell.channels import CONNECTIONS, MAIL, Line, MailLine, Seat
from holdfast.control.tell.short_lines import PushLine, SmsLine
from holdfast.settings import Installation

CHANNELS: dict[str, Callable[[Seat, str], Line]] = {MAIL: MailLine, SMS: SmsLine, PUSH: PushLine}
LINES = {MAIL: CONNECTIONS, SMS: 4, PUSH: 8}
SEALED = "set by a manager"
"""What stands in the place of a gateway's address."""
OUTSIDE = "the browsers' makers"


def providers_of(home: Installation) -> list[Seat]:
    """The providers of every channel that this installation has, the first to be used first. Raises django.db's
    errors."""
    places = [home.mail_place, *([home.second_mail_place] if home.second_mail_place else [])]
    mail = [Seat(f"mail {order + 1}", MAIL, place, order) for order, place in enumerate(places)]
    texting = [Seat(f"sms {one.order}", SMS, (SEALED, 0), one.order, one.url) for one in gateways.known()]
    return [*mail, *texting, Seat("push", PUSH, (OUTSIDE, 0), 0, keys=home.keys)]
