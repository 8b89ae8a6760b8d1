"""A follower's message as it leaves: address, links and frame are put in here, so that the outbox holds none of
them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from holdfast.contracts.subscribing import COMPONENTS, PAGE, SMS, written_code
from holdfast.control.place import installation
from holdfast.control.subscribers import sealed
from holdfast.control.subscribers.models import Subscriber
from holdfast.control.subscribers.telling import FIRST, WORDS
from holdfast.control.tell.models import Message
from holdfast.control.tell.phrases import phrases
from holdfast.control.tell.sms import to_sms
from holdfast.look.texting import WORDS_MAX
from holdfast.look.words import Words
from holdfast.signing.sealing import NotSealed


class NoAddress(ValueError):
    """The subscription ended, or no key opens its address; the message goes to nobody."""


@dataclass(slots=True)
class Letter:
    """As a mail is made of it. unsubscribe: where one POST ends it (RFC 8058); "" for what needs none."""

    email: str
    language: str
    subject: str
    body: str
    message_id: str
    maybe_twice: bool
    unsubscribe: str = ""


def letter_of(message: Message) -> Letter:
    """The message to a follower, whole. Touches no database where the subscriber came with the message. Raises
    NoAddress."""
    one: Subscriber | None = message.subscriber
    if one is None:
        raise NoAddress("the subscription has ended")
    try:
        held = sealed.opened(one)
    except NotSealed as error:
        raise NoAddress("no key opens the address") from error
    kind = "notice"
    if message.notice.name == FIRST:
        kind = "confirm" if one.state == "waiting" else "already"
    said, values = WORDS[message.language], _values(message, one, held)
    short = message.channel == SMS
    body = _short(said, f"{kind}.sms", values) if short else said.say(f"{kind}.body", **values).lstrip()
    ends = "" if kind == "confirm" else f"{installation().door_origin}{PAGE}/end?{urlencode({'key': held.key})}"
    return Letter(
        held.address,
        message.language,
        message.subject,
        body,
        message.message_id,
        message.maybe_twice,
        ends,
    )


def _short(said: Words, key: str, values: dict[str, str]) -> str:
    """As an SMS: the subject gives way where the links need its place."""
    text = said.say(key, **values)
    if (over := len(text) - WORDS_MAX) > 0:
        text = said.say(key, **{**values, "subject": values["subject"][: max(len(values["subject"]) - over, 0)]})
    return to_sms(" ".join(text.split()))


def _values(message: Message, one: Subscriber, held: sealed.Secrets) -> dict[str, str]:
    here = installation()
    book, origin = phrases(message.language, here.time_zone), here.door_origin
    code = written_code(held.code)
    names = [book.say("service", name) for name in COMPONENTS if name in one.components]
    until = one.expires_at
    return {
        "bank": here.bank_name,
        "text": message.body,
        "subject": message.subject,
        "components": ", ".join(names) or WORDS[message.language].say("confirm.everything"),
        "code": code,
        "until": f"{book.at(until, message.created_at)} ({book.zone_words()})" if until else "",
        "genuine": message.code,
        "page": f"{origin}/status",
        "link": f"{origin}{PAGE}/confirm?{urlencode({'code': code})}",
        "change": f"{origin}{PAGE}/mine?{urlencode({'key': held.key})}",
    }
