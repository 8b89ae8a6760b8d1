"""What crosses between the banks: feeds out, the journal in, the comparison."""

import copy
import threading
import time
import uuid

import pytest
from carding import card_of, question, send, told
from django.db import connections, transaction
from django.utils import timezone

from holdfast.bank.books import books, reader
from holdfast.bank.customers.models import RevokedSession
from holdfast.bank.errors import JournalBroken
from holdfast.bank.exchange import replay as replaying
from holdfast.bank.exchange.facts import bank_facts, number_facts, tell
from holdfast.bank.exchange.feed import FeedCursor, standin_cursor
from holdfast.bank.exchange.models import Fact, JournalException, Replayed
from holdfast.bank.payments.models import Intent
from holdfast.contracts import ids
from holdfast.contracts.blocks import FLAG_CLOSED, AccountChange, block_from_wire
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Post, Result

TODAY = timezone.localdate()


def in_thread(work):
    failed = []

    def run():
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


def test_facts_are_numbered_only_when_no_older_transaction_is_open():
    number_facts()
    began, finish = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            tell("blocked", [("slow", {})])
            began.set()
            assert finish.wait(10)

    thread, failed = in_thread(slow)
    assert began.wait(10)
    with transaction.atomic():
        tell("blocked", [("quick", {})])
    number_facts()
    assert Fact.objects.get(key="quick").number is None
    finish.set()
    thread.join()
    assert not failed
    number_facts()
    slow_number, quick_number = Fact.objects.get(key="slow").number, Fact.objects.get(key="quick").number
    assert quick_number == slow_number + 1


def test_concurrent_writers_and_sequencers_give_numbers_without_holes_or_turns():
    number_facts()
    before = Fact.objects.count()

    def write():
        for turn in range(10):
            with transaction.atomic():
                tell("blocked", [(f"many-{turn}", {"turn": turn})])
            number_facts()

    threads = [in_thread(write) for _ in range(4)]
    for thread, failed in threads:
        thread.join()
        assert not failed
    number_facts()
    numbered = list(Fact.objects.order_by("id").values_list("number", flat=True))
    assert sorted(numbered) == list(range(1, before + 41))
    seen = [fact.number for fact in Fact.objects.order_by("number")]
    assert seen == sorted(seen)


def test_the_profile_feed_gives_facts_in_order_to_those_who_may_ask(call):
    answer = call("/-/feed/profile", by="standin", after=0, limit=3).json()
    assert [fact["number"] for fact in answer["facts"]] == [1, 2, 3]
    assert answer["facts"][0]["kind"] == "bank"
    assert answer["head"] >= 3
    assert call("/-/feed/profile", by="clearing").status_code == 403
    assert call("/-/feed/profile", by="door").status_code == 403


def test_the_books_feed_gives_whole_blocks_and_wakes_for_a_new_one(town, call):
    head = reader().head().block
    found = call("/-/feed/books", by="standin", after=head - 2, limit=10).json()
    assert [block_from_wire(raw).number for raw in found["blocks"]] == [head - 1, head]
    assert standin_cursor.block == head - 2
    got = []
    thread, failed = in_thread(lambda: got.append(call("/-/feed/books", by="control", after=head, wait_ms=1500).json()))
    time.sleep(0.1)
    started = time.monotonic()
    town.ann.post("/pay", town.ann.form(town.ben, "1"))
    thread.join()
    assert not failed
    assert [raw["number"] for raw in got[0]["blocks"]] == [head + 1]
    assert time.monotonic() - started < 1
    empty = call("/-/feed/books", by="control", after=head + 1, wait_ms=60).json()
    assert empty == {"head": head + 1, "blocks": []}
    assert standin_cursor.block == head - 2


