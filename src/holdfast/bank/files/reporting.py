"""Lines of the books as entries of statements and notices (camt), with the ids that the customer's files gave them."""

import uuid
from collections.abc import Collection, Sequence

from holdfast.bank.books import installation, reader
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.files.models import FileLine
from holdfast.bank.web.lines import line_text, line_title
from holdfast.contracts.camt import Entry, ReportedAccount
from holdfast.contracts.statement import LINES_MAX
from holdfast.ledger.api import Line
from holdfast.look import Writing

PAGE_LINES = 1000


def reported_account(account: OwnAccount, owner: str) -> ReportedAccount:
    """The account as a statement names it."""
    bank = str(bank_facts.bank().get("name") or installation().bank_name)
    return ReportedAccount(account.number, account.currency, account.title, owner, bank)


def end_to_end_ids(payments: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the customers' files called these payments, for those that came by one."""
    found = FileLine.objects.filter(payment__in=payments, state="sent")
    return dict(found.values_list("payment", "end_to_end_id"))


def as_entries(lines: Sequence[Line], spoken: Writing) -> list[Entry]:
    """The entries, in the order of the lines; what the bank itself wrote is in the customer's language."""
    named = end_to_end_ids([line.id for line in lines])
    return [
        Entry(
            line.id.hex,
            line.amount_minor,
            spoken.local(line.at).date(),
            line.value_date,
            line.kind,
            line_title(spoken, line),
            line_text(spoken, line),
            named.get(line.id, ""),
        )
        for line in lines
    ]


def notices_of(
    lines: Sequence[FileLine], accounts: Sequence[OwnAccount], owner: str, spoken: Writing
) -> list[tuple[ReportedAccount, list[Entry]]]:
    """What the lines of a file took from these accounts, one notice an account, as far as it is booked."""
    out = []
    for account in accounts:
        wanted = {line.payment for line in lines if line.debit == account.id and line.state == "sent"}
        if wanted:
            entries = as_entries(_booked(account.id, wanted), spoken)
            out.append((reported_account(account, owner), entries))
    return out


def _booked(account: int, wanted: set[uuid.UUID]) -> list[Line]:
    """The entries of these payments, the oldest first; as far back as a statement reads."""
    found: list[Line] = []
    before: int | None = None
    for _ in range(LINES_MAX // PAGE_LINES):
        part = reader().lines(account, PAGE_LINES, before)
        found += [line for line in part if line.id in wanted]
        if len(part) < PAGE_LINES or len(found) == len(wanted):
            break
        before = part[-1].seq
    return found[::-1]
