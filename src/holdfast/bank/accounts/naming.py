"""The name that its owners give an account; told to the spare bank by the account's fact."""

from django.db import transaction

from holdfast.bank.accounts.asking import TITLE_MAX
from holdfast.bank.customers.known import accounts_by_number, known_accounts
from holdfast.bank.customers.models import Account, Owner
from holdfast.bank.customers.opening import account_fact
from holdfast.bank.exchange.facts import tell


def clean_title(typed: str) -> str:
    """A name of an account as it is kept: printable, on one line, TITLE_MAX characters at most."""
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())[:TITLE_MAX].strip()


def name_account(account: int, title: str) -> None:
    """Give the account another name; the same name again tells nobody anything."""
    with transaction.atomic():
        held = Account.objects.select_for_update().get(id=account)
        if held.title == title:
            return
        held.title = title
        held.save(update_fields=["title"])
        owners = sorted(Owner.objects.filter(account=account).values_list("customer_id", flat=True))
        tell("account", [(str(account), account_fact(held, owners))])
    known_accounts.forget()
    accounts_by_number.forget()
