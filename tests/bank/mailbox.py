"""A mail server as small as tests of the outbox need: what came in, and addresses that it refuses."""

from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller


class Mailbox:
    """Takes mails on a port; `gone@…` is refused for good, `busy@…` for now."""

    def __init__(self, port):
        self.mails = []
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.controller.start()

    def close(self):
        """Listen no longer."""
        self.controller.stop()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("gone@"):
            return "550 no such mailbox"
        if address.startswith("busy@"):
            return "451 busy, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def to(self, address):
        """The mails to an address, the oldest first."""
        return [one for one in self.mails if one["To"] == address]


def text_of(mail):
    """A mail's text."""
    return mail.get_content()
