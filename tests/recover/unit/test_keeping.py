"""What is kept how long, and what is said to be due: decisions without a clock of their own."""

import itertools
import json
import time
from dataclasses import replace

import pytest
from recover_conftest import put_backup

from holdfast.recover import schedule, shelf
from holdfast.recover.keys import DATA
from holdfast.recover.manifest import Kept, backups, stamp
from holdfast.recover.places import DAY_S, put_file
from holdfast.recover.plan import Place, Plan, write_plan
from holdfast.recover.pruning import prune, wanted
from holdfast.recover.schedule import HOUR_S, judge
from holdfast.recover.sealing import seal_bytes
from holdfast.recover.verifying import verify_place
from holdfast.recover.wal import SEGMENT_BYTES, segment

pytestmark = pytest.mark.demand("D1")
PLAN = Plan("aaaa", keep_days=7, keep_weeks=5, keep_months=12, since=1.0, places=(Place("near", "/none"),))
NOW = 1_795_500_000.0


@pytest.fixture
def one(home, keys, places):
    put_backup(home, places[:1], keys)
    return backups(places[0])[0][0]


def _daily(one: Kept, days: int, base_every: int = 0) -> list[Kept]:
    """A backup a day, the newest at NOW; each base_every-th a full one on which the following go on."""
    out = []
    for day in range(days, -1, -1):
        at = NOW - day * DAY_S
        full = not base_every or (days - day) % base_every == 0
        told = replace(one.manifest, name=f"{stamp(at)}-x", began=at, base="" if full else out[-1].manifest.name)
        out.append(replace(one, manifest=told))
    return out


def test_a_year_of_daily_backups_is_thinned_to_days_weeks_and_months(one):
    found = _daily(one, 400)
    names = wanted(found, PLAN, NOW)
    ages = sorted(round((NOW - each.manifest.began) / DAY_S) for each in found if each.manifest.name in names)
    assert ages[:8] == list(range(8))
    assert 8 + 3 <= len(ages) <= 8 + 5 + 12
    assert max(ages) > 300
    assert max(b - a for a, b in itertools.pairwise(ages)) <= 31


def test_what_a_kept_backup_goes_on_from_is_kept_too(one):
    found = _daily(one, 60, base_every=7)
    names = wanted(found, PLAN, NOW)
    for each in found:
        if each.manifest.name in names and each.manifest.base:
            assert each.manifest.base in names


def test_the_newest_backup_is_kept_however_old_it_is(one):
    found = _daily(one, 0)
    assert wanted(found, replace(PLAN, keep_weeks=0, keep_months=0), NOW + 1000 * DAY_S) == {found[0].manifest.name}


def _put(home, keys, place, *ages):
    now = time.time()
    for age in ages:
        at = now - age * DAY_S
        put_backup(home, (place,), keys, name=f"{stamp(at)}-full", now=at)


def _names(place):
    return [each.manifest.name for each in backups(place)[0]]


@pytest.mark.demand("D2")
def test_pruning_removes_by_the_plan_and_never_what_is_held(home, keys, places):
    plan = replace(PLAN, keep_weeks=0, keep_months=0, keep_days=7)
    _put(home, keys, places[0], 40, 20, 1)
    _put(home, keys, replace(places[1], hold_days=30), 40, 20, 1)
    done = prune(places[0], plan, keys)
    assert len(done.removed) == 2
    assert len(_names(places[0])) == 1
    held = prune(places[1], plan, keys)
    assert len(held.removed) == 1
    assert ["is held until" in words for words in held.refused] == [True]
    assert len(_names(places[1])) == 2


@pytest.mark.demand("D2")
def test_nothing_is_removed_when_the_clock_jumped_ahead(home, keys, places):
    _put(home, keys, places[0], 40, 20, 1)
    done = prune(places[0], replace(PLAN, keep_weeks=0, keep_months=0), keys, now=time.time() + 3000 * DAY_S)
    assert done.removed == []
    assert "the clock jumped" in done.refused[0]
    assert len(_names(places[0])) == 3


@pytest.mark.demand("D2")
def test_a_hold_that_somebody_shortened_in_the_manifest_is_found_and_nothing_is_removed(home, keys, places):
    _put(home, keys, places[0], 40, 1)
    folder = backups(places[0])[0][0].folder
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('\\"held_until\\": 0.0', '\\"held_until\\": 1.0'))
    done = prune(places[0], replace(PLAN, keep_weeks=0, keep_months=0), keys)
    assert done.removed == []
    assert any("was changed" in words for words in done.refused)


def _shelve(place, keys, name, raw=bytes(SEGMENT_BYTES)):
    path = shelf.wal_folder(place, "aaaa", "bank") / f"{name}{shelf.SEALED}"
    put_file(place, path, seal_bytes(keys, DATA, shelf.log_context("aaaa", "bank", name), raw))
    return path


