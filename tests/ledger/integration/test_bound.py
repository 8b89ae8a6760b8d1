"""What is held, posted in part, voided or expired; what is given back; what stands or falls together."""

import time
import uuid
from dataclasses import replace

import psycopg
import pytest

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_OUT, AccountChange, block_from_wire
from holdfast.contracts.epochs import Mode, Row
from holdfast.ledger.api import Action, BadTransfer, Limits, Result
from holdfast.ledger.schema import read_sql

pytestmark = pytest.mark.demand("A1")

FAR_US = 4_000_000_000_000_000


def held(town, amount_minor=4_000, **more):
    """A hold of Ann's for Ben."""
    values = {"action": Action.PENDING, "expires_us": FAR_US, **more}
    return town.post(town.ann, town.ben, amount_minor, **values)


def held_shortly(town):
    """A hold whose time has passed by now; made before that, however slow the machine is."""
    for wait_us in (50_000, 500_000, 5_000_000):
        made = held(town, expires_us=time.time_ns() // 1000 + wait_us)
        if town.books.post(made).result is Result.POSTED:
            while time.time_ns() // 1000 <= made.expires_us:
                time.sleep(0.01)
            return made
    raise AssertionError("nothing was held in time")


def state(town, account):
    one = town.reader.accounts([account])[account]
    return one.balance_minor, one.held_minor, one.available_minor


def said(posted):
    return posted.result, posted.reason


@pytest.fixture
def hold(town):
    made = held(town)
    assert town.books.post(made).result is Result.POSTED
    return made


def test_what_was_held_at_a_block_is_told_whatever_ended_since(town, hold):
    posted, freed = held(town, 30), held(town, 20)
    block = town.books.post_many([posted, freed])[0].block
    town.books.post_many([town.post(town.ann, town.ben, 5, settles=posted.id), void_of(town, freed), held(town, 1)])
    accounts = [town.ann, town.ben, 999_999_999]
    assert town.reader.held_at(block - 1, accounts) == {town.ann: 4_000, town.ben: 0}
    assert town.reader.held_at(block, accounts) == {town.ann: 4_050, town.ben: 0}
    assert town.reader.held_at(block + 1, accounts) == {town.ann: 4_001, town.ben: 0}
    assert town.reader.held_between(town.ann - 1, town.ann) == {town.ann: 4_001}


def void_of(town, hold, **more):
    return replace(hold, id=uuid.uuid4(), action=Action.VOID, settles=hold.id, note=None, **more)


def test_a_hold_moves_nothing_and_keeps_the_money_from_being_spent(town, hold):
    assert state(town, town.ann) == (10_000, 4_000, 6_000)
    assert state(town, town.ben) == (0, 0, 0)
    assert said(town.books.post(town.post(town.ann, town.ben, 6_001))) == (Result.REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert said(town.books.post(held(town, 6_001))) == (Result.REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert town.books.post(town.post(town.ann, town.ben, 6_000)).result is Result.POSTED
    assert state(town, town.ann) == (4_000, 4_000, 0)
    assert town.reader.prove() == []


def test_a_hold_is_posted_in_part_and_the_rest_is_free_at_once(town, hold):
    town.books.post(town.post(town.ann, town.ben, 6_000))
    use = town.post(town.ann, town.ben, 2_500, settles=hold.id)
    first, again = town.books.post(use), town.books.post(use)
    assert (first.result, again.result, first.block) == (Result.POSTED, Result.ALREADY_POSTED, again.block)
    assert state(town, town.ann) == (1_500, 0, 1_500)
    found = town.reader.hold(hold.id)
    assert (found.ended, found.payee) == ("posted", "Ben")
    assert town.reader.holds([town.ann]) == []
    assert town.reader.prove() == []


def test_a_hold_that_was_voided_or_posted_is_not_ended_again(town, hold):
    void = void_of(town, hold)
    assert [town.books.post(void).result for _ in range(2)] == [Result.POSTED, Result.ALREADY_POSTED]
    assert state(town, town.ann) == (10_000, 0, 10_000)
    late = town.post(town.ann, town.ben, 1, settles=hold.id)
    assert said(town.books.post(late)) == (Result.REFUSED, Reason.HOLD_ENDED)
    assert said(town.books.post(void_of(town, hold))) == (Result.REFUSED, Reason.HOLD_ENDED)
    assert town.books.post(late).result is Result.ALREADY_REFUSED
    assert state(town, town.ann) == (10_000, 0, 10_000)
    assert town.reader.hold(hold.id).ended == "voided"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 4_001}, Reason.HOLD_DIFFERS),
        ({"settles": uuid.UUID(int=7)}, Reason.HOLD_UNKNOWN),
        ({"currency": "EUR"}, Reason.OTHER_CURRENCY),
    ],
)
def test_what_does_not_fit_its_hold_is_refused_and_the_hold_stays(town, hold, change, reason):
    use = replace(town.post(town.ann, town.ben, 4_000, settles=hold.id), **change)
    assert said(town.books.post(use)) == (Result.REFUSED, reason)
    assert town.reader.hold(hold.id).ended == ""
    assert state(town, town.ann) == (10_000, 4_000, 6_000)


