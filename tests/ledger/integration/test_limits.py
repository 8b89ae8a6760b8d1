"""Batch, queue and waits are bounded: nobody waits for ever, and each is told whether anything can have been posted."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from holdfast.ledger.api import BadTransfer, Books, BooksBusy, LedgerError, Limits, OutcomeUnknown, Result, limits_from

pytestmark = pytest.mark.demand("A1")


@pytest.fixture
def stuck(url):
    """The head's lock, held by somebody else until it is let go of."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1 FROM ledger.head FOR UPDATE")
        yield connection
        connection.rollback()


@pytest.fixture
def small(url, notes):
    """Books whose queues have one place each."""
    made = Books(url, notes, limits=Limits(queue_posts_max=1, queue_batches_max=1, gather_posts_max=1))
    yield made
    made.close()


def waits(url):
    """Until somebody waits for the head's lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ledger.post%'"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(500):
            if connection.execute(asked).fetchone()[0]:
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits for the head")


@pytest.mark.parametrize("way", ["post", "post_many"])
def test_a_full_queue_says_busy_and_who_began_learns_that_it_may_yet_be_booked(town, url, small, stuck, way):
    posts = [town.post(town.ann, town.ben, amount) for amount in (1, 2, 3)]

    def ask(post, deadline_s):
        return small.post(post, deadline_s) if way == "post" else small.post_many([post], deadline_s)

    with ThreadPoolExecutor(2) as threads:
        begun = threads.submit(ask, posts[0], 2.0)
        waits(url)
        waiting = threads.submit(ask, posts[1], 1.0)
        while not (small._queue if way == "post" else small._lane._queue).full():
            threading.Event().wait(0.005)
        with pytest.raises(BooksBusy):
            ask(posts[2], 1.0)
        with pytest.raises(BooksBusy):
            waiting.result(10)
        with pytest.raises(OutcomeUnknown) as unknown:
            begun.result(10)
    assert unknown.value.id == posts[0].id
    stuck.rollback()
    assert town.books.post(posts[0]).result in (Result.POSTED, Result.ALREADY_POSTED)
    assert [town.reader.outcome(post.id) for post in posts[1:]] == [None, None]
    assert town.balance(town.ben) == 1


def test_the_database_gives_a_call_up_after_its_time_and_nothing_is_posted(town, url, notes, stuck):
    hasty = Books(url, notes, limits=Limits(statement_s_max=1))
    post = town.post(town.ann, town.ben, 7)
    with pytest.raises(OutcomeUnknown):
        hasty.post(post, 20)
    stuck.rollback()
    assert town.reader.outcome(post.id) is None
    assert hasty.post(post).result is Result.POSTED
    hasty.close()


def test_a_call_may_not_be_larger_than_the_limits_say(town, url, notes):
    tight = Books(url, notes, limits=Limits(batch_posts_max=2))
    with pytest.raises(BadTransfer, match="at most 2"):
        tight.post_many([town.post(town.ann, town.ben, 1) for _ in range(3)])
    assert town.balance(town.ben) == 0
    tight.close()


def test_limits_are_settings_with_their_units_in_their_names():
    assert limits_from({}) == Limits()
    assert limits_from({"HOLDFAST_BOOKS_QUEUE_POSTS_MAX": "7"}).queue_posts_max == 7
    for name in ("BATCH", "TIED"):
        with pytest.raises(LedgerError, match="from 1000 to"):
            limits_from({f"HOLDFAST_BOOKS_{name}_POSTS_MAX": "999"})


@pytest.mark.parametrize("told", ["0", "-1", "1.5", "many", "", "1000001"])
def test_a_limit_that_cannot_be_meant_is_refused_by_name(told):
    with pytest.raises(LedgerError, match="HOLDFAST_BOOKS_WAIT_S_MAX"):
        limits_from({"HOLDFAST_BOOKS_WAIT_S_MAX": told})
