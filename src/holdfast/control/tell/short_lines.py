"""The lines of the short channels: SMS by a gateway, and push to the browsers of a customer."""

import json
from concurrent.futures import ThreadPoolExecutor

from holdfast.contracts.inbox import ADDRESS
from holdfast.contracts.ways import BROWSERS_MAX, Browser, is_browser
from holdfast.control.place import installation
from holdfast.control.response.pushing import Device, push
from holdfast.control.subscribers.letters import Letter, NoAddress, letter_of
from holdfast.control.tell.channels import Outcome, Seat
from holdfast.control.tell.models import Message
from holdfast.look.texting import load, send_sms

PUSH_LIMIT_S = 1.8
"""Below what makes a provider slow (circuit.SLOW_S): one browser's push service says nothing about the others."""


class SmsLine:
    """Texts by one gateway. Whether one that failed took the words all the same is not known."""

    def __init__(self, seat: Seat, bank_name: str) -> None:  # noqa: ARG002  # as every line is opened
        self._gateway = seat.gateway
        load()

    def send(self, message: Message) -> Outcome:
        """As Line says."""
        letter: Message | Letter = message
        if message.customer < 0:
            try:
                letter = letter_of(message)
            except NoAddress as error:
                return Outcome("permanent", str(error))
        trouble = send_sms(self._gateway, letter.email, letter.body)
        return Outcome("technical", trouble, unsure=True) if trouble else Outcome("delivered")

    def close(self) -> None:
        """Nothing is kept open."""


class PushLine:
    """Pushes to all browsers of a customer at once; it was delivered when one push service took it."""

    def __init__(self, seat: Seat, bank_name: str) -> None:  # noqa: ARG002  # as every line is opened
        self._keys = seat.keys

    def send(self, message: Message) -> Outcome:
        """As Line says."""
        devices = self._devices(message.email)
        if not devices:
            return Outcome("permanent", "no browser is there that could be told")
        words = {"title": message.subject, "body": message.body, "url": ADDRESS, "tag": f"notice-{message.notice_id}"}
        with ThreadPoolExecutor(len(devices)) as pool:
            said = list(pool.map(lambda one: push(one, words, self._keys, PUSH_LIMIT_S), devices))
        if any(not trouble for trouble, _ in said):
            return Outcome("delivered")
        troubles = "; ".join(sorted({trouble for trouble, _ in said}))
        # A push service that does not answer is one customer's: the others' may, so the way itself is not given up.
        return Outcome("permanent" if all(gone for _, gone in said) else "temporary", troubles)

    def _devices(self, address: str) -> list[Device]:
        """The browsers that an address names, without those whose push service is none that is known."""
        try:
            listed = json.loads(address)
            told = [Browser(one["endpoint"], one["p256dh"], one["auth"], one["key"]) for one in listed[:BROWSERS_MAX]]
        except (ValueError, TypeError, KeyError):
            return []
        here = installation().rehearsed
        return [Device(one.endpoint, one.p256dh, one.auth, one.key) for one in told if is_browser(one, here=here)]

    def close(self) -> None:
        """Nothing is kept open."""
