"""The records of a real bank in the books: each test has an empty bank of its own beside the one of the session."""

import contextlib
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from psycopg import sql

from holdfast.bank import books as bank_books
from holdfast.bank import commands
from holdfast.bank.berka.models import Waiting
from holdfast.bank.berka.plan import ACCOUNT_BASE, OWN
from holdfast.bank.books import KnownRows, reader
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.customers.passwords import password_fits
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import Fact
from holdfast.bank.orders import executing
from holdfast.bank.orders.charging import RULE, price_on
from holdfast.bank.orders.models import Execution, Order
from holdfast.bank.sealed.keys import notes
from holdfast.contracts.epochs import cohort_of
from holdfast.ledger.api import Books, Reader

ROOT = Path(__file__).resolve().parents[3]
BUSINESS_DATE = date(1994, 4, 1)
REAL_S_MAX = 60.0
HEADERS = {
    "client": "client_id;birth_number;district_id",
    "account": "account_id;district_id;frequency;date",
    "disp": "disp_id;client_id;account_id;type",
    "order": "order_id;account_id;bank_to;account_to;amount;k_symbol",
    "trans": "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account",
    "card": "card_id;disp_id;type;issued",
    "loan": "loan_id;account_id;date;amount;duration;payments;status",
    "district": ";".join(f"A{column}" for column in range(1, 17)),
}
ROWS = {
    "client": ['1;"706213";18', '2;"450204";1', '3;"406009";1', '4;"561201";5'],
    "account": ['1;18;"X";930101', '2;1;"X";930105', '3;1;"X";940401'],
    "disp": ['1;1;1;"OWNER"', '2;2;2;"OWNER"', '3;3;2;"DISPONENT"', '4;4;3;"OWNER"'],
    "order": [
        '11;1;"YZ";"87144583";150.00;"SIPO"',
        '12;2;"ST";"89597016";3372.70;"UVER"',
        '13;3;"QR";"13943797";7266.00;" "',
    ],
    "trans": [
        '1;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        # one day, not in the order it happened: 700.00 + 100.00 - 250.50 - 14.60
        '4;1;930131;"VYDAJ";"VYBER";14.60;534.90;"SLUZBY";;',
        '3;1;930131;"VYDAJ";"PREVOD NA UCET";250.50;549.50;"SIPO";"AB";"777"',
        '2;1;930131;"PRIJEM";"PREVOD Z UCTU";100.00;800.00;"DUCHOD";"CD";"888"',
        # 534.90 + 1.15 is 536.05, the file says 536.00: rounding
        '5;1;930228;"PRIJEM";"";1.15;536.00;"UROK";;',
        # account 2 goes below zero, pays interest for it, and ends 95.00 apart from what its rows say
        '6;2;930105;"PRIJEM";"VKLAD";200.00;200.00;"";;',
        '7;2;930301;"VYDAJ";"VYBER";900.00;-700.00;"";;',
        '8;2;930331;"VYDAJ";"VYBER";3.20;-703.20;"SANKC. UROK";;',
        '9;2;940331;"PRIJEM";"VKLAD";1000.00;391.80;"";;',
    ],
}
NONSENSE = '10;1;930301;"PRIJEM";"VKLAD";ten;546.00;"";;'


def folder_of(path: Path, **more: list[str]) -> Path:
    """A small bank's records, with more rows if wished."""
    path.mkdir(exist_ok=True)
    for name, header in HEADERS.items():
        words = ";".join(f'"{word}"' for word in header.split(";"))
        (path / f"{name}.asc").write_text("\r\n".join([words, *ROWS.get(name, []), *more.get(name, [])]) + "\r\n")
    return path


@dataclass
class Empty:
    """A bank without customers, and how to load records into it."""

    data: Path

    def load(self, folder: Path, activate: int = 5) -> int:
        return commands.import_berka(folder, activate, 1)

    def report(self):
        return json.loads((self.data / "bank" / "import-report.json").read_text())

    def logins(self):
        return json.loads((self.data / "bank" / "logins.json").read_text())

    def state(self):
        """All that a refused import must leave as it was."""
        files = sorted((path.name, path.read_bytes()) for path in (self.data / "bank").glob("*") if path.is_file())
        return reader().head(), Customer.objects.count(), Fact.objects.count(), Waiting.objects.count(), files