def test_an_answer_waits_for_the_spare_bank_at_most_20_ms_and_not_when_it_is_away():
    cursor = FeedCursor()
    started = time.monotonic()
    assert not cursor.wait_for(5)
    assert time.monotonic() - started < 0.01
    cursor.asked(4)
    started = time.monotonic()
    assert not cursor.wait_for(5)
    assert 0.015 < time.monotonic() - started < 0.1
    cursor.asked(5)
    assert cursor.wait_for(5)
    assert cursor.without_share() == pytest.approx(2 / 3)


def counts(answer):
    return {key: value for key, value in answer.json().items() if value and key != "replayed_to"}


def test_a_replay_enters_each_accept_once_however_often_it_is_ordered(town, journal, call):
    payment = town.payment(town.ann.account, town.ben.account, 2500)
    journal.payment("accept", payment)
    answer = call("/-/replay", {"to": len(journal.entries)})
    assert counts(answer) == {"posted": 1}
    assert answer.json()["replayed_to"] == len(journal.entries)
    assert counts(call("/-/replay", {})) == {}
    assert (town.ann.balance, town.ben.balance) == (97_500, 2500)
    (line,) = reader().lines(town.ben.account)
    assert (line.source, line.journal_number) == ("journal", len(journal.entries))
    page = town.ann.get("/money").content.decode()
    assert "accepted by our spare bank on" in page
    assert "entered in the books on" in page


def test_a_chunk_that_was_booked_but_not_stored_is_entered_once(town, journal, call, monkeypatch):
    closed = town.person(0)
    books().change_accounts(
        [AccountChange(closed.account, closed.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)]
    )
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 100))
    journal.payment("accept", town.payment(town.ann.account, closed.account, 100))
    journal.payment("accept", town.payment(town.ben.account, town.ann.account, 70_000))
    store = replaying._store
    monkeypatch.setattr(replaying, "_store", lambda _: (_ for _ in ()).throw(JournalBroken("killed here")))
    assert call("/-/replay", {}).status_code == 500
    monkeypatch.setattr(replaying, "_store", store)
    assert counts(call("/-/replay", {})) == {"already": 1, "forced": 1, "suspended": 1}
    last = [entry.number for entry in journal.entries[-3:]]
    kinds = JournalException.objects.filter(number__in=last).order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["suspended", "forced"]  # a case is not lost with the process that opened it
    assert (town.ann.balance, town.ben.balance) == (169_800, -69_900)


def test_an_accept_is_entered_also_over_our_own_recorded_refusal(town, journal, call):
    form = town.ann.form(town.ben, "5000")
    assert town.ann.post("/pay", form).headers["Holdfast-Outcome"].startswith("refused-own")
    ident = uuid.UUID(form["id"])
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 500_000, ident))
    assert counts(call("/-/replay", {})) == {"forced": 1}
    assert town.ben.balance == 500_000
    assert Intent.objects.get(id=ident).outcome == "posted"
    assert JournalException.objects.get(payment=ident).kind == "forced"
    assert reader().outcome(ident).result is Result.ALREADY_POSTED
    page = town.ann.get("/money").content.decode()
    assert page.count(f'data-payment="{ident.hex}"') == 1
    assert 'data-state="done"' in page


def test_a_void_settles_as_refused_unless_it_is_booked(town, journal, call):
    unknown, booked = uuid.uuid4(), town.ann.form(town.ben, "10")
    town.ann.post("/pay", booked)
    journal.payment("void", town.payment(town.ann.account, town.ben.account, 700, unknown))
    journal.payment("void", town.payment(town.ann.account, town.ben.account, 1000, uuid.UUID(booked["id"])))
    journal.payment("refusal", town.payment(town.ann.account, town.ben.account, 900), "spare_limit")
    assert counts(call("/-/replay", {})) == {"refused": 2, "already": 1}
    assert town.ben.balance == 1000
    receipt = town.ann.get(f"/receipt/{unknown}").content.decode()
    assert 'data-outcome="refused-settled"' in receipt  # also without the proof in the address, and without an intent
    assert "7.00" in receipt
    assert town.ben.log_in().get(f"/receipt/{unknown}").status_code == 404
    again = town.ann.post("/pay", town.ann.form(town.ben, "7", unknown))
    assert again.headers["Holdfast-Outcome"] == f"refused-settled {unknown.hex}"
    assert town.ben.balance == 1000


