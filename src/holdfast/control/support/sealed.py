"""What is said in chats is sealed before the database sees it; the key lies apart (signing/sealing.py).

Each line is bound to its conversation and number: one put in another's place does not open.
"""

import time
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from holdfast.control.place import installation
from holdfast.control.support.models import Line
from holdfast.signing.sealing import LOOK_S, Sealer

FILE = "control-support.keys"
STEP = 500
FORGOTTEN = ""
"""In the place of words that are forgotten."""
sealer = Sealer(lambda: installation().keys / "control" / FILE, b"holdfast support line 1")


def seal(words: str, conversation: UUID, number: int) -> str:
    """The words of a line, sealed."""
    return sealer.seal(words, f"{conversation} {number}")


def unseal(line: Line) -> str:
    """The words of a line; raises NotSealed. "" for words that are forgotten."""
    return sealer.unseal(line.sealed, f"{line.conversation_id} {line.number}") if line.sealed else ""


def reseal(wait_s: float = 2 * LOOK_S) -> int:
    """Make a new key and seal every line by it, while people chat; how many. Raises NotSealed when one does not open:
    then no key is forgotten. May be run again."""
    sealer.add()
    time.sleep(wait_s)
    done, after = 0, 0
    while True:
        with transaction.atomic():
            lines = list(Line.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:STEP])
            if not lines:
                break
            after = lines[-1].pk
            done += _anew(one for one in lines if one.sealed != FORGOTTEN)
    sealer.drop_old()
    return done


def _anew(lines: Iterable[Line]) -> int:
    changed = []
    for line in lines:
        line.sealed = seal(unseal(line), line.conversation_id, line.number)
        changed.append(line)
    Line.objects.bulk_update(changed, ["sealed"], batch_size=STEP)
    return len(changed)
