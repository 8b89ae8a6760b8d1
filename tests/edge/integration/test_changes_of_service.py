"""Who serves changes: orders, the hand-back, a lost register, a lost spare bank, pages apart from payments (rules 15 to 18)."""

import threading
import time
import uuid

import pytest
from behaviours import fails, order, outcome, shown_by

from holdfast.contracts.epochs import Mode

pytestmark = pytest.mark.demand("S3", "S6", "D3")


def test_while_a_group_is_handed_back_payments_wait_and_reads_do_not(doors):
    row = doors.row(60)
    away = type(row)(60, Mode.STANDIN, row.epoch + 1)
    doors.register.swap([(row, away)], "trip", "test")
    held = type(row)(60, Mode.HANDING_BACK, away.epoch)
    assert doors.register.lease("handback", 0) or True
    doors.register._db.execute("INSERT OR REPLACE INTO lease VALUES ('handback', 'test', 1e12)")
    doors.register._db.execute("UPDATE lease SET until = ?", (time.monotonic() + 60,))
    doors.register.swap([(away, held)], "handback", "test")
    doors.wait(lambda: all(doors.rows_of(n).get("handing_back") == 1 for n in (1, 2)))
    assert doors.request("GET", "/", headers={"Cookie": doors.cookie(60)})[1]["Holdfast-Served-By"] == "standin"

    def back():
        time.sleep(0.5)
        doors.register.swap([(held, type(row)(60, Mode.PRIMARY, held.epoch + 1))], "handback", "test")

    thread = threading.Thread(target=back)
    register, doors.register = doors.register, doors.register
    thread.start()
    began = time.monotonic()
    _, headers, _ = doors.pay(60, birth="")
    thread.join()
    assert headers["Holdfast-Served-By"] == "primary"
    assert time.monotonic() - began >= 0.4
    register._db.execute("DELETE FROM lease")


def order_back(doors):
    assert (
        doors.internal("POST", "/-/orders", {"what": "hand_back", "cohorts": None, "why": "test", "by": "tester"})[0]
        == 200
    )


def test_by_order_all_go_to_the_spare_bank_and_come_back_in_steps(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": None, "why": "drill", "by": "tester"})
    doors.wait(lambda: all(row.mode is Mode.STANDIN for row in doors.register.rows()))
    away = [row.epoch for row in doors.register.rows()]
    order_back(doors)
    doors.wait(lambda: all(row.mode is Mode.PRIMARY for row in doors.register.rows()), 15)
    assert [row.epoch for row in doors.register.rows()] == [epoch + 1 for epoch in away]
    assert sorted(doors.standin.closed) == [[c, e] for c, e in enumerate(away)]
    doors.wait(lambda: any(e["data"].get("whole") for e in doors.register.events(0)))


def test_a_difference_between_the_banks_undoes_the_return_under_a_new_epoch(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [4], "why": "drill", "by": "tester"})
    doors.wait(lambda: doors.row(4).mode is Mode.STANDIN)
    away = doors.row(4)
    doors.primary.differences = [{"account": 1, "bank_minor": 1, "standin_minor": 2}]
    order_back(doors)
    doors.wait(lambda: doors.row(4).epoch == away.epoch + 1)
    assert doors.row(4).mode is Mode.STANDIN


def test_books_that_are_not_proved_end_the_hand_back_before_it_begins(doors):
    doors.internal("POST", "/-/orders", {"what": "standin_on", "cohorts": [4], "why": "drill", "by": "tester"})
    doors.wait(lambda: doors.row(4).mode is Mode.STANDIN)
    away = doors.row(4)
    doors.primary.findings = [{"words": "a hole"}]
    order_back(doors)
    doors.wait(lambda: doors.register.open_order() is None)
    assert doors.row(4) == away
    assert doors.standin.closed == []


def test_a_hand_back_left_half_done_by_a_door_is_undone(doors):
    row = doors.row(61)
    away = type(row)(61, Mode.STANDIN, row.epoch + 1)
    doors.register.swap([(row, away)], "trip", "test")
    doors.register.swap([(away, type(row)(61, Mode.HANDING_BACK, away.epoch))], "handback", "a door that fell")
    doors.wait(lambda: doors.row(61).mode is Mode.STANDIN)
    assert doors.row(61).epoch == away.epoch + 1


