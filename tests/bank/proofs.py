"""What tests of risky payments share: a person with a password, and how to answer the page that asks for a proof."""

import re
from html import unescape

from enrolling import PASSWORD

from holdfast.bank.customers import passwords
from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer

VERIFIER = passwords.make_verifier(PASSWORD)


def with_password(person):
    """The same person, who can confirm by password."""
    Customer.objects.filter(id=person.id).update(verifier=VERIFIER)
    known_customers.forget()
    return person


def hidden(answer):
    """The hidden fields of a page's first form that goes on."""
    page = answer.content.decode()
    form = re.search(r'<form[^>]*action="(/pay/confirm|/pay|/orders[^"]*)".*?</form>', page, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form.group(0))
    return unescape(form.group(1)), {name: unescape(value) for name, value in found}


def prove(person, answer, **said):
    """Read a warning if there is one, then confirm; the last answer."""
    for _ in range(3):
        page = answer.content.decode()
        if 'data-page="warning"' in page:
            action, fields = hidden(answer)
            answer = person.post(action, fields)
        elif 'data-page="prove"' in page:
            action, fields = hidden(answer)
            return person.post(action, fields | (said or {"password": PASSWORD}))
    return answer


def pay(person, form):
    """Send a form, and prove who pays where that is asked for."""
    answer = person.post("/pay", form)
    return answer if answer.status_code == 303 else prove(person, answer)


def outcome(answer):
    """How the answer says that the payment ended."""
    return answer.headers.get("Holdfast-Outcome", "none").split()[0]