def test_what_lacks_cover_is_forced_and_what_has_no_account_is_suspended_each_with_an_exception(town, journal, call):
    frozen = town.person(0)
    books().change_accounts(
        [AccountChange(frozen.account, frozen.number, "NOK", "credit", 0, FLAG_CLOSED, town.cohort)]
    )
    suspense = bank_facts.own("suspense")
    before = reader().accounts([suspense])[suspense].balance_minor
    forced = journal.payment("accept", town.payment(town.ben.account, town.ann.account, 4000))
    closed = journal.payment("accept", town.payment(town.ann.account, frozen.account, 300))
    nobody = journal.payment("accept", town.payment(town.ann.account, 987_654_321, 200))
    drained = journal.payment("accept", town.payment(frozen.account, town.ann.account, 50))
    assert counts(call("/-/replay", {})) == {"forced": 1, "suspended": 3}
    assert (town.ben.balance, town.ann.balance, frozen.balance) == (-4000, 103_550, 0)
    assert reader().accounts([suspense])[suspense].balance_minor == before + 450
    kinds = dict(
        JournalException.objects.filter(
            number__in=[one.number for one in (forced, closed, nobody, drained)]
        ).values_list("number", "kind")
    )
    assert kinds == {
        forced.number: "forced",
        closed.number: "suspended",
        nobody.number: "suspended",
        drained.number: "suspended",
    }
    assert reader().prove() == []


def test_an_id_that_the_books_hold_with_other_content_is_entered_under_an_id_of_its_own(town, journal, call):
    form = town.ann.form(town.ben, "10")
    town.ann.post("/pay", form)
    entry = journal.payment("accept", town.payment(town.ann.account, town.ben.account, 333, uuid.UUID(form["id"])))
    assert counts(call("/-/replay", {})) == {"posted": 1}
    assert town.ben.balance == 1333
    assert reader().outcome(ids.journal_conflict_id(entry.number)).result is Result.ALREADY_POSTED
    assert "other content" in JournalException.objects.get(number=entry.number).words
    assert counts(call("/-/replay", {})) == {}


def test_a_log_out_at_the_spare_bank_ends_the_session_here(town, journal, call):
    from holdfast.bank.customers.sessions import read_session

    session, _ = read_session({"hf_bank": town.ann.client.cookies["hf_bank"].value})
    assert town.ann.get("/").status_code == 200
    journal.add("close", {}, town.cohort)
    journal.add("logout", {"session": session.session}, town.cohort)
    assert counts(call("/-/replay", {})) == {}
    assert RevokedSession.objects.filter(session=session.session).exists()
    assert town.ann.get("/").headers["Location"] == "/login"


def test_a_journal_with_a_hole_or_a_wrong_hash_stops_the_replay_and_enters_nothing(town, journal, standin, call):
    start = len(journal.entries)
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 100))
    journal.payment("accept", town.payment(town.ann.account, town.ben.account, 100))
    good = standin.answers["/-/journal"]

    def hole(query, body):
        found = good(query, body)
        return {**found, "entries": found["entries"][1:]}

    def forged(query, body):
        found = copy.deepcopy(good(query, body))
        found["entries"][0]["body"]["payment"]["amount_minor"] = 100_000
        return found

    for wrong in (hole, forged):
        standin.answers["/-/journal"] = wrong
        assert call("/-/replay", {}).status_code == 500
        assert town.ben.balance == 0
    standin.answers["/-/journal"] = good
    assert Replayed.objects.filter(number__gt=start).count() == 0
    assert counts(call("/-/replay", {})) == {"posted": 2}