@pytest.mark.parametrize(
    "body",
    [{}, {"what": "everything", "by": "x"}, {"what": "hand_back"}, {"what": "hand_back", "by": "x", "cohorts": ["a"]}],
)
def test_an_order_of_the_wrong_form_is_refused_and_nothing_is_recorded(doors, body):
    assert doors.internal("POST", "/-/orders", body)[0] == 400
    assert doors.register.open_order() is None


def test_a_spare_bank_that_answers_is_never_forced_out(doors):
    order(doors, "standin_on", [12])
    assert doors.row(12).mode is Mode.STANDIN
    assert order(doors, "force_primary", [12]).startswith("not done: the spare bank answers")
    assert doors.row(12).mode is Mode.STANDIN


def test_a_lost_spare_bank_leaves_a_mark_under_which_older_ids_are_claimed_until_its_journal_was_read(doors):
    ident = uuid.uuid4().hex
    birth = doors.birth(ident, 13)
    order(doors, "standin_on", [13])
    served = doors.row(13)
    doors.standin.shut()
    doors.wait(lambda: not any(doors.health(n)["standin_answers"] for n in (1, 2)))
    assert "1 groups are forced back" in order(doors, "force_primary", [13])
    forced = doors.row(13)
    assert (forced.mode, forced.epoch, forced.forced) == (Mode.PRIMARY, served.epoch + 1, served.epoch)
    doors.primary.behave = outcome("checking")
    assert doors.pay(13, ident, birth)[0] == 200
    digest_taken = doors.register.claim("refused", [(ident, 13, forced.epoch)])
    assert digest_taken == ([], [ident])  # claimed as taken before it went to the bank that lacks the journal
    doors.standin.open()
    doors.wait(lambda: doors.row(13).forced == 0)
    after = doors.row(13)
    assert (after.mode, after.epoch) == (Mode.PRIMARY, forced.epoch + 1)
    assert [13, served.epoch] in doors.standin.closed


@pytest.mark.parametrize(
    ("primary_is_there", "mode"), [(True, Mode.PRIMARY), (False, Mode.STANDIN)], ids=["both banks", "spare bank only"]
)
def test_a_lost_register_is_made_anew_above_every_epoch_and_only_once_the_spare_bank_is_fenced(
    doors, primary_is_there, mode
):
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    if not primary_is_there:
        doors.primary.shut()
    doors.standin.shut()
    path = doors.installation.folder("edge") / "register.sqlite"
    doors.end_doors()
    doors.register.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for number in (1, 2):
        doors.start(number)
    doors.wait(lambda: doors.request("GET", "/")[0] == 503)
    assert not path.exists()  # without the spare bank nobody guesses who serves whom
    doors.standin.open()
    doors.wait(path.exists)
    doors.open_register()
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    rows = doors.register.rows()
    assert {row.mode for row in rows} == {mode}
    assert min(row.epoch for row in rows) >> 32 == (newest >> 32) + 1
    assert len(doors.standin.closed) == len(rows)
    assert all(epoch == ((newest >> 32) + 1) << 32 for _, epoch in doors.standin.closed)


def test_with_a_broken_register_and_no_spare_bank_every_door_shows_the_honest_page_and_keeps_the_broken_file(doors):
    path = doors.installation.folder("edge") / "register.sqlite"
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    doors.standin.shut()
    doors.end_doors()
    doors.register.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no register at all" * 100)
    for number in (1, 2):
        doors.start(number)
    doors.wait(lambda: [doors.health(n)["ok"] for n in (1, 2)] == [False, False])  # neither waits for the other
    status, told = doors.internal("GET", "/-/lines")
    assert (status, doors.internal("GET", "/-/rows")[0]) == (200, 503)
    assert {"door-1", "door-2"} == {one[0] for one in told["lines"] if one[3]["event"] == "register lost"}
    doors.standin.open()
    doors.wait(path.exists)
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    doors.open_register()
    assert min(row.epoch for row in doors.register.rows()) > newest
    assert [one.read_bytes()[:11] for one in path.parent.glob("register.broken-*") if one.stat().st_size == 1800] == [
        b"no register"
    ]