def test_a_hold_for_another_account_is_not_posted(town, hold):
    use = town.post(town.ann, town.bank, 10, settles=hold.id)
    assert town.books.post(use).reason is Reason.HOLD_DIFFERS


def test_a_hold_whose_time_has_passed_is_neither_posted_nor_voided_and_is_freed_by_the_job(town):
    soon = held_shortly(town)
    assert town.books.post(town.post(town.ann, town.ben, 1, settles=soon.id)).reason is Reason.HOLD_EXPIRED
    assert town.books.post(void_of(town, soon)).reason is Reason.HOLD_EXPIRED
    assert state(town, town.ann) == (10_000, 4_000, 6_000)
    assert town.books.expire_pendings() >= 1
    assert state(town, town.ann) == (10_000, 0, 10_000)
    assert town.reader.hold(soon.id).ended == "expired"
    assert town.books.expire_pendings() == 0
    assert town.reader.prove() == []


def test_a_hold_expires_only_while_its_bank_serves_the_cohort(town):
    gone = held_shortly(town)
    town.books.learn_rows([Row(town.cohort, Mode.STANDIN, gone.epoch + 1)])
    town.books.expire_pendings()
    assert state(town, town.ann)[1] == 4_000
    town.books.learn_rows([Row(town.cohort, Mode.PRIMARY, gone.epoch + 2)])
    town.books.expire_pendings()
    assert state(town, town.ann)[1] == 0


def test_what_is_already_past_is_never_held(town):
    assert said(town.books.post(held(town, expires_us=1))) == (Result.REFUSED, Reason.HOLD_EXPIRED)
    assert state(town, town.ann) == (10_000, 0, 10_000)


def test_a_hold_needs_no_cover_when_it_is_posted_and_records_that_it_fell_below_the_floor(town, hold):
    forced = town.post(town.ann, town.ben, 9_000, source="journal", journal_number=3, over_floor=True)
    town.books.post_many([forced])
    assert state(town, town.ann) == (1_000, 4_000, -3_000)
    assert town.books.post(town.post(town.ann, town.ben, 4_000, settles=hold.id)).result is Result.POSTED
    assert state(town, town.ann) == (-3_000, 0, -3_000)
    assert town.reader.prove() == []


@pytest.mark.parametrize(("flags", "result"), [(FLAG_FROZEN_OUT, Result.POSTED), (FLAG_CLOSED, Result.REFUSED)])
def test_a_hold_made_before_a_freeze_is_still_posted_but_not_out_of_a_closed_account(town, hold, flags, result):
    town.books.change_accounts([AccountChange(town.ann, f"nr-{town.ann}", "NOK", "credit", 0, flags, town.cohort)])
    assert town.books.post(held(town, 1)).result is Result.REFUSED
    assert town.books.post(town.post(town.ann, town.ben, 100, settles=hold.id)).result is result


def test_a_payment_under_the_id_of_a_hold_is_the_hold(town, hold):
    same = replace(hold, action=Action.TRANSFER, expires_us=0)
    other = replace(same, amount_minor=5)
    assert said(town.books.post(same)) == (Result.ALREADY_POSTED, Reason.OK)
    assert said(town.books.post(other)) == (Result.CONFLICT, Reason.OTHER_CONTENT)
    assert said(town.books.post(replace(hold, amount_minor=5))) == (Result.CONFLICT, Reason.OTHER_CONTENT)
    assert town.reader.outcome(hold.id).result is Result.ALREADY_POSTED
    assert state(town, town.ann) == (10_000, 4_000, 6_000)


def test_a_reversal_gives_back_at_most_what_was_moved(town):
    first = town.post(town.ann, town.ben, 1_000)
    town.books.post(first)
    back = [town.post(town.ben, town.ann, amount, reverses=first.id) for amount in (600, 401, 400)]
    assert [said(town.books.post(one)) for one in back] == [
        (Result.POSTED, Reason.OK),
        (Result.REFUSED, Reason.REVERSED_ALREADY),
        (Result.POSTED, Reason.OK),
    ]
    assert (town.balance(town.ann), town.balance(town.ben)) == (10_000, 0)
    assert town.reader.prove() == []


