"""What the customer needs of the bank: told on one page, shown back, changed and taken back there. The main bank's
alone; what was told is honoured by the spare bank too.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from holdfast.bank.customers.needs import NO_PHONE, PHONE, keep_needs
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.words import say
from holdfast.contracts.needs import CODES, known_needs
from holdfast.contracts.text import clean_line

PHONE_MAX = 40
HERE = "/needs"


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def needs_page(request: HttpRequest) -> HttpResponse:
    """What was told, as a form; posted, what holds from now on."""
    customer = customer_of(request).customer
    if request.method != "POST":
        return _page(request, known_needs(customer.needs), customer.phone)
    told = request.POST.getlist("need")[: len(CODES) + 1]
    phone = clean_line(request.POST.get("phone", ""))[:PHONE_MAX]
    wrong = keep_needs(customer.id, told, phone)
    return _page(request, told, phone, wrong) if wrong else see_other(f"{HERE}?kept=yes")


def _page(request: HttpRequest, chosen: list[str], phone: str, wrong: str = "") -> HttpResponse:
    return answers.page(
        request,
        "needs.html",
        422 if wrong else 200,
        page="needs",
        title=say(request, "needs.title"),
        nav="help",
        needs=[
            {
                "code": code,
                "words": say(request, f"needs.{_key(code)}"),
                "does": say(request, f"needs.{_key(code)}_does"),
                "chosen": code in chosen,
            }
            for code in CODES
        ],
        told=[code for code in CODES if code in chosen],
        kept=request.GET.get("kept") == "yes",
        phone=phone,
        wrong=say(request, f"needs.wrong_{wrong}") if wrong else "",
        wrong_phone=wrong in (PHONE, NO_PHONE),
    )


def _key(code: str) -> str:
    return code.replace("-", "_")
