"""One PostgreSQL for all tests of the books; each test makes accounts of its own."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import date

import psycopg
import pytest

from holdfast.contracts.blocks import AccountChange, Note
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Books, Notes, Post, Reader, install
from holdfast.runtime.postgres import temporary
from holdfast.signing.sealing import Sealer

_numbers = itertools.count(1000)


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Notes:
    path = tmp_path_factory.mktemp("keys") / "notes.keys"
    return Notes(Sealer(lambda: path, b"test"))


@pytest.fixture(scope="session")
def url(notes: Notes) -> Iterator[str]:
    with temporary(lasting=False) as made:
        install(made, notes)
        yield made


@pytest.fixture(scope="session")
def books(url: str, notes: Notes) -> Iterator[Books]:
    made = Books(url, notes)
    yield made
    made.close()


@pytest.fixture(scope="session")
def reader(url: str, notes: Notes) -> Iterator[Reader]:
    made = Reader(url, notes)
    yield made
    made.close()


class Town:
    """Accounts of one test: `bank` may fall as low as it likes, the others not below zero."""

    url = ""

    def __init__(self, books: Books, reader: Reader) -> None:
        self.books, self.reader = books, reader
        self.bank, self.ann, self.ben = next(_numbers), next(_numbers), next(_numbers)
        self.cohort = next(_numbers)
        books.change_accounts(
            [
                AccountChange(self.bank, f"own-{self.bank}", "NOK", "debit", -(10**15), 0, self.cohort),
                *(AccountChange(one, f"nr-{one}", "NOK", "credit", 0, 0, self.cohort) for one in (self.ann, self.ben)),
            ]
        )

    def post(self, debit: int, credit: int, amount_minor: int, **more: object) -> Post:
        values: dict[str, object] = {
            "id": uuid.uuid4(),
            "debit": debit,
            "credit": credit,
            "amount_minor": amount_minor,
            "currency": "NOK",
            "kind": "payment",
            "value_date": date(2026, 3, 1),
            "cohort": self.cohort,
            "epoch": FIRST_EPOCH,
            "cause": "test",
            "note": Note(b"salt", "Ann", "Ben", "æøå for lunch"),
        }
        return Post(**{**values, **more})  # type: ignore[arg-type]

    def balance(self, account: int) -> int:
        return self.reader.accounts([account])[account].balance_minor


@pytest.fixture
def town(books: Books, reader: Reader) -> Town:
    made = Town(books, reader)
    books.post(made.post(made.bank, made.ann, 10_000))
    return made


@pytest.fixture
def settle() -> Iterator[Callable[[str, Notes], Town]]:
    """Makes a town in books of its own, whose words `notes` seals."""
    made: list[Town] = []

    def _settle(url: str, notes: Notes) -> Town:
        town = Town(Books(url, notes), Reader(url, notes))
        made.append(town)
        town.books.post(town.post(town.bank, town.ann, 10_000))
        return town

    yield _settle
    for town in made:
        town.books.close()
        town.reader.close()


@pytest.fixture
def own_books(url: str, notes: Notes) -> Iterator[Town]:
    """A town in a database of its own on the same server, for tests of the whole books; `url` is its database's."""
    name = f"own{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    own = f"{url.rpartition('/')[0]}/{name}"
    install(own, notes)
    made = Town(Books(own, notes), Reader(own, notes))
    made.url = own
    made.books.post(made.post(made.bank, made.ann, 10_000))
    yield made
    made.books.close()
    made.reader.close()
