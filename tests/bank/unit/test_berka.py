"""The records of a real bank: reading them, the order of a day's rows, the plan; nothing is written."""

import itertools
import random
from datetime import date

import pytest

from holdfast.bank.berka import rows
from holdfast.bank.berka.errors import ImportRefused
from holdfast.bank.berka.fitting import EXACT_MAX, fit
from holdfast.bank.berka.kinds import kind_of
from holdfast.bank.berka.people import add_story, choose_people
from holdfast.bank.berka.plan import ACCOUNT_BASE, OWN, make_plan
from holdfast.bank.berka.records import AccountRecord, Disposition, Movement, OrderRecord, Records, read_records
from holdfast.bank.berka.rows import BadRow
from holdfast.contracts.epochs import cohort_of

HEADERS = {
    "client": '"client_id";"birth_number";"district_id"',
    "account": '"account_id";"district_id";"frequency";"date"',
    "disp": '"disp_id";"client_id";"account_id";"type"',
    "order": '"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"',
    "trans": '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"',
    "card": '"card_id";"disp_id";"type";"issued"',
    "loan": '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"',
    "district": ";".join(f"A{column}" for column in range(1, 17)),
}
GOOD = {
    "client": ['1;"706213";18', '2;"450204";1'],
    "account": ['1;18;"POPLATEK MESICNE";930101', '2;1;"POPLATEK MESICNE";940401'],
    "disp": ['1;1;1;"OWNER"', '2;2;2;"OWNER"'],
    "order": ['29401;1;"YZ";"87144583";2452.00;"SIPO"'],
    "trans": ['1;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;'],
}
DAY = date(1993, 1, 1)


def folder_of(path, end="\r\n", **more):
    for name, header in HEADERS.items():
        lines = [header, *GOOD.get(name, []), *more.get(name, [])]
        (path / f"{name}.asc").write_bytes((end.join(lines) + end).encode())
    return path


def move(ident, change, balance, day=DAY, account=1):
    kind = kind_of(True, "VKLAD", "") if change > 0 else kind_of(False, "VYBER", "")
    return Movement(ident, ident + 1, account, day, change, balance, kind, "", "")


