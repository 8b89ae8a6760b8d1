"""What became of the lines of a file: by the books, as far as it may be told; on the page and as a pain.002."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence

from django.utils import timezone

from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.payments.fate import CHECKING, fates
from holdfast.contracts.answers import Reason
from holdfast.contracts.status_report import LineStatus, Original, Status, make_pain002, reason_code
from holdfast.look import Writing

STATES = ("done", "planned", "waiting", "checking", "refused", "bad")
"""In the order in which they are counted on the page."""
STATUS = {"done": Status.SETTLED, "planned": Status.ACCEPTED, "refused": Status.REFUSED, "bad": Status.REFUSED}
PROBLEM_CODES = {"unknown_to": "AC03", "same_account": "AC03", "currency": "AM03", "full": "AM14"}
"""What is wrong with a line, as ExternalStatusReason1Code; a wrong KID or message is a wrong content, CH16."""
EARLIER_MAX = 10


def rows_of(lines: Sequence[FileLine], to_confirm: bool) -> list[tuple[FileLine, str, Reason]]:
    """Each line with its state (STATES; `ready` before the file is confirmed) and why it is refused. Two queries."""
    known = fates([line.payment for line in lines if line.state in ("sent", "open")]) if not to_confirm else {}
    out = []
    for line in lines:
        state, reason = {"bad": "bad", "planned": "planned"}.get(line.state, "waiting"), Reason(line.reason or "ok")
        if to_confirm and state == "waiting":
            state = "ready"
        elif state == "waiting" and (line.state == "sent" or line.payment in known):
            fate = known.get(line.payment, CHECKING)
            state, reason = fate.state, fate.reason
        out.append((line, state, reason))
    return out


def counts_of(states: Sequence[str]) -> list[tuple[str, int]]:
    """(state, how many lines), without states that no line has."""
    found = Counter(states)
    return [(state, found[state]) for state in STATES if found[state]]


def as_pain002(file: PaymentFile, lines: Sequence[FileLine], spoken: Writing) -> bytes:
    """The report as it stands now; the words in the customer's language."""
    out = []
    for line, state, reason in rows_of(lines, False):
        status = STATUS.get(state, Status.WAITING)
        code = words = ""
        if status is Status.REFUSED:
            code = PROBLEM_CODES.get(line.problem, "CH16") if line.problem else reason_code(reason)
            words = spoken.say(f"files.line_{line.problem}") if line.problem else spoken.reason(reason)
        out.append(LineStatus(line.end_to_end_id, status, code, words, line.block))
    return make_pain002(f"HF{uuid.uuid4().hex[:30]}", timezone.now(), Original(file.message_id, file.version), out)


def same_as_before(file: PaymentFile, lines: Sequence[FileLine]) -> PaymentFile | None:
    """The last file of this customer that was confirmed with the very same payments under another message id; a
    salary run exported twice looks so."""
    like = _likeness(lines)
    earlier = PaymentFile.objects.filter(customer=file.customer, state__in=("confirmed", "done"))
    for one in earlier.order_by("-confirmed")[:EARLIER_MAX]:
        if _likeness(list(FileLine.objects.filter(file=one).order_by("number"))) == like:
            return one
    return None


def _likeness(lines: Sequence[FileLine]) -> str:
    told = sorted(f"{one.debit}|{one.to_number}|{one.amount_minor}|{one.currency}|{one.due}" for one in lines)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