def test_a_reversal_turns_its_transfer_round_and_names_one_that_exists(town):
    first = town.post(town.ann, town.ben, 1_000)
    town.books.post(first)
    same_way = town.post(town.ann, town.ben, 10, reverses=first.id)
    nothing = town.post(town.ben, town.ann, 10, reverses=uuid.uuid4())
    assert {town.books.post(one).reason for one in (same_way, nothing)} == {Reason.REVERSED_UNKNOWN}
    assert town.balance(town.ben) == 1_000


def group_of(town, *amounts):
    group = uuid.uuid4()
    return [town.post(town.ann, town.ben, amount, linked=group) for amount in amounts]


def test_a_group_is_booked_whole_or_refused_whole_each_by_its_id(town):
    head = town.reader.head().block
    good, bad = group_of(town, 3_000, 4_000), group_of(town, 2_000, 1_001)
    answers = town.books.post_many([*good, *bad, town.post(town.ann, town.ben, 3_000)])
    assert [said(one) for one in answers] == [
        (Result.POSTED, Reason.OK),
        (Result.POSTED, Reason.OK),
        (Result.REFUSED, Reason.LINKED_REFUSED),
        (Result.REFUSED, Reason.NOT_ENOUGH_MONEY),
        (Result.POSTED, Reason.OK),
    ]
    assert (town.balance(town.ann), town.balance(town.ben)) == (0, 10_000)
    assert {one.block for one in answers} == {head + 1}
    assert [town.reader.outcome(one.id).result for one in bad] == [Result.ALREADY_REFUSED] * 2
    assert [said(one) for one in town.books.post_many(bad)][1] == (Result.ALREADY_REFUSED, Reason.NOT_ENOUGH_MONEY)
    assert town.reader.prove() == []


def test_nothing_is_added_to_a_group_later(town):
    group = group_of(town, 10, 20)
    town.books.post_many(group)
    late = town.post(town.ann, town.ben, 30, linked=group[0].linked)
    assert said(town.books.post(late)) == (Result.REFUSED, Reason.LINKED_REFUSED)
    again = [*group, town.post(town.ann, town.ben, 40, linked=group[0].linked)]
    results = [one.result for one in town.books.post_many(again)]
    assert results == [Result.ALREADY_POSTED, Result.ALREADY_POSTED, Result.REFUSED]
    assert town.balance(town.ben) == 30


def test_a_group_with_one_stale_member_leaves_no_trace(town):
    group = group_of(town, 10, 20)
    town.books.post(town.post(town.ann, town.ben, 1, epoch=group[0].epoch + 5))
    head = town.reader.head()
    fresh = replace(group[0], epoch=group[0].epoch + 5)
    assert [one.result for one in town.books.post_many([fresh, group[1]])] == [Result.STALE] * 2
    assert town.reader.head() == head


def test_a_hold_is_exchanged_for_a_larger_payment_whole_or_not_at_all(town, hold):
    group = uuid.uuid4()
    for amount, ended in ((10_001, ""), (10_000, "voided")):
        pair = [void_of(town, hold, linked=group), town.post(town.ann, town.ben, amount, linked=group)]
        town.books.post_many(pair)
        assert town.reader.hold(hold.id).ended == ended
    assert state(town, town.ann) == (0, 0, 0)
    assert town.reader.prove() == []


def test_money_changes_its_currency_by_two_transfers_or_none(town):
    euro, position = town.bank + 1_000_000, town.bank + 2_000_000
    town.books.change_accounts(
        [
            AccountChange(euro, f"nr-{euro}", "EUR", "credit", 0, 0, town.cohort),
            AccountChange(position, f"own-{position}", "EUR", "debit", -(10**15), 0, town.cohort),
        ]
    )
    group = uuid.uuid4()
    pair = [
        town.post(town.ann, town.bank, 1_165, linked=group, kind="exchange"),
        town.post(position, euro, 100, linked=group, kind="exchange", currency="EUR"),
    ]
    assert {one.result for one in town.books.post_many(pair)} == {Result.POSTED}
    assert (town.balance(town.ann), town.balance(euro)) == (8_835, 100)
    assert town.reader.prove() == []


def test_python_and_the_database_hash_what_is_bound_alike(town, hold):
    since = town.reader.head().block - 1
    town.books.post(town.post(town.ann, town.ben, 4_000, settles=hold.id))
    town.books.post_many([held(town, 5, linked=uuid.uuid4()), *group_of(town, 1, 2)])
    other = held(town, 7)
    town.books.post(other)
    town.books.post(void_of(town, other))
    wire = town.reader.blocks(since, 10)
    blocks = [block_from_wire(one) for one in wire]
    assert [item[0] for one in wire for item in one["items"]] == ["P", "X", "P", "X", "X", "P", "V"]
    assert blocks[-1].hash() == town.reader.head().hash


