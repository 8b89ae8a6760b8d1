"""Which messages of a notice a customer gets: the whole text by mail, or in the inbox alone for who has no address; and
the short one by each way that they chose and that works here. Each has a code of its own.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from email.utils import make_msgid

from holdfast.contracts.ways import PUSH, SMS
from holdfast.control.care.models import Customer
from holdfast.control.place import installation
from holdfast.control.tell import announcing, gateways
from holdfast.control.tell.channels import INBOX, MAIL
from holdfast.control.tell.models import Message, Notice
from holdfast.control.tell.phrases import LANGUAGES, phrases
from holdfast.control.tell.sms import to_sms
from holdfast.look import MAIL_DOMAIN


def open_ways() -> frozenset[str]:
    """The short channels by which something can be sent now: SMS only while a gateway is set."""
    return frozenset({PUSH, SMS} if gateways.are_set() else {PUSH})


def language_of(customer: Customer) -> str:
    """The language in which they are written to."""
    return customer.language if customer.language in LANGUAGES else LANGUAGES[0]


def addresses(customer: Customer, ways: Collection[str]) -> dict[str, str]:
    """Where a customer is told, by channel."""
    chosen = {SMS: customer.sms, PUSH: json.dumps(customer.push) if customer.push else ""}
    short = {way: at for way, at in chosen.items() if at and way in customer.channels and way in ways}
    return {MAIL if customer.email else INBOX: customer.email, **short}


def messages(  # noqa: PLR0917  # the order in which a message comes to be
    notice: Notice,
    customer: Customer,
    words: Mapping[str, str],
    values: Mapping[str, str],
    now: datetime,
    ways: Collection[str],
) -> list[Message]:
    """What is written down for one customer. words: subject, and templates `body` and `sms`; values: what fills their
    places, but for the customer's own."""
    language = language_of(customer)
    book = phrases(language, installation().time_zone)
    needs = f"\n{book.say('mail', 'needs')}\n" if customer.needs_first else ""
    made = []
    for channel, address in addresses(customer, ways).items():
        code = announcing.new_code()
        own = {**values, "name": " ".join(customer.name.split()), "code": code, "needs": needs}
        short = channel in {SMS, PUSH}
        body = to_sms(" ".join(words["sms"].format_map(own).split())) if short else words["body"].format_map(own)
        made.append(
            Message(
                notice=notice,
                customer=customer.id,
                channel=channel,
                email=address,
                language=language,
                needs_first=customer.needs_first,
                urgent=notice.urgent,
                quiet_from=customer.quiet_from,
                quiet_until=customer.quiet_until,
                code=code,
                subject=words["subject"],
                body=body,
                message_id=make_msgid(f"{notice.name}.{notice.incident_id or 0}.{customer.id}", MAIL_DOMAIN),
                created_at=now,
                **({"state": "delivered", "delivered_at": now} if channel == INBOX else {"next_attempt_at": now}),
            )
        )
    return made
