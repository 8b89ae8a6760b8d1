"""What programs read: accounts, entries, payees, orders, cards; and the freeze of a card. Other customers' ids answer
as those that nobody has."""

from django.http import HttpRequest
from ninja import Path, Query, Router

from holdfast.bank.accounts.searching import Filters, Found, search
from holdfast.bank.api import schemas
from holdfast.bank.api.callers import Bearer, Caller
from holdfast.bank.api.problems import Problem
from holdfast.bank.books import reader
from holdfast.bank.cards.freezing import cards_of, set_frozen
from holdfast.bank.cards.models import Card
from holdfast.bank.customers.overview import Fresh, OwnAccount, own_accounts
from holdfast.bank.orders.plans import open_plans
from holdfast.bank.payments.payees import payees_of
from holdfast.contracts.api import Scope
from holdfast.contracts.numbers import iban_of
from holdfast.ledger.api import Line

router = Router()
accounts_read = Bearer(Scope.ACCOUNTS_READ)


def caller_of(request: HttpRequest) -> Caller:
    """Who asks, behind a Bearer."""
    found: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja
    return found


def _own(request: HttpRequest, account: str) -> tuple[OwnAccount, Fresh]:
    """The caller's own account; raises Problem 404 for any other."""
    accounts, seen = own_accounts(caller_of(request).customer.id)
    own = next((one for one in accounts if str(one.id) == account), None)
    if own is None:
        raise Problem(404, "not-found")
    return own, seen


def _balance(own: OwnAccount, seen: Fresh) -> schemas.Balance:
    return schemas.Balance(
        booked_minor=own.balance_minor,
        held_minor=own.held_minor,
        available_minor=own.available_minor,
        currency=own.currency,
        block=seen.block,
        as_of=seen.at,
    )


def _account(own: OwnAccount, seen: Fresh) -> schemas.Account:
    return schemas.Account(
        id=str(own.id),
        number=own.number,
        iban=iban_of(own.number).replace(" ", ""),
        name=own.title,
        currency=own.currency,
        can_pay=own.can_pay,
        balance=_balance(own, seen),
    )


@router.get("/accounts", response=schemas.Accounts, auth=accounts_read, operation_id="list_accounts")
def list_accounts(request: HttpRequest) -> schemas.Accounts:
    """The customer's accounts with their balances."""
    accounts, seen = own_accounts(caller_of(request).customer.id)
    return schemas.Accounts(items=[_account(one, seen) for one in accounts])


@router.get("/accounts/{account}", response=schemas.Account, auth=accounts_read, operation_id="get_account")
def get_account(request: HttpRequest, account: Path[schemas.AccountId]) -> schemas.Account:
    """One account with its balance."""
    return _account(*_own(request, account))


@router.get("/accounts/{account}/balance", response=schemas.Balance, auth=accounts_read, operation_id="get_balance")
def get_balance(request: HttpRequest, account: Path[schemas.AccountId]) -> schemas.Balance:
    """The balance of one account."""
    return _balance(*_own(request, account))


@router.get(
    "/accounts/{account}/transactions",
    response=schemas.Transactions,
    auth=accounts_read,
    operation_id="list_transactions",
)
def list_transactions(
    request: HttpRequest, account: Path[schemas.AccountId], filters: Query[schemas.TransactionFilters]
) -> schemas.Transactions:
    """The entries of an account, the newest first, by pages and filters."""
    own, _ = _own(request, account)
    found = _found(own, filters)
    items = [_transaction(line, own) for line in found.lines]
    return schemas.Transactions(items=items, next_cursor=None if found.before is None else str(found.before))


def _found(own: OwnAccount, asked: schemas.TransactionFilters) -> Found:
    before = int(asked.cursor) if asked.cursor else None
    wanted = Filters(
        asked.text, asked.least_minor, asked.most_minor, asked.from_day, asked.to_day, asked.way or "", asked.kind or ""
    )
    if wanted == Filters():
        lines = reader().lines(own.id, asked.limit + 1, before)
        more = lines[asked.limit - 1].seq if len(lines) > asked.limit else None
        return Found(lines[: asked.limit], more, len(lines))
    return search(
        lambda count, below: reader().lines(own.id, count, below),
        wanted,
        lambda line: f"{line.payer}\n{line.payee}\n{line.text}",
        before,
        asked.limit,
    )


@router.get(
    "/accounts/{account}/transactions/{transaction}",
    response=schemas.Transaction,
    auth=accounts_read,
    operation_id="get_transaction",
)
def get_transaction(
    request: HttpRequest, account: Path[schemas.AccountId], transaction: Path[schemas.AccountId]
) -> schemas.Transaction:
    """One entry of an account."""
    own, _ = _own(request, account)
    found = reader().lines(own.id, 1, int(transaction) + 1)
    if not found or found[0].seq != int(transaction):
        raise Problem(404, "not-found")
    return _transaction(found[0], own)


def _transaction(line: Line, own: OwnAccount) -> schemas.Transaction:
    return schemas.Transaction(
        id=str(line.seq),
        payment=line.id,
        amount_minor=line.amount_minor,
        currency=own.currency,
        balance_after_minor=line.balance_after_minor,
        kind=line.kind,
        value_date=line.value_date,
        booked_at=line.at,
        payer=line.payer,
        payee=line.payee,
        text=line.text,
    )


@router.get("/payees", response=schemas.Payees, auth=Bearer(Scope.PAYEES_READ), operation_id="list_payees")
def list_payees(request: HttpRequest) -> schemas.Payees:
    """The customer's list of payees, by name."""
    return schemas.Payees(
        items=[
            schemas.Payee(account=str(one.account), number=one.number, name=one.name, name_check=one.checked)
            for one in payees_of(caller_of(request).customer.id)
        ]
    )


@router.get("/orders", response=schemas.Orders, auth=Bearer(Scope.ORDERS_READ), operation_id="list_orders")
def list_orders(request: HttpRequest) -> schemas.Orders:
    """Payments to come and standing orders, the next first."""
    accounts, _ = own_accounts(caller_of(request).customer.id)
    return schemas.Orders(
        items=[
            schemas.Order(
                id=str(one.id),
                from_account=str(one.debit),
                payee=one.payee,
                text=one.text,
                amount_minor=one.amount_minor,
                currency=one.currency,
                rhythm=one.rhythm,
                due=one.due,
                until=one.until,
                state=one.state,
            )
            for one in open_plans([own.id for own in accounts])
        ]
    )


@router.get("/cards", response=schemas.Cards, auth=Bearer(Scope.CARDS_READ), operation_id="list_cards")
def list_cards(request: HttpRequest) -> schemas.Cards:
    """The customer's cards, the one that ends last first."""
    return schemas.Cards(items=[_card(one) for one in cards_of(caller_of(request).customer.id)])


@router.post("/cards/{card}/freeze", response=schemas.Card, auth=Bearer(Scope.CARDS_FREEZE), operation_id="freeze_card")
def freeze_card(request: HttpRequest, card: Path[schemas.CardId]) -> schemas.Card:
    """Freeze a card: it pays nothing until its holder opens it on the bank's own page. Again: changes nothing."""
    customer = caller_of(request).customer.id
    if not set_frozen(card, customer, True):
        raise Problem(404, "not-found")
    return _card(Card.objects.get(id=card))


def _card(card: Card) -> schemas.Card:
    return schemas.Card(
        id=card.id,
        account=str(card.account),
        last4=card.last4,
        network=card.network,
        ends=card.ends,
        frozen=card.frozen,
    )