@pytest.mark.parametrize(
    "change",
    [
        {"settles": "no"},
        {"linked": uuid.UUID(int=0)},
        {"action": Action.VOID},
        {"action": "pending"},
        {"action": Action.PENDING},
        {"action": Action.PENDING, "expires_us": FAR_US, "over_floor": True},
        {"settles": uuid.UUID(int=1), "reverses": uuid.UUID(int=2)},
        {"action": Action.PENDING, "expires_us": 2**63},
        {"debit": "1"},
        {"credit": 2**63},
        {"cohort": 2**31},
        {"value_date": "2026-01-01"},
        {"kind": None},
        {"currency": 5},
        {"refuse": "why"},
    ],
)
def test_what_can_never_be_bound_is_named_and_nothing_changes(town, change):
    head = town.reader.head()
    with pytest.raises(BadTransfer):
        town.books.post(replace(town.post(town.ann, town.ben, 1), **change))
    assert town.reader.head() == head


def test_too_many_in_one_call_and_an_id_twice_in_a_group_are_refused_whole(town):
    head, limits = town.reader.head(), Limits()
    plain, bound = town.post(town.ann, town.ben, 1), town.post(town.ann, town.ben, 1, linked=uuid.uuid4())
    for posts in ([plain] * (limits.batch_posts_max + 1), [bound] * (limits.tied_posts_max + 1), [bound] * 2):
        with pytest.raises(BadTransfer):
            town.books.post_many(posts)
    assert town.reader.head() == head


TAMPERINGS = {
    "what is held equals the open holds": "UPDATE ledger.account SET held_minor = held_minor + 1 WHERE account = {ann}",
    "the open holds are listed": "DELETE FROM ledger.open_pending WHERE id = '{open}'",
    "an end is what ended the hold": "UPDATE ledger.ended SET by = gen_random_uuid() WHERE pending = '{done}'",
    "a hold is posted within its amount": "UPDATE ledger.tie SET released_minor = 1 WHERE settles = '{done}'",
    "a hold is released as it was made": "UPDATE ledger.release SET amount_minor = 1 WHERE pending = '{freed}'",
    "reversals stay within what they reverse": "UPDATE ledger.tie SET reverses = id WHERE reverses IS NOT NULL",
    "linked groups are whole": "UPDATE ledger.tie SET linked = gen_random_uuid(), block = block + 1 WHERE linked IS NOT NULL;"
    " UPDATE ledger.tie SET linked = '{open}' WHERE linked IS NOT NULL",
    "ties stand in the block of their transfer": "UPDATE ledger.tie SET block = block + 1 WHERE settles = '{done}'",
    "each block has its hash": "UPDATE ledger.pending SET expires_us = expires_us + 1 WHERE id = '{open}'",
    "each block has its items": "DELETE FROM ledger.release WHERE pending = '{freed}'",
}


@pytest.fixture
def bound(town, hold):
    """Ids of a hold that is open, one that was posted, one that was voided."""
    done, freed, group = held(town, 10), held(town, 20), group_of(town, 1, 2)
    town.books.post_many([done, freed])
    town.books.post_many([town.post(town.ann, town.ben, 4, settles=done.id), void_of(town, freed), *group])
    town.books.post(town.post(town.ben, town.ann, 1, reverses=group[0].id))
    town.books.post_many(group_of(town, 1, 2))
    return {"ann": town.ann, "open": hold.id, "done": done.id, "freed": freed.id}


@pytest.mark.parametrize("invariant", TAMPERINGS)
def test_the_proof_finds_each_tampering_with_what_is_bound(url, town, bound, invariant):
    assert town.reader.prove() == []
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(TAMPERINGS[invariant].format(**bound).encode())
        found = {row[0] for row in connection.execute(read_sql("proof").encode()).fetchall()}
        connection.execute("SELECT set_config('holdfast.since', '1', true)")
        since = connection.execute(read_sql("proof_since").encode()).fetchall()
        connection.rollback()
    assert invariant in found
    assert since


@pytest.mark.parametrize("table", ["pending", "release", "tie", "ended"])
def test_the_database_refuses_to_change_what_is_bound(url, table):
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match="never changed"):
        connection.execute(f"UPDATE ledger.{table} SET block = 1" if table != "ended" else "DELETE FROM ledger.ended")
