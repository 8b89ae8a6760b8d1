"""What a customer's own pages show now, for one agent of support to whom the customer gave consent. It only reads."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from holdfast.bank.books import keyring, reader, rows
from holdfast.bank.customers.known import ended_sessions, known_customers
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.hardship.owing import owed_of
from holdfast.bank.internal.calls import BadCall, called_by, json_body
from holdfast.bank.web.lines import line_text, line_title
from holdfast.bank.web.words import writings
from holdfast.contracts.consent import (
    ACCOUNTS_SHOWN_MAX,
    LINES_SHOWN_MAX,
    PURPOSE,
    Asked,
    Over,
    PagesShown,
    ShownAccount,
    ShownLine,
    asked_from_wire,
)
from holdfast.contracts.epochs import Mode
from holdfast.contracts.shapes import to_wire
from holdfast.look import Writing
from holdfast.telemetry import get_log


@require_POST
@called_by("control")
def pages_shown(request: HttpRequest) -> HttpResponse:
    """The customer's accounts, balances and latest entries as their overview has them; 409 with `over` when the consent
    does not hold, and then nothing of them."""
    asked = _asked(request)
    over = _over(asked)
    get_log().info("pages shown to support", customer=asked.consent.customer, agent=asked.agent, over=over or "")
    if over is not None:
        return JsonResponse({"over": over.value}, status=409)
    return JsonResponse(to_wire(shown(asked.consent.customer, writings()[asked.language])))


def _asked(request: HttpRequest) -> Asked:
    """What was asked; raises BadToken for a consent that no door signed, BadCall for another form."""
    body = json_body(request)
    said = keyring().verify(PURPOSE, str(body.get("consent", "")), by={"door"})
    try:
        return asked_from_wire(body, said)
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"a look has not the agreed form: {error}") from error


def _over(asked: Asked) -> Over | None:
    consent = asked.consent
    if over := consent.over(asked.agent):
        return over
    customer = known_customers.get(consent.customer)
    if customer is None or customer.left:
        return Over.NO_CUSTOMER
    if ended_sessions.has(consent.session, consent.customer, consent.began):
        return Over.LOGGED_OUT
    return None if rows.row(customer.cohort).mode is Mode.PRIMARY else Over.ELSEWHERE


def shown(customer: int, spoken: Writing) -> PagesShown:
    """The customer's overview, as texts in a language."""
    (accounts, fresh), owed = own_accounts(customer), owed_of(customer)
    owed_minor = sum(one.amount_minor for one in owed)
    return PagesShown(
        spoken.moment(spoken.local(fresh.at)),
        frozen_now.customer(customer),
        spoken.amount(owed_minor, owed[0].currency) if owed else "",
        tuple(_account(one, spoken) for one in accounts[:ACCOUNTS_SHOWN_MAX]),
        (),
        len(accounts) > ACCOUNTS_SHOWN_MAX,
    )


def _account(one: OwnAccount, spoken: Writing) -> ShownAccount:
    lines = reader().lines(one.id, LINES_SHOWN_MAX)
    return ShownAccount(
        spoken.number(one.number),
        one.title,
        spoken.amount(one.balance_minor, one.currency),
        spoken.amount(one.available_minor, one.currency),
        spoken.amount(one.held_minor, one.currency) if one.held_minor else "",
        not one.can_pay,
        tuple(
            ShownLine(
                line_title(spoken, line),
                " · ".join(filter(None, (spoken.day(line.value_date), line_text(spoken, line)))),
                spoken.amount(line.amount_minor, one.currency, signed=True),
            )
            for line in lines
        ),
    )