def placed(movements):
    return [(one.movement.id, one.difference_minor) for one in fit(movements)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_good_folder_is_read_whole_and_without_complaint(tmp_path, end):
    found = read_records(folder_of(tmp_path, end))
    assert (found.clients, len(found.accounts), len(found.dispositions), found.complaints) == ({1, 2}, 2, 2, [])
    assert [one.waits for one in found.accounts.values()] == [False, True]
    (order,), (movement,) = found.orders, found.movements
    assert (order.amount_minor, order.kind, order.bank, order.number) == (245_200, "household", "YZ", "87144583")
    assert (movement.change_minor, movement.balance_minor, movement.date) == (70_000, 70_000, DAY)
    assert found.counted == {"card": 0, "loan": 0, "district": 0}


@pytest.mark.parametrize("name", HEADERS)
def test_a_missing_file_is_named_in_one_sentence(tmp_path, name):
    (folder_of(tmp_path) / f"{name}.asc").unlink()
    with pytest.raises(ImportRefused, match=rf"^{name}\.asc is missing in .*nothing was loaded$"):
        read_records(tmp_path)


def test_a_file_with_other_columns_or_no_lines_is_refused(tmp_path):
    folder_of(tmp_path)
    (tmp_path / "disp.asc").write_text(HEADERS["card"] + "\n")
    with pytest.raises(ImportRefused, match="does not begin with the columns disp_id, client_id"):
        read_records(tmp_path)
    (tmp_path / "disp.asc").write_text("")
    with pytest.raises(ImportRefused, match=r"disp\.asc does not begin"):
        read_records(tmp_path)
    with pytest.raises(ImportRefused, match="is not a folder"):
        read_records(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "line", "why"),
    [
        ("client", '3;"709913";18', "the birth number '709913' holds no day"),
        ("client", '1;"706213";18', "client 1 was in the file before"),
        ("account", 'x;18;"POPLATEK MESICNE";930101', "the account 'x' is not a number from 1 to 9999999"),
        ("account", '0;18;"POPLATEK MESICNE";930101', "the account '0' is not a number from 1 to 9999999"),
        ("account", '7;18;"POPLATEK MESICNE";930230', "the date '930230' is not a day written YYMMDD"),
        ("disp", '3;9;1;"OWNER"', "client 9 is not among the clients that were read"),
        ("disp", '3;1;9;"OWNER"', "account 9 is not among the accounts that were read"),
        ("disp", '3;1;2;"FRIEND"', "the type 'FRIEND' is neither OWNER nor DISPONENT"),
        ("disp", '3;1;1;"DISPONENT"', "client 1 at account 1 was in the file before"),
        ("order", '29401;1;"YZ";"87144583";1.00;"SIPO"', "order 29401 was in the file before"),
        ("order", '29402;1;"YZ";"";1.00;"SIPO"', "it does not say to which bank and account it pays"),
        ("order", '29402;1;"YZ";"87144583";0.00;"SIPO"', "the amount 0.00 is not above zero"),
        ("order", '29402;1;"YZ";"87144583";1.00;"GIFT"', "the symbol 'GIFT' is not known"),
        ("trans", '2;1;930102;"PRIJEM";"VKLAD";7,00;7.00;"";;', "'7,00' is not an amount"),
        ("trans", '2;1;930102;"PRIJEM";"VKLAD";7.005;7.00;"";;', "'7.005' is not an amount"),
        ("trans", '2;1;930102;"PRIJEM";"VKLAD";-7.00;7.00;"";;', "the amount -7.00 is not above zero"),
        (
            "trans",
            '2;1;930102;"PRIJEM";"VYBER";7.00;7.00;"";;',
            "operation 'VYBER' with symbol '' is not known for a cr",
        ),
        ("trans", '2;1;930102;"DAR";"VKLAD";7.00;7.00;"";;', "the type 'DAR' is not known"),
        ("trans", '2;1;921231;"PRIJEM";"VKLAD";7.00;7.00;"";;', "it is dated 1992-12-31, before account 1 was opened"),
        ("trans", '2;1;930102;"PRIJEM";"VKLAD";7.00', "it has 6 fields instead of 10"),
        ("trans", '2;1;930102;"PRIJEM;"VKLAD";7.00;7.00;"";;', "its quotes do not pair"),
        ("trans", '2;1;930102;"PRIJEM";"VKLAD";7.00;7.00;"\0";;', "it holds characters that cannot be read"),
        ("trans", '1;1;930102;"PRIJEM";"VKLAD";7.00;7.00;"";;', "transaction 1 was in the file before"),
    ],
)
def test_a_row_that_makes_no_sense_is_reported_and_the_rest_is_read(tmp_path, name, line, why):
    good = read_records(folder_of(tmp_path))
    found = read_records(folder_of(tmp_path, **{name: [line]}))
    (complaint,) = found.complaints
    assert (complaint.file, complaint.line) == (f"{name}.asc", len(GOOD[name]) + 2)
    assert why in complaint.why
    for field in ("clients", "accounts", "dispositions", "orders", "movements"):
        assert getattr(found, field) == getattr(good, field)


def test_an_account_without_an_owner_is_reported_and_kept_for_its_money(tmp_path):
    found = read_records(folder_of(tmp_path, account=['5;18;"POPLATEK MESICNE";930101']))
    (complaint,) = found.complaints
    assert (complaint.file, complaint.line) == ("account.asc", 4)
    assert "account 5 has no owner" in complaint.why
    assert 5 in found.accounts


def test_transactions_after_the_banks_day_wait(tmp_path):
    later = ['2;1;940401;"PRIJEM";"VKLAD";1.00;701.00;"";;', '3;1;940331;"PRIJEM";"VKLAD";1.00;702.00;"";;']
    found = read_records(folder_of(tmp_path, trans=later))
    assert ([one.id for one in found.movements], found.later, found.complaints) == ([1, 3], 1, [])


def test_amounts_are_read_exactly():
    assert rows.balance_minor("0.29") == 29
    assert rows.balance_minor("-1234567890.1") == -123_456_789_010
    assert rows.amount_minor("9007199254740.93") == 900_719_925_474_093
    for wrong in ("", "1e3", "1.", ".5", "+1", "1 000.00", "99999999999999.00", "٣.00"):
        with pytest.raises(BadRow):
            rows.balance_minor(wrong)