@contextlib.contextmanager
def _at(url: str, home) -> Iterator[None]:
    """This process's bank is the one at this address, for a while."""
    books, read = Books(url, notes), Reader(url, notes)
    with pytest.MonkeyPatch.context() as patch:
        connections["default"].close()
        patch.setattr(settings, "DATABASE_URL", url)
        patch.setattr(settings, "INSTALLATION", home)
        patch.setitem(connections["default"].settings_dict, "NAME", urlsplit(url).path.lstrip("/"))
        patch.setattr(bank_books, "_books", lambda: books)
        patch.setattr(bank_books, "_reader", lambda: read)
        patch.setattr(executing, "rows", KnownRows())
        bank_facts.forget()
        try:
            yield
        finally:
            connections["default"].close()
            books.close()
            read.close()
    bank_facts.forget()


@pytest.fixture(scope="module")
def new_database(bank, module_as_owner) -> Callable[[], str]:
    """Makes databases with the bank's empty tables."""
    base, serial = settings.DATABASE_URL.rsplit("/", 1)[0], itertools.count()

    def make(template: str = "berka_empty") -> str:
        name = f"berka_{next(serial)}" if template == "berka_empty" else "berka_empty"
        with psycopg.connect(f"{base}/postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, template))))
        return f"{base}/{name}"

    url = make("template0")
    with _at(url, bank):
        commands.migrate()
    return make


def _made(bank, url: str, data: Path) -> tuple[Empty, contextlib.AbstractContextManager[None]]:
    home = replace(bank, data=data, currency="CZK", bank_name="Sample of Berka")
    home.folder("bank")
    return Empty(data), _at(url, home)


@pytest.fixture
def empty(bank, new_database, tmp_path) -> Iterator[Empty]:
    """An empty bank of the test's own."""
    made, place = _made(bank, new_database(), tmp_path / "data")
    with place:
        yield made


@pytest.fixture(scope="module")
def loaded(bank, new_database, tmp_path_factory) -> Iterator[Empty]:
    """The small bank, loaded; for tests that only look. Not to be used beside `empty`."""
    folder = tmp_path_factory.mktemp("berka")
    made, place = _made(bank, new_database(), folder / "data")
    with place:
        assert made.load(folder_of(folder / "records")) == 0
        yield made


def balances(*accounts: int) -> list[int]:
    found = reader().accounts([ACCOUNT_BASE + one for one in accounts])
    return [found[ACCOUNT_BASE + one].balance_minor for one in accounts]


def test_a_small_bank_is_loaded_and_its_books_are_proved(loaded):
    assert reader().prove() == []
    assert balances(1, 2) == [53_600, 29_680]
    assert Customer.objects.filter(id__lt=10_000).count() == 4
    assert bank_facts.bank()["business_date"] == "1994-04-01"
    assert (bank_facts.bank()["name"], bank_facts.bank()["currency"]) == ("Sample of Berka", "CZK")
    found = loaded.report()
    assert found["counts"] == {
        "clients": 4,
        "accounts": 3,
        "orders": 3,
        "transactions": 9,
        "transfers": 14,
        "logins": 3,
    }
    assert found["balances"] == {"as_stated": 1, "apart": 1, "negative": 0}
    assert found["reports"] == []


def test_a_days_rows_stand_in_the_order_of_their_running_balances(loaded):
    lines = reader().lines(ACCOUNT_BASE + 1)[::-1]
    assert [(one.cause, one.kind, one.balance_after_minor, one.value_date.isoformat()) for one in lines] == [
        ("berka:1", "cash_in", 70_000, "1993-01-01"),
        ("berka:2", "pension", 80_000, "1993-01-31"),
        ("berka:3", "household", 54_950, "1993-01-31"),
        ("berka:4", "fee", 53_490, "1993-01-31"),
        ("berka:5", "interest", 53_605, "1993-02-28"),
        ("berka:5:rounding", "rounding", 53_600, "1993-02-28"),
    ]
    assert [one.other_account for one in lines] == [
        OWN[name] for name in ("settlement", "clearing", "clearing", "fees", "interest", "rounding")
    ]
    assert (lines[1].payer, lines[1].payee, lines[1].text) == ("bank CD, account 888", "Client 1 (Berka)", "Pension")
    assert (lines[2].payer, lines[2].payee) == ("Client 1 (Berka)", "bank AB, account 777")
    assert reader().accounts([OWN["rounding"]])[OWN["rounding"]].balance_minor == 5


def test_rounding_is_summed_and_other_differences_are_listed(loaded):
    found = loaded.report()
    assert found["rounding"] == {"rows": 1, "sum_minor": 5, "net_minor": -5}
    assert found["differences"] == [
        {
            "file": "trans.asc",
            "line": 10,
            "transaction": 9,
            "account": 2,
            "date": "1994-03-31",
            "stated_balance_minor": 39_180,
            "difference_minor": 9_500,
        }
    ]


def test_negative_balances_are_recorded_exceptions_to_the_floor(loaded):
    with psycopg.connect(settings.DATABASE_URL) as connection:
        found = connection.execute("select cause from ledger.transfer where over_floor order by seq").fetchall()
    assert found == [("berka:7",), ("berka:8",)]
    assert loaded.report()["exceptions_to_the_floor"] == 2
    assert [one.balance_after_minor for one in reader().lines(ACCOUNT_BASE + 2)] == [29_680, -70_320, -70_000, 20_000]


def test_accounts_opened_later_wait_with_their_orders_outside_the_books(loaded):
    assert ACCOUNT_BASE + 3 not in reader().accounts([ACCOUNT_BASE + 3])
    assert list(Account.objects.filter(id__lt=20_000_000).values_list("number", flat=True)) == ["00000001", "00000002"]
    assert list(Waiting.objects.order_by("kind").values_list("kind", "ident", "begins")) == [
        ("account", ACCOUNT_BASE + 3, BUSINESS_DATE),
        ("order", 13, BUSINESS_DATE),
    ]
    assert Waiting.objects.get(kind="account").body["owners"] == [4]
    assert list(Order.objects.filter(id__lt=100).values_list("id", flat=True)) == [11, 12]
    assert loaded.report()["waiting"] == {"accounts": 1, "orders": 1, "transactions": 0}
    assert Customer.objects.get(id=4).verifier == ""


def test_those_who_share_an_account_share_its_cohort(loaded):
    shared = Account.objects.get(number="00000002")
    assert set(shared.owners.values_list("id", "cohort")) == {(2, cohort_of("00000002")), (3, cohort_of("00000002"))}
    assert (shared.cohort, shared.product) == (cohort_of("00000002"), "current")
    assert reader().accounts([shared.id])[shared.id].cohort == shared.cohort


def test_only_those_activated_have_a_password(empty, tmp_path):
    empty.load(folder_of(tmp_path / "records"), activate=1)
    rita, client = empty.logins()
    assert (rita["username"], rita["role"]) == ("rita", "late-rent")
    number = "00000001" if client["customer"] == 1 else "00000002"
    assert client["accounts"] == [{"id": ACCOUNT_BASE + client["customer"], "number": number}]
    assert (client["username"], client["role"]) == (f"client-{client['customer']}", "")
    assert set(Customer.objects.exclude(verifier="").values_list("username", flat=True)) == {"rita", client["username"]}
    assert password_fits(Customer.objects.get(id=client["customer"]).verifier, client["password"])
    assert Customer.objects.get(id=3).email == "client-3@example.test"
    assert (empty.data / "bank" / "logins.json").stat().st_mode & 0o777 == 0o600


def test_orders_of_the_banks_day_go_to_other_banks_and_those_without_cover_end_as_refused(empty, tmp_path):
    empty.load(folder_of(tmp_path / "records"))
    clearing = reader().accounts([OWN["clearing"]])[OWN["clearing"]].balance_minor
    commands.write_order_run(BUSINESS_DATE, timezone.now() - timedelta(seconds=1))
    assert executing.run_orders() == executing.Ran(done=1, refused=2)
    ended = {one.order_id: (one.state, one.reason) for one in Execution.objects.all()}
    rita = next(one.id for one in Order.objects.all() if one.payee == "Example Housing")
    refused = ("refused", "not_enough_money")
    assert ended == {11: ("done", ""), 12: refused, rita: refused}
    assert balances(1, 2) == [38_600, 29_680]
    assert reader().accounts([OWN["clearing"]])[OWN["clearing"]].balance_minor == clearing + 15_000
    days = (BUSINESS_DATE - timedelta(days=1), BUSINESS_DATE)
    assert [price_on(RULE, "CZK", day) is not None for day in days] == [False, True]
    assert reader().prove() == []


def test_a_row_that_makes_no_sense_is_reported_with_file_and_line_and_the_rest_is_loaded(empty, tmp_path, capsys):
    assert empty.load(folder_of(tmp_path / "records", trans=[NONSENSE])) == 0
    assert empty.report()["reports"] == [{"file": "trans.asc", "line": 11, "why": "'ten' is not an amount"}]
    assert "  trans.asc line 11: 'ten' is not an amount\n" in capsys.readouterr().out
    assert balances(1, 2) == [53_600, 29_680]
    assert reader().prove() == []


def test_a_missing_file_changes_nothing(empty, tmp_path, capsys):
    before = empty.state()
    assert (before[0].block, before[1:]) == (0, (0, 0, 0, []))
    for name in HEADERS:
        (folder_of(tmp_path / "records") / f"{name}.asc").unlink()
        assert empty.load(tmp_path / "records") == 1
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith(f"{name}.asc is missing in ")
        assert empty.state() == before


def test_a_second_import_is_refused_and_changes_nothing(empty, tmp_path, capsys):
    folder_of(tmp_path / "records")
    assert empty.load(tmp_path / "records") == 0
    before = empty.state()
    assert empty.load(tmp_path / "records") == 1
    assert "the bank has customers already; nothing was changed" in capsys.readouterr().err
    assert empty.state() == before


def test_a_bank_in_another_currency_is_refused_and_unchanged(empty, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(settings, "INSTALLATION", replace(settings.INSTALLATION, currency="NOK"))
    before = empty.state()
    assert empty.load(folder_of(tmp_path / "records")) == 1
    assert "keeps its books in NOK and the records are in CZK" in capsys.readouterr().err
    assert empty.state() == before


def test_an_import_that_was_cut_short_can_be_started_again(empty, tmp_path, monkeypatch):
    folder_of(tmp_path / "records")
    with monkeypatch.context() as patch:
        patch.setattr(
            "holdfast.bank.berka.importing.write_logins", lambda _: (_ for _ in ()).throw(OSError("disk full"))
        )
        with pytest.raises(OSError, match="disk full"):
            empty.load(tmp_path / "records")
    assert (Customer.objects.count(), balances(1, 2)) == (0, [53_600, 29_680])
    assert empty.load(tmp_path / "records") == 0
    assert balances(1, 2) == [53_600, 29_680]
    assert reader().prove() == []


def _real() -> Path:
    folder = Path(os.environ.get("HOLDFAST_BERKA") or ROOT.parent / "shared" / "data" / "berka")
    if not folder.is_dir():
        pytest.skip(f"the real records are not in {folder}; name their folder in HOLDFAST_BERKA")
    return folder


def test_the_real_records_agree_with_their_own_running_balances(empty):
    folder, began = _real(), time.monotonic()
    assert empty.load(folder, activate=20) == 0
    assert reader().prove() == []
    assert time.monotonic() - began < REAL_S_MAX
    found = empty.report()
    assert found["counts"] == {
        "clients": 5369,
        "accounts": 4500,
        "orders": 6471,
        "transactions": 49102,
        "transfers": 51431,
        "logins": 21,
    }
    assert found["open"] == {"accounts": 1229, "orders": 1748}
    assert found["waiting"] == {"accounts": 3271, "orders": 4723, "transactions": 0}
    assert found["rounding"] == {"rows": 2325, "sum_minor": 23_250, "net_minor": -4_810}
    assert len(found["differences"]) == len({one["account"] for one in found["differences"]}) == 28
    assert sum(one["difference_minor"] for one in found["differences"]) == 442_910
    assert {one["date"] for one in found["differences"]} == {"1994-03-31"}
    assert found["balances"] == {"as_stated": 1201, "apart": 28, "negative": 1}
    assert (found["exceptions_to_the_floor"], found["reports"]) == (78, [])
    assert (Customer.objects.count(), Account.objects.count(), Order.objects.count()) == (5371, 1231, 1749)
    assert Waiting.objects.count() == 3271 + 4723
    assert len(empty.logins()) == 21
