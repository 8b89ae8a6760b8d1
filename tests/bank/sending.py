"""What tests of files of payments share: a file sent, confirmed and carried out."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from enrolling import PASSWORD, mark
from payment_files import block, order

from holdfast.bank.books import rows
from holdfast.bank.files import carrying
from holdfast.bank.files.models import PaymentFile
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.pay import bank_today


def today_file(firm, *lines, **more):
    """A file out of this customer's account, to be paid at once."""
    return order(block(firm.number, lines, bank_today()), **more)


def send(person, raw, name="wages.xml"):
    return person.post("/files", {"file": SimpleUploadedFile(name, raw, "application/xml")})


def taken(person, raw):
    """The address of the file that was taken."""
    answer = send(person, raw)
    assert answer.status_code == 303, mark(answer, "problem")
    return answer.headers["Location"]


def proof_of(answer):
    return re.search(r'name="proof" value="([^"]*)"', answer.content.decode()).group(1)


def confirm(person, address, **said):
    """Read the page and confirm what it shows."""
    proof = proof_of(person.get(address))
    return person.post(f"{address}/confirm", {"proof": proof} | (said or {"password": PASSWORD}))


def carry():
    """Until nothing more is carried out; files of groups that the spare bank serves wait."""
    for _ in range(200):
        ours = [cohort for cohort in cohorts_ours() if not rows.row(cohort).forced]
        if not carrying.carry_out() and not PaymentFile.objects.filter(state="confirmed", cohort__in=ours).exists():
            return
    raise AssertionError("a file does not come to its end")


def states(person, address):
    """The state of each line, as the page has it."""
    return re.findall(r'data-line="\d+" data-state="(\w+)"', person.get(address).content.decode())