def test_womens_months_are_counted_from_51():
    assert rows.birth_day("706213") == date(1970, 12, 13)
    assert rows.birth_day("450204") == date(1945, 2, 4)
    for wrong in ("705013", "706313", "70621", "70ab13"):
        with pytest.raises(BadRow, match="holds no day"):
            rows.birth_day(wrong)


def test_a_days_rows_take_the_order_that_fits_the_running_balances():
    day = [move(2, -300, 700), move(3, 500, 600), move(4, -600, 100), move(1, 1000, 1000)]
    assert placed(day) == [(1, 0), (2, 0), (4, 0), (3, 0)]


def test_any_order_in_the_file_gives_the_same_fit():
    balance, true = 0, []
    for ident, change in enumerate((1000, -250, 40, -300, 777, -20), 1):
        balance += change
        true.append(move(ident, change, balance))
    for mixed in itertools.permutations(true):
        assert placed(mixed) == [(ident, 0) for ident in range(1, 7)]


def test_a_long_day_takes_what_fits_next():
    balance, true = 0, []
    for ident in range(1, EXACT_MAX * 5):
        balance += 100 + ident
        true.append(move(ident, 100 + ident, balance))
    seed = 20
    mixed = random.Random(seed).sample(true, len(true))
    assert placed(mixed) == [(one.id, 0) for one in true], f"seed {seed}"


def test_the_order_of_a_day_is_chosen_with_the_next_day_in_view():
    """Both orders of the first day have one row that does not fit; only one leads to the second day."""
    first = [move(1, 100, 150), move(2, 100, 130)]
    assert placed([*first, move(3, 50, 200, date(1993, 1, 2))])[-1] == (3, 0)
    assert placed([*first, move(3, 50, 180, date(1993, 1, 2))])[-1] == (3, 0)


def test_a_difference_of_ten_is_rounding_and_eleven_is_not():
    fitted = fit([move(1, 1000, 1010), move(2, 1, 1022, date(1993, 1, 2))])
    assert [(one.difference_minor, one.rounding) for one in fitted] == [(10, True), (11, False)]


def records_of(movements=(), accounts=((1, DAY),), dispositions=((1, 1, True),), orders=()):
    return Records(
        {client for client, *_ in dispositions},
        {ident: AccountRecord(ident, opened) for ident, opened in accounts},
        [Disposition(*one) for one in dispositions],
        [OrderRecord(ident, account, "YZ", "87144583", 100, "household", "Household") for ident, account in orders],
        list(movements),
    )


def test_rounding_is_booked_after_its_row_so_that_the_balance_is_the_stated_one():
    days = [date(1993, 1, day) for day in (1, 2, 3)]
    plan = make_plan(
        records_of([move(1, 1000, 1000, days[0]), move(2, -200, 790, days[1]), move(3, -90, 710, days[2])])
    )
    moved = [(post.cause, post.debit, post.credit, post.amount_minor) for post in plan.posts]
    own = ACCOUNT_BASE + 1
    assert moved == [
        ("berka:1", OWN["settlement"], own, 1000),
        ("berka:2", own, OWN["settlement"], 200),
        ("berka:2:rounding", own, OWN["rounding"], 10),
        ("berka:3", own, OWN["settlement"], 90),
        ("berka:3:rounding", OWN["rounding"], own, 10),
    ]
    assert (plan.rounding, plan.balances, plan.stated) == ([-10, 10], {own: 710}, {own: 710})
    assert len({post.id for post in plan.posts}) == 5


def test_another_difference_is_listed_and_not_booked():
    plan = make_plan(records_of([move(1, 1000, 1000), move(2, 100, 1600, date(1993, 1, 2))]))
    (found,) = plan.differences
    assert (found.line, found.transaction, found.account, found.difference_minor) == (3, 2, 1, 500)
    assert (plan.balances, plan.stated) == ({ACCOUNT_BASE + 1: 1100}, {ACCOUNT_BASE + 1: 1600})
    assert len(plan.posts) == 2