def test_two_replays_at_once_enter_each_entry_once(town, journal, call):
    for _ in range(40):
        journal.payment("accept", town.payment(town.ann.account, town.ben.account, 100))
    found = []
    threads = [in_thread(lambda: found.append(counts(call("/-/replay", {})))) for _ in range(2)]
    for thread, failed in threads:
        thread.join()
        assert not failed
    assert sorted(found, key=len) == [{}, {"posted": 40}]
    assert town.ben.balance == 4000


def fed(block=None, change=None, held=None):
    def answer(query, _):
        page = reader().balances(int(query["after"]), int(query["limit"]))
        more = {} if held is None else {"held": list(held.items())}
        return more | {
            "block": block or reader().head().block,
            "block_at_us": 0,
            "pending": 0,
            "accounts": [[account, balance + (change or {}).get(account, 0)] for account, balance in page],
        }

    return answer


def test_a_feed_answer_that_was_cut_short_still_tells_the_banks_head(town, call, monkeypatch):
    since = reader().head().block
    town.person(5, cohort=town.cohort)
    monkeypatch.setattr("holdfast.ledger.reading.ITEMS_MAX", 1)
    answer = call("/-/feed/books", by="standin", after=since, wait_ms=0, limit=50).json()
    assert (len(answer["blocks"]), answer["head"]) == (1, reader().head().block)
    assert answer["head"] > since + 1


def test_reconciling_compares_every_account_at_the_same_block(town, standin, call):
    standin.answers["/-/balances"] = fed()
    answer = call("/-/reconcile", {}).json()
    assert answer["differences"] == []
    assert answer["accounts"] == len(reader().balances(0, 100_000))
    standin.answers["/-/balances"] = fed(change={town.ann.account: 7})
    assert call("/-/reconcile", {}).json()["differences"] == [
        {"account": town.ann.account, "bank_minor": 100_000, "standin_minor": 100_007}
    ]


def test_what_is_held_is_compared_as_well(town, standin, call, keys):
    assert told(send(town.ann, keys, question(card_of(town.ann), final=False))) == ("approved", "ok")
    held = reader().held_between(0, 10**18)
    assert held[town.ann.account] == 5_000
    standin.answers["/-/balances"] = fed(held=held)
    assert call("/-/reconcile", {}).json()["differences"] == []
    standin.answers["/-/balances"] = fed(held=held | {town.ann.account: 4_999})
    assert call("/-/reconcile", {}).json()["differences"] == [
        {"account": town.ann.account, "bank_held_minor": 5_000, "standin_held_minor": 4_999}
    ]


def test_accounts_are_compared_page_by_page_also_where_one_bank_lacks_one(town, standin, call, monkeypatch):
    monkeypatch.setattr("holdfast.bank.exchange.reconcile.PAGE", 3)
    theirs = dict(reader().balances(0, 100_000)) | {10**9: 5, 10**9 + 1: 0}
    del theirs[town.ann.account]

    def paged(query, _):
        page = [[one, theirs[one]] for one in sorted(theirs) if one > int(query["after"])][: int(query["limit"])]
        return {"block": reader().head().block, "block_at_us": 0, "pending": 0, "accounts": page}

    standin.answers["/-/balances"] = paged
    answer = call("/-/reconcile", {}).json()
    assert answer["accounts"] == len(theirs)
    assert sorted(answer["differences"], key=lambda one: one["account"]) == [
        {"account": town.ann.account, "bank_minor": 100_000, "standin_minor": 0},
        {"account": 10**9, "bank_minor": 0, "standin_minor": 5},
    ]


