"""The doors' own words: one file a language, each key used, each page in both; and the banner in both."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.contracts.confirmation import How
from holdfast.contracts.epochs import Bank
from holdfast.contracts.inbox import Inbox, Letter
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.papers import FIGURES
from holdfast.contracts.routes import Route
from holdfast.edge import inbox, pages, status
from holdfast.edge.bundle import LINES, BundleStore, plain_banner
from holdfast.edge.carrying import may_ask
from holdfast.edge.waiting import showing
from holdfast.edge.waiting.room import Place
from holdfast.look import Banner, Writing, banner_from_header, banner_to_header
from holdfast.look.banner import HEADER_BYTES_MAX
from holdfast.signing import create_key, load_keyring

PACKAGE = Path(pages.__file__).parent
OTHERS = ("bundle", "day", "kept")
"""What looks like a key of the doors' and is a file's name, or a text that both banks share."""
PLACES = (Place(1, 5.0, 2.0), Place(2, 59.0, 3.0), Place(12_345, 3600.0, 20.0), Place(3, None, 20.0))
LETTER = Letter(1e9, "<x>", "<b>\n\n<ann>", "0123456789", new=True)
INBOXES = (
    (None, ""),
    (None, "away"),
    (None, "often"),
    (Inbox((), 0), ""),
    (Inbox((LETTER, LETTER), 1, more=True), ""),
    (Inbox((replace(LETTER, new=False),), 0), ""),
)
PROBLEMS = ("not_found", "method_not_allowed", "too_large", "nobody_answers", "struck", "payment_refused", "waiting")
SPOKEN = (
    "pages.py",
    "status.py",
    "bundle.py",
    "confirming.py",
    "installing.py",
    "papers.py",
    "inbox.py",
    "waiting/showing.py",
)
ENGLISH = re.compile(r"\b(the|your|our|you|we|with|this|payment|what|message)\b", re.IGNORECASE)
NORWEGIAN = re.compile(r"\b(og|ikke|vår|vi|betaling|hva|på|denne|det)\b", re.IGNORECASE)


@pytest.fixture
def store(tmp_path):
    create_key(tmp_path / "keys", "door")
    return BundleStore(tmp_path, load_keyring(tmp_path / "keys", "door"))


def own_pages(store, language):
    """Every page that a door makes itself."""
    store.bundle = {"codes": [{"subject": "X", "sent_at": "14:02", "codes": "0123456789"}]}
    form = {"id": "5", "password": "my-secret", "name": "<b>"}
    return [
        pages.nothing_there(language),
        pages.too_large(1_000_000, language),
        pages.nobody_answers(form, "/pay", language),
        pages.nobody_answers(None, "/money", language),
        pages.many_log_in("<ann>", language),
        pages.turn_has_come("<ann>", "sealed", language),
        *(showing.waits(place, language, "/login", still=False) for place in PLACES),
        showing.waits(PLACES[0], language, "/login", still=True),
        showing.waits(PLACES[0], language, "/login", {"kept": "<x>", "password": "my-secret"}, still=False),
        showing.turned_away(3.0, language, "/login"),
        pages.refused_before("5", language),
        status.status_page(store, language, "https://bank.example:8081"),
        pages.genuine(store, "", language),
        pages.genuine(store, "0123456789", language),
        pages.genuine(store, "<x>", language),
        *(inbox.page(found, Writing(inbox.WORDS[language], "Europe/Oslo"), trouble) for found, trouble in INBOXES),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_door_is_whole_in_its_language(store, language):
    other = ENGLISH if language == "nb" else NORWEGIAN
    for page in own_pages(store, language):
        text = page.text or ""
        assert f'<html lang="{language}">' in text
        text = re.sub(r'<a [^>]*hreflang="\w\w"[^>]*>[^<]*</a>', " ", text)
        said = re.sub(r"<[^>]*>", " ", text)
        assert not other.search(said), (other.findall(said), said)
        assert "my-secret" not in text
        assert "<b>" not in text
        assert "<ann>" not in text
        assert "<x>" not in text


def test_both_languages_have_the_same_keys_and_every_key_is_used():
    assert pages.WORDS["en"].texts.keys() == pages.WORDS["nb"].texts.keys()
    source = "".join((PACKAGE / name).read_text() for name in SPOKEN)
    named = {key for key in re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", source) if key.partition(".")[0] not in OTHERS}
    named |= {f"confirmed.{how}" for how in How}
    named |= {f"papers.{figure}" for figure in FIGURES}
    named |= {f"banner.{name}{end}" for name in LINES for end in ("", "_words")}
    named |= {f"api.{name}{end}" for name in PROBLEMS for end in ("", "_words")}
    links = ("status", "genuine", "chat", "inbox", "ideas", "learn", "to_other", "to_other_label")
    named |= {f"frame.{key}" for key in ("skip", "home", *links)}
    assert named == set(pages.WORDS["en"].texts)


def test_a_number_is_grouped_as_the_language_does(store):
    assert "1,000,000 bytes" in (pages.too_large(1_000_000, "en").text or "")
    assert "1\u00a0000\u00a0000 byte" in (pages.too_large(1_000_000, "nb").text or "")


def test_the_plain_banner_is_there_in_both_languages(store):
    header = store.header(spare_serves=True)
    assert store.header(spare_serves=False) is None
    for language in LANGUAGES:
        assert banner_from_header(header, language) == plain_banner(pages.WORDS[language])
    assert banner_from_header(header, "nb") != banner_from_header(header, "en")
    assert len(header) < HEADER_BYTES_MAX / 4


def test_the_control_rooms_banner_goes_out_in_every_language_it_was_written_in(store):
    english = {"number": 1, "incident": 7, "signal": "notice", "headline": "A fault", "lines": [["You can", "pay"]]}
    norwegian = english | {"headline": "En feil på kontoen", "lines": [["Du kan", "betale"]], "language": "nb"}
    store._use({"number": 3, "banner": {"en": english | {"language": "en"}, "nb": norwegian}})
    said = [banner_from_header(store.header(True), language) for language in ("en", "nb", "fr")]
    assert [one and one.headline for one in said] == ["A fault", "En feil på kontoen", "A fault"]
    store._use({"number": 4, "banner": {"nb": norwegian}})
    assert banner_from_header(store.header(True), "en").language == "nb"
    store._use({"number": 5, "banner": None})
    assert store.header(False) is None


def test_nobody_at_the_spare_bank_reads_that_everything_works_again(store):
    calm = {"number": 1, "incident": 7, "signal": "calm", "headline": "Everything works again", "lines": []}
    store._use({"number": 3, "banner": {"en": calm}})
    assert banner_from_header(store.header(spare_serves=False)).headline == "Everything works again"
    assert store.header(spare_serves=True) == store.plain_header


def test_a_banner_too_long_for_a_header_in_all_languages_goes_out_in_the_first():
    long = [Banner(1, 7, "notice", "x", (("Can", "word " * 1000),), language) for language in LANGUAGES]
    header = banner_to_header(*long)
    assert len(header) <= HEADER_BYTES_MAX
    assert banner_from_header(header, "nb") == long[0]
    assert len(banner_to_header(long[0])) == len(header)


@pytest.mark.parametrize("raw", [b"", b"[]", b"5", b"{}", b"[5]", b"[{}]", b'[{"lines": 5}]', b"[", b"\xff"])
def test_a_broken_banner_is_no_banner(raw):
    assert banner_from_header(base64.urlsafe_b64encode(raw).decode()) is None


@pytest.mark.parametrize(
    ("offered", "changes", "bank", "given_up", "asked"),
    [
        ((Bank.PRIMARY, Bank.STANDIN), True, Bank.STANDIN, {"primary"}, True),
        ((Bank.PRIMARY,), True, Bank.PRIMARY, set(), True),
        ((Bank.PRIMARY,), True, Bank.STANDIN, set(), True),
        ((Bank.PRIMARY,), True, Bank.STANDIN, {"primary"}, False),
        ((Bank.PRIMARY,), False, Bank.STANDIN, {"primary"}, True),
        ((Bank.STANDIN,), False, Bank.PRIMARY, set(), False),
    ],
)
def test_the_spare_bank_says_that_nothing_was_done_only_where_that_is_known(offered, changes, bank, given_up, asked):
    route = Route("loans", "POST", re.compile("/loans"), offered=offered, changes=changes)
    assert may_ask(route, bank, given_up) is asked


def test_the_status_page_is_framed_by_the_console_and_no_other_page_by_anybody(store):
    store.bundle = {"status": {"en": "<html>told</html>"}}
    shown = status.status_page(store, "en", "https://bank.example:8081")
    assert shown.text == "<html>told</html>"
    assert shown.headers["Content-Security-Policy"].endswith("; frame-ancestors https://bank.example:8081")
    assert pages.nothing_there("en").headers["Content-Security-Policy"].endswith("; frame-ancestors 'none'")