def test_only_debits_that_leave_the_account_below_zero_are_exceptions():
    days = [date(1993, 1, day) for day in range(1, 5)]
    plan = make_plan(
        records_of(
            [
                move(1, 100, 100, days[0]),
                move(2, -150, -50, days[1]),
                move(3, 20, -30, days[2]),
                move(4, -1, -31, days[3]),
            ]
        )
    )
    assert [post.over_floor for post in plan.posts] == [False, True, False, True]
    assert plan.exceptions == 2


def test_those_who_share_accounts_share_the_cohort_of_the_smallest_number():
    plan = make_plan(
        records_of(
            accounts=((7, DAY), (12, DAY), (30, DAY)),
            dispositions=((1, 12, True), (2, 12, False), (2, 7, True), (3, 30, True)),
        )
    )
    assert {one.number: one.cohort for one in plan.opening.accounts} == {
        "00000007": cohort_of("00000007"),
        "00000012": cohort_of("00000007"),
        "00000030": cohort_of("00000030"),
    }
    assert [one.cohort for one in plan.opening.customers] == [
        cohort_of("00000007"),
        cohort_of("00000007"),
        cohort_of("00000030"),
    ]
    assert [one.owners for one in plan.opening.accounts] == [(2,), (1, 2), (3,)]


def test_accounts_opened_later_and_their_orders_wait():
    later = date(1995, 6, 2)
    plan = make_plan(
        records_of(
            accounts=((1, date(1994, 3, 31)), (2, date(1994, 4, 1)), (3, later)),
            dispositions=((1, 1, True), (2, 2, True), (3, 3, True)),
            orders=((11, 1), (12, 2), (13, 3)),
        )
    )
    assert [one.number for one in plan.opening.accounts] == ["00000001"]
    assert [(one.id, one.due) for one in plan.opening.orders] == [(11, date(1994, 4, 1))]
    assert [(one.number, opened) for one, opened in plan.waiting_accounts] == [
        ("00000002", date(1994, 4, 1)),
        ("00000003", later),
    ]
    assert [(one.id, one.due) for one in plan.waiting_orders] == [(12, date(1994, 4, 1)), (13, later)]
    assert len(plan.opening.customers) == 3
    assert plan.opening.orders[0].payee == "bank YZ, account 87144583"
    assert plan.opening.orders[0].credit == OWN["clearing"]


def test_passwords_go_to_owners_with_money_and_to_the_customer_with_a_story():
    records = records_of(
        [move(1, 10_001, 10_001, account=1), move(2, 10_000, 10_000, account=2), move(3, 50_000, 50_000, account=3)],
        ((1, DAY), (2, DAY), (3, DAY), (4, DAY)),
        ((1, 1, True), (2, 2, True), (3, 3, True), (4, 3, False), (5, 4, True)),
    )
    plan = make_plan(records)
    add_story(plan)
    assert [one.username for one in choose_people(plan, records, 9, 1)] == ["rita", "client-1", "client-3"]
    assert [one.username for one in choose_people(plan, records, 0, 1)] == ["rita"]
    one = [choose_people(plan, records, 1, seed)[1].id for seed in range(20)]
    assert set(one) == {1, 3}
    assert one == [choose_people(plan, records, 1, seed)[1].id for seed in range(20)]


def test_ritas_account_does_not_cover_her_rent_before_her_salary():
    plan = make_plan(records_of())
    add_story(plan)
    (rita,) = [one for one in plan.opening.customers if one.username == "rita"]
    (account,) = [one for one in plan.opening.accounts if rita.id in one.owners]
    (order,) = plan.opening.orders
    assert (rita.name, plan.roles[rita.id]) == ("Rita Rentmade (made up)", "late-rent")
    assert (order.debit, order.kind, order.payee, order.due) == (
        account.id,
        "rent",
        "Example Housing",
        date(1994, 4, 1),
    )
    assert (plan.balances[account.id], order.amount_minor, order.currency) == (800_000, 1_250_000, "CZK")
    assert [one.name for one in plan.opening.customers] == ["Client 1 (Berka)", "Example Housing", rita.name]
    assert account.product == "current"
