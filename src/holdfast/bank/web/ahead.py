"""The page of the days to come: left until pay day, what is coming, and how the month is likely to end."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.insight.looking import Ahead, Coming, look_ahead
from holdfast.bank.papers.period import day_of
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.lines import line_title
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.look import Writing

WIDTH, HEIGHT, EDGE = 640, 200, 12
DIGITS_MAX = 19


@require_safe
@for_customers
def ahead_page(request: HttpRequest) -> HttpResponse:
    """Of the account in the address, by default the first that money may leave."""
    spoken, today = writing(request), bank_today()
    accounts, fresh = own_accounts(customer_of(request).customer.id)
    own = _chosen(accounts, request.GET.get("account", ""))
    shown = _shown(own, today, spoken) if own else {}
    return answers.page(
        request,
        "ahead.html",
        page="ahead",
        title=spoken.say("ahead.title"),
        nav="overview",
        accounts=accounts,
        account=own,
        fresh=fresh,
        today=today,
        **shown,
    )


def _chosen(accounts: list[OwnAccount], typed: str) -> OwnAccount | None:
    wanted = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= DIGITS_MAX else 0
    named = next((one for one in accounts if one.id == wanted), None)
    return named or next((one for one in accounts if one.can_pay), accounts[0] if accounts else None)


def _shown(own: OwnAccount, today: date, spoken: Writing) -> dict[str, Any]:
    found = look_ahead(own, today, lambda line: day_of(line, spoken), lambda line: line_title(spoken, line))
    end = None
    if found.likely is not None:
        end = {
            "low_minor": own.balance_minor + found.likely.low_minor,
            "middle_minor": own.balance_minor + found.likely.middle_minor,
            "high_minor": own.balance_minor + found.likely.high_minor,
        }
    return {
        "ahead": found,
        "coming": [_row(one, spoken) for one in found.coming],
        "end": end,
        "picture": _picture(found, own.balance_minor, today),
        "rows": [(day, minor) for day, minor in found.so_far],
    }


def _row(one: Coming, spoken: Writing) -> dict[str, Any]:
    rhythm = spoken.say(f"ahead.{one.rhythm}") if one.rhythm else ""
    return {"one": one, "mark": "certain" if one.certain else "expected", "rhythm": rhythm}


def _picture(found: Ahead, balance_minor: int, today: date) -> dict[str, Any] | None:
    """Points of the chart: the balance so far, and the fan to the month's end; None where there is nothing to draw."""
    if found.likely is None or len(found.so_far) < 2:
        return None
    likely, last = found.likely, found.month_end.day
    ends = [balance_minor + one for one in (likely.low_minor, likely.middle_minor, likely.high_minor)]
    values = [minor for _, minor in found.so_far] + ends + [0]
    lowest, highest = min(values), max(values)
    span = max(highest - lowest, 1)

    def point(day: int, minor: int) -> str:
        across = EDGE + (WIDTH - 2 * EDGE) * (day - 1) / max(last - 1, 1)
        down = EDGE + (HEIGHT - 2 * EDGE) * (highest - minor) / span
        return f"{across:.1f},{down:.1f}"

    now = point(today.day, balance_minor)
    low, middle, high = (point(last, one) for one in ends)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "line": " ".join(point(day.day, minor) for day, minor in found.so_far),
        "fan": f"{now} {low} {high}",
        "middle": f"{now} {middle}",
        "zero": f"{point(1, 0)} {point(last, 0)}",
    }