def test_while_the_register_does_not_answer_nothing_final_is_told_and_the_same_id_works_afterwards(doors):
    order(doors, "standin_on", [14])
    shown_by(doors, 14, "standin")
    ident = uuid.uuid4().hex
    doors.standin.behave = outcome("done")
    doors.register._db.execute("BEGIN IMMEDIATE")
    try:
        status, _, body = doors.pay(14, ident, birth="")  # an older id needs a claim, and the claim has to wait
    finally:
        doors.register._db.execute("ROLLBACK")
    assert status == 503
    assert ident.encode() in body
    assert all("/pay" not in asked[1] for asked in doors.standin.asked)
    status, headers, _ = doors.pay(14, ident, birth="")
    assert (status, headers["Holdfast-Served-By"]) == (200, "standin")


def test_a_register_that_vanishes_under_running_doors_is_noticed_and_they_begin_anew(doors):
    path = doors.installation.folder("edge") / "register.sqlite"
    newest = max(row.epoch for row in doors.register.rows())
    doors.standin.newest = doors.primary.newest = newest
    doors.register.close()
    path.unlink()
    for child in doors.children.values():
        assert child.wait(8) == 1  # the supervisor starts them again
    for number in (1, 2):
        doors.start(number)
    doors.wait(path.exists)
    doors.open_register()
    doors.wait(lambda: all(doors.health(n)["ok"] for n in (1, 2)))
    assert min(row.epoch for row in doors.register.rows()) > newest


def given(doors, **body):
    number = doors.internal("POST", "/-/orders", {"cohorts": [], "why": "a test", **body})[1]["order"]
    return next(e for e in doors.register.events(0, 100_000) if e["data"].get("order") == number)


@pytest.mark.demand("G6")
@pytest.mark.parametrize("approved_by", ["", "Ada", None])
def test_what_needs_two_people_and_is_ordered_by_one_is_told_as_break_glass(doors, approved_by):
    event = given(doors, what="hand_back", by="ada", approved_by=approved_by)
    assert event["data"]["break_glass"] is True
    assert event["words"] == "ada ordered hand back, alone (break-glass): a test"


def test_an_order_of_two_people_tells_both_names_and_moving_to_the_spare_bank_needs_one(doors):
    event = given(doors, what="hand_back", by="ada", approved_by="bo")
    assert event["words"] == "ada ordered hand back, approved by bo: a test"
    assert event["data"]["break_glass"] is False
    assert given(doors, what="standin_on", by="ada")["data"]["break_glass"] is False


def test_pages_may_be_shown_by_the_main_bank_while_the_spare_bank_takes_payments_and_the_other_way_round(doors):
    assert "the main bank shows their pages" in order(doors, "reads_primary", [61])
    order(doors, "standin_on", [61])
    doors.wait(lambda: all(doors.rows_of(n).get("standin") == 1 for n in (1, 2)))
    shown_by(doors, 61, "primary")
    assert doors.pay(61)[1]["Holdfast-Served-By"] == "standin"
    shown_by(doors, 62, "primary")
    order(doors, "reads_standin", [62])
    shown_by(doors, 62, "standin")
    assert doors.pay(62)[1]["Holdfast-Served-By"] == "primary"
    assert doors.row(62).mode is Mode.PRIMARY
    order(doors, "reads_follow", None)
    shown_by(doors, 61, "standin")
    shown_by(doors, 62, "primary")


def test_a_page_that_its_bank_cannot_show_is_shown_by_the_other_without_moving_anybody(doors):
    order(doors, "standin_on", [63])
    shown_by(doors, 63, "standin")
    doors.standin.behave = fails
    before = doors.row(63)
    status, headers, _ = doors.request("GET", "/", headers={"Cookie": doors.cookie(63)})
    assert (status, headers["Holdfast-Served-By"]) == (200, "primary")
    _, _, sent, _ = doors.primary.asked[-1]
    assert (sent["mode"], sent["bank"], sent["epoch"]) == ("standin", "primary", before.epoch)
    assert doors.row(63) == before