def test_a_payment_after_the_compared_block_is_no_difference(town, standin, call):
    block = reader().head().block
    frozen = dict(reader().balances(0, 100_000))

    def older(query, _):
        after, limit = int(query["after"]), int(query["limit"])
        if limit > 1:
            books().post(
                Post(
                    id=uuid.uuid4(),
                    debit=town.ann.account,
                    credit=town.ben.account,
                    amount_minor=100,
                    currency="NOK",
                    kind="payment",
                    value_date=TODAY,
                    cohort=town.cohort,
                    epoch=FIRST_EPOCH,
                    cause="t",
                )
            )
        page = [[one, balance] for one, balance in sorted(frozen.items()) if one > after][:limit]
        return {"block": block, "block_at_us": 0, "pending": 0, "accounts": page}

    standin.answers["/-/balances"] = older
    books().post(
        Post(
            id=uuid.uuid4(),
            debit=town.ann.account,
            credit=town.ben.account,
            amount_minor=100,
            currency="NOK",
            kind="payment",
            value_date=TODAY,
            cohort=town.cohort,
            epoch=FIRST_EPOCH,
            cause="t",
        )
    )
    from holdfast.bank.exchange import reconcile as reconciling

    waited, reconciling.CATCH_UP_S_MAX = reconciling.CATCH_UP_S_MAX, 0.1
    assert call("/-/reconcile", {}).status_code == 503
    reconciling.CATCH_UP_S_MAX = waited
    block = reader().head().block
    frozen = dict(reader().balances(0, 100_000))
    assert call("/-/reconcile", {}).json()["differences"] == []


def test_health_and_proof(call):
    health = call("/-/health").json()
    assert health["ok"] is True
    assert set(health) == {
        "ok",
        "database",
        "block",
        "standin_block",
        "without_standin_share",
        "intents_open",
        "mode_counts",
        "orders_waiting",
        "proved_block",
        "proof_findings",
        "rules_version",
        "rules_trouble",
        "rules_not_judged",
        "words",
    }
    proof = call("/-/prove", {}, by="runtime").json()
    assert proof["findings"] == []
    assert proof["block"] == reader().head().block
    assert call("/-/prove", {}, by="standin").status_code == 403


def test_the_hash_of_a_block_and_balances_at_it_are_told_to_the_spare_bank(town, call):
    head = reader().head()
    before = dict(reader().balances(0, 5000))
    assert call("/-/feed/anchor", by="standin", block=head.block).json() == {
        "block": head.block,
        "hash": head.hash.hex(),
    }
    town.ann.post("/pay", town.ann.form(town.ben, "1"))
    assert dict(reader().balances(0, 5000)) != before
    asked = sorted(before)[:100]
    then = call("/-/feed/balances", by="standin", block=head.block, accounts=",".join(map(str, asked))).json()
    assert dict(map(tuple, then["accounts"])) == {account: before[account] for account in asked}
    now = call("/-/feed/balances", by="standin", block=head.block + 1, accounts=",".join(map(str, asked))).json()
    after = dict(reader().balances(0, 5000))
    assert dict(map(tuple, now["accounts"])) == {account: after[account] for account in asked}
    assert {account for account, _ in now["held"]} == set(asked)
    assert call("/-/feed/anchor", by="standin", block=10**9).json()["hash"] is None
    assert call("/-/feed/balances", by="standin", block=1, accounts="999999999").json()["accounts"] == []


def test_only_so_many_balances_are_told_and_to_nobody_else(call):
    for accounts in ("", "x", "1,-2", ",".join(["1"] * 101)):
        assert call("/-/feed/balances", by="standin", block=1, accounts=accounts).status_code == 400
    for who in ("door", "control", "clearing"):
        assert call("/-/feed/balances", by=who, block=1, accounts="1").status_code == 403
        assert call("/-/feed/anchor", by=who, block=1).status_code == 403


def test_a_copy_that_is_made_anew_does_not_move_the_cursor_of_the_one_in_use(call):
    call("/-/feed/books", by="standin", after=3, limit=1)
    call("/-/feed/books", by="standin", after=0, limit=1, rebuild=1)
    assert standin_cursor.block == 3
