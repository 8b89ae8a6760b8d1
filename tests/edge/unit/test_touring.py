"""Which tour a page shows: once a customer, and never what is not known to be unseen."""

from dataclasses import replace

import pytest

from holdfast.contracts.community import Tour, Tours
from holdfast.edge.community import touring
from holdfast.edge.community.touring import CUSTOMERS_MAX, PUBLISHED_S, SEEN_S, WANTED_MAX, Touring
from holdfast.look.tour import HEADER_BYTES_MAX, Shown, tour_from_header, tour_html, tour_to_header

pytestmark = pytest.mark.demand("B8")
BOTH = {"en": "Look <b>", "nb": "Se <b>"}
TOUR = Tour(3, BOTH, "/pay", (BOTH,), 0.0)
TOLD = Tours((TOUR, replace(TOUR, number=2), replace(TOUR, number=1, path="/")), ())


@pytest.fixture
def made():
    now = [1000.0]
    one = Touring(lambda: now[0])
    one.now = now
    one.learn(TOLD)
    return one


def number(header):
    found = tour_from_header(header)
    return found.number if found else 0


def test_a_page_shows_its_latest_tour_until_it_is_put_away_and_then_the_one_before(made):
    assert made.header(77, "/pay", "") == "" and list(made.wanted) == [77]
    made.learn(TOLD, 77)
    assert number(made.header(77, "/pay", "")) == 3
    assert number(made.header(77, "/pay", "9.3.x.-1")) == 2
    made.put_away(77, 3)
    assert number(made.header(77, "/pay", "")) == 2 and number(made.header(77, "/", "")) == 1
    made.learn(replace(TOLD, seen=(2, 3)), 77)
    assert made.header(77, "/pay", "") == "" and made.header(77, "/cards", "") == ""


def test_a_stranger_is_shown_none_and_who_asks_matters_only_where_there_is_one(made):
    assert made.header(0, "/pay", "") == "" and not made.wanted
    assert made.about("GET", "/pay") and not made.about("POST", "/pay") and not made.about("GET", "/cards")


def test_what_was_said_too_long_ago_is_shown_no_more(made):
    made.learn(TOLD, 77)
    made.now[0] += PUBLISHED_S
    assert not made.about("GET", "/pay")
    made.now[0] += SEEN_S
    assert made.header(77, "/pay", "") == ""


def test_what_is_kept_has_limits(made):
    for customer in range(1, WANTED_MAX + 50):
        made.header(customer, "/pay", "")
    assert len(made.wanted) == WANTED_MAX
    for customer in range(1, CUSTOMERS_MAX + 50):
        made.learn(TOLD, customer)
    assert made.header(1, "/pay", "") == "" and number(made.header(CUSTOMERS_MAX, "/pay", "")) == 3
    cookie = "." * 0
    for one in range(100):
        cookie = touring.with_number({touring.COOKIE: cookie}, one)
    assert len(cookie.split(".")) == touring.IN_COOKIE_MAX and touring.numbers_in(cookie) >= {99, 70}


@pytest.mark.parametrize("broken", ["", "x", "e30=", "W10=", "A" * (HEADER_BYTES_MAX + 1), "eyJudW1iZXIiOiJ4In0="])
def test_a_broken_header_is_no_tour(broken):
    assert tour_from_header(broken) is None and tour_html(None, "en", "/") == ""


def test_the_markup_is_in_the_customers_language_and_holds_nothing_but_text():
    shown = Shown(3, BOTH, (BOTH, BOTH))
    assert tour_from_header(tour_to_header(shown)) == shown
    assert tour_to_header(replace(shown, title={"en": "x" * HEADER_BYTES_MAX})) == ""
    for language, words in (("en", "New: Look &lt;b&gt;"), ("nb", "Nytt: Se &lt;b&gt;")):
        markup = tour_html(shown, language, '/pay?x="><i>')
        assert words in markup and "<i>" not in markup and 'action="/news"' in markup
