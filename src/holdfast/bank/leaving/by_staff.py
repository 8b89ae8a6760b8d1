"""Two of staff close an account whose holders cannot do it, a shared one too, and pay what is left to a named account.

The order is written down before anything is done, with the amount that both saw; then payments to come are stopped, the
amount is booked once under an id of the order, and the account is closed as any other. Where this bank falls between, a
job goes on. What comes in meanwhile is not paid out unseen: the account then stays open, and that is said.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import reader, rows
from holdfast.bank.cases.asked import WHY_CHARS_MIN, Booking, book, booked_before, same_person
from holdfast.bank.cases.choices import Move, hindrance
from holdfast.bank.customers.known import KnownAccount, payee_of
from holdfast.bank.customers.models import Account
from holdfast.bank.leaving.closing import close_account
from holdfast.bank.leaving.models import StaffClosing
from holdfast.bank.leaving.obstacles import Obstacle, of_account
from holdfast.bank.orders.cancelling import ask_cancel, settle_now
from holdfast.bank.orders.plans import open_plans
from holdfast.bank.web.words import writings
from holdfast.contracts import ids
from holdfast.contracts.epochs import Mode
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.test_customers import NOBODY
from holdfast.guard.names import NameCheck, check_name

TEXT = "What was left on an account that was closed"
CAUSE = "closing:"
GAP = timedelta(seconds=30)
"""After so long nobody is at a closing any more that was begun."""
STEPS_MAX = 20
SHOWN_MAX = 50
DONE_ELSEWHERE = ("money", "joint", "orders")
"""What stands in a holder's way and not in theirs: they pay the money out, and stop payments to come."""
NOTHING = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class ToClose:
    """What two people ordered. number, to: account numbers, to "" where nothing is left; before_minor: what both saw on
    the account, in minor units of its currency."""

    order: uuid.UUID
    number: str
    to: str
    before_minor: int
    why: str
    asked_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as staff see it before they order; words: what stands in the way, "" for nothing."""

    number: str
    currency: str
    balance_minor: int
    holders: int
    words: str = ""


def look(number: str, to: str, name: str) -> Seen | str:
    """What would be closed and paid out; why it is none, in words. name: of the holder of the account that gets it,
    compared here, so that the control room keeps no name."""
    account = Account.objects.filter(number=plain_number(number)).first()
    if account is None:
        return f"There is no account {number}; nothing was done."
    if account.closed is not None:
        return f"Account {number} is closed already; nothing was done."
    state = reader().accounts([account.id])[account.id]
    seen = Seen(account.number, account.currency, state.balance_minor, account.owners.count())
    if state.balance_minor > 0:
        payee = payee_of(NOBODY, to)
        if payee is None:
            return f"There is no account {to or 'named'} at this bank to pay what is left to; nothing was done."
        if check_name(name, payee.known_by).answer is not NameCheck.MATCH:
            return f"Account {to} is not in the name that was written; nothing was done."
        words = _unpayable(account, payee, state.balance_minor)
        if words:
            return f"{words} Nothing was done."
    in_the_way = _words(_left_in_the_way(account))
    return Seen(seen.number, seen.currency, seen.balance_minor, seen.holders, in_the_way)


def latest() -> list[StaffClosing]:
    """The newest orders, with how they ended."""
    return list(StaffClosing.objects.order_by("-began")[:SHOWN_MAX])


def close_for_holders(asked: ToClose) -> tuple[bool, str]:
    """(whether it was taken, words for who ordered it). Sent again it ends as the first time."""
    if same_person(asked.asked_by, asked.approved_by):
        return False, f"A second person has to approve it. {NOTHING}"
    if len(asked.why.strip()) < WHY_CHARS_MIN:
        return False, f"It needs a reason in words. {NOTHING}"
    made = _write_down(asked)
    if isinstance(made, str):
        return False, made
    if made.ended is None:
        carry_on(made)
    if made.ended is None:
        return True, "Payments to come are being stopped first; it then goes on by itself, and is listed here."
    return made.closed, made.words


def carry_on_all() -> int:
    """A job: go on with what is under way and nobody is at; how many there were."""
    left = StaffClosing.objects.filter(ended=None, began__lt=timezone.now() - GAP).order_by("began")
    found = list(left[:STEPS_MAX])
    for one in found:
        carry_on(one)
    return len(found)


def carry_on(one: StaffClosing) -> None:
    """Do what is left of it. Each step may be taken twice; nothing is done while the spare bank serves the account."""
    account = Account.objects.get(id=one.account)
    if rows.row(account.cohort).mode is not Mode.PRIMARY:
        return
    for plan in open_plans([account.id]):
        ask_cancel(plan.id)
        settle_now(plan.id)
    if open_plans([account.id]):
        return
    ident = ids.closing_id(one.order)
    if one.amount_minor and booked_before(ident) is None:
        move = Move(account.id, one.to, one.amount_minor)
        words = book(Booking(ident, move, account.currency, f"{CAUSE}{one.order.hex}", TEXT))
        if words:
            _end(one, closed=False, words=words)
            return
    in_the_way = close_account(account)
    if in_the_way:
        paid = "What was left was paid out, but the account" if one.amount_minor else "The account"
        _end(one, closed=False, words=f"{paid} stays open. In the way: {_words(in_the_way)}")
    else:
        _end(one, closed=True, words="The account is closed" + (", and what was left is paid." if one.to else "."))


def _write_down(asked: ToClose) -> StaffClosing | str:
    """The order as it is kept, of before or from now on; why it is not taken, in words."""
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(number=plain_number(asked.number)).first()
        if account is None:
            return f"There is no account {asked.number}. {NOTHING}"
        before = StaffClosing.objects.filter(order=asked.order).first()
        if before is not None:
            return before if before.account == account.id else f"That order was of another account. {NOTHING}"
        if StaffClosing.objects.filter(account=account.id, ended=None).exists():
            return f"This account is being closed already. {NOTHING}"
        to = _checked(account, asked)
        if isinstance(to, str):
            return to
        return StaffClosing.objects.create(
            order=asked.order,
            account=account.id,
            to=to,
            amount_minor=asked.before_minor,
            why=asked.why.strip()[:300],
            asked_by=asked.asked_by[:64],
            approved_by=asked.approved_by[:64],
        )


def _checked(account: Account, asked: ToClose) -> int | str:  # noqa: PLR0911  # one return for each reason
    """The account that gets what is left, 0 for none; why it is not taken, in words. Nothing is changed here."""
    if account.closed is not None:
        return f"Account {asked.number} is closed already. {NOTHING}"
    if rows.row(account.cohort).mode is not Mode.PRIMARY:
        return f"The spare bank serves this account now. Try again when it is back. {NOTHING}"
    in_the_way = _left_in_the_way(account)
    if in_the_way:
        return f"{NOTHING} In the way: {_words(in_the_way)}"
    if reader().accounts([account.id])[account.id].balance_minor != asked.before_minor:
        return f"What is on the account has changed since it was looked at. {NOTHING}"
    if not asked.before_minor:
        return 0
    payee = payee_of(NOBODY, asked.to)
    if payee is None:
        return f"There is no account {asked.to or 'named'} at this bank. {NOTHING}"
    words = _unpayable(account, payee, asked.before_minor)
    return f"{words} {NOTHING}" if words else payee.id


def _left_in_the_way(account: Account) -> list[Obstacle]:
    """What stands in staff's way too."""
    return [one for one in of_account(account) if one.name not in DONE_ELSEWHERE]


def _unpayable(account: Account, payee: KnownAccount, amount_minor: int) -> str:
    """Why what is left cannot be booked there, in words; "" when it can."""
    states = reader().accounts([account.id, payee.id])
    move = Move(account.id, payee.id, amount_minor)
    return hindrance(move, account.currency, states.get(account.id), states.get(payee.id))


def _words(in_the_way: list[Obstacle]) -> str:
    spoken = writings()["en"]
    return " ".join(spoken.say(one.key, amount=spoken.amount(one.amount_minor, one.currency)) for one in in_the_way)


def _end(one: StaffClosing, *, closed: bool, words: str) -> None:
    one.ended, one.closed, one.words = timezone.now(), closed, words[:300]
    one.save(update_fields=["ended", "closed", "words"])
