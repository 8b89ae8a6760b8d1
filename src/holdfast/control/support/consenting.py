"""A customer lets the agent of their chat see their pages, for half an hour or until they stop it.

The door signs the consent, since it has seen the session; here it is kept with the chat, for the agent who has it.
Whoever takes the chat over has none.
"""

from datetime import UTC, datetime

from django.db import transaction

from holdfast.contracts.consent import PURPOSE, TOKEN_CHARACTERS_MAX, consent_from_payload
from holdfast.contracts.errors import BadToken
from holdfast.contracts.support import Asking, Refused, State, View, Who
from holdfast.control.place import switchboard
from holdfast.control.support import talking, writing
from holdfast.control.support.errors import NotTaken


def let(asking: Asking, token: str, now: datetime) -> View:
    """The customer consents. Raises NotTaken where it is not this chat's, its customer's or its agent's, and ValueError
    for a consent that no door signed; nothing is changed then."""
    try:
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise ValueError("the consent is too long")
        given = consent_from_payload(switchboard().keyring.verify(PURPOSE, token, by={"door"}))
    except (BadToken, KeyError) as error:
        raise ValueError("the consent does not hold") from error
    with transaction.atomic():
        one = talking.must_find(asking, now)
        if (given.conversation, given.customer) != (str(one.pk), one.customer):
            raise NotTaken(Refused.NOT_YOURS)
        agent = one.agent if one.state == State.OPEN else None
        if agent is None or given.over(agent.pk, now.timestamp()):
            raise NotTaken(Refused.CHANGED)
        one.consent, one.consent_until = token, datetime.fromtimestamp(given.until, UTC)
        writing.write(one, Who.NOTICE, "let", now, by=agent.name)
        return talking.view(one, 0, now)


@transaction.atomic
def stop(asking: Asking, now: datetime) -> View:
    """The customer takes the consent back; without one nothing changes."""
    one = talking.must_find(asking, now)
    if one.consent:
        writing.drop_consent(one)
        writing.write(one, Who.NOTICE, "stopped", now, by=one.agent.name if one.agent else "")
    return talking.view(one, 0, now)