@pytest.mark.demand("D2")
def test_log_before_the_oldest_kept_backup_is_removed_and_later_log_is_kept(home, keys, places):
    _put(home, keys, places[0], 1)
    old, needed, later = (_shelve(places[0], keys, segment(1, number)) for number in (1, 2, 3))
    assert prune(places[0], PLAN, keys).segments == 1
    assert [path.exists() for path in (old, needed, later)] == [False, True, True]


@pytest.mark.demand("D2")
def test_a_damaged_short_or_missing_piece_of_the_log_is_named(home, keys, places):
    _put(home, keys, places[0], 1)
    for number in (3, 4, 6):
        _shelve(places[0], keys, segment(1, number))
    _shelve(places[0], keys, segment(1, 7), raw=b"short")
    damaged = shelf.wal_folder(places[0], "aaaa", "bank") / f"{segment(1, 4)}.sealed"
    damaged.write_bytes(damaged.read_bytes()[:-3])
    findings = verify_place(places[0], keys).findings
    assert len(findings) == 3
    for words in (str(damaged), f"{segment(1, 5)} of the log is missing", "holds 5 bytes"):
        assert any(words in finding for finding in findings), words


def test_of_a_segment_the_whole_one_is_taken_else_its_newest_part(home, keys, places):
    for name in (
        f"{segment(1, 3)}.partial-5",
        f"{segment(1, 3)}.partial-7",
        f"{segment(1, 2)}.partial-9",
        segment(1, 2),
    ):
        _shelve(places[0], keys, name)
    best = shelf.best_pieces(shelf.shelved_log(places[0], "aaaa", "bank"))
    assert {name: piece.at_us for name, piece in best.items()} == {segment(1, 2): 0, segment(1, 3): 7}


@pytest.mark.parametrize(
    ("newest", "drilled", "words"),
    [
        ({"near": NOW - HOUR_S}, (NOW - DAY_S, True), ()),
        ({"near": NOW - 35 * HOUR_S}, (NOW - DAY_S, True), ()),
        ({"near": NOW - 37 * HOUR_S}, (NOW - DAY_S, True), ("37 h old",)),
        ({"near": 0.0}, (NOW, True), ("not there",)),
        ({"near": NOW, "far": -1.0}, (NOW, True), ("'far' for backups cannot be reached",)),
        ({"near": NOW}, (NOW - HOUR_S, False), ("drill of a backup failed",)),
        ({"near": NOW}, None, ("no backup was drilled",)),
        ({"near": NOW}, (NOW - 11 * DAY_S, True), ("no backup was drilled",)),
    ],
)
def test_what_is_overdue_or_failed_is_said_and_nothing_else(newest, drilled, words):
    found = judge(PLAN, newest, drilled, NOW).findings
    assert len(found) == len(words)
    assert all(word in finding for word, finding in zip(words, found, strict=True))


def test_nothing_is_overdue_before_its_time():
    assert judge(replace(PLAN, since=NOW - HOUR_S), {"near": 0.0}, None, NOW).findings == ()
    assert judge(Plan("aaaa"), {}, None, NOW).findings == ()


def test_a_rotated_key_stays_beside_the_new_one(home, keys):
    from holdfast.recover.keys import own_keys
    from holdfast.runtime.keylist import kept
    from holdfast.runtime.rotating import rotate

    words = rotate(home, "backup-data")
    assert "put the keys away anew" in words
    now = own_keys(home)
    assert now.newest(DATA) == 2
    assert now.held[DATA][1] == keys.held[DATA][1]
    assert {"backup-data", "backup-keys"} <= {each.name for each in kept(home)}
    assert (home.keys / "backup" / "backup-data.keys").stat().st_mode & 0o077 == 0


class Ended:
    """A step that has ended at once."""

    def __init__(self, *given, **more):
        self.returncode = 1

    def poll(self):
        return self.returncode


def test_a_step_that_failed_is_told_to_the_control_room_and_tried_again_later(home, keys, places, monkeypatch):
    started = []
    monkeypatch.setattr(schedule.subprocess, "Popen", lambda argv, **more: started.append(argv[7]) or Ended())
    write_plan(home, replace(PLAN, places=places, since=time.time()))
    watching = schedule.Schedule(home, lambda: {"near": "the place is full"})
    for _ in range(4):
        watching.look()
    assert started == ["run"]
    told = json.loads((home.keys / "public" / "backups.json").read_text())
    assert told["findings"] == ["backup: ", "the place is full"]
    assert not any(word in json.dumps(told) for word in ("secret", "postgresql://"))
