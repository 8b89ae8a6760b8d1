"""The bank's file of help: TOML kept by people, read and checked whole; what is wrong is said in words with its place.

[money]
opened = "in an outage"        # or "always", "never"
amount = "1000"                # of one advance, in the bank's own currency
times_a_month = 2
after_an_outage_days = 3
paid_back_after_days = 30
left_after_paying_back = "1000"
main_bank_a_day = "100000"
spare_bank_a_day = "400000"

[[area]]
code = "oslo"
name = "Oslo"
postcodes = ["0"]

[[place]]
name = "…"
kind = "food"                  # or "debt", "shelter", "talk", "other"
areas = ["oslo"]               # or ["everywhere"]
phone = "+47 …"                # at least one of phone, address and web
about = { en = "…", nb = "…" }
"""

import re
import tomllib
from typing import Any

from holdfast.contracts.errors import ContractError
from holdfast.contracts.help_now import EVERYWHERE, KINDS, TIMES_MAX, Area, Help, Opened, Place, Terms
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.contracts.phones import plain_phone

BYTES_MAX = 200_000
AREAS_MAX, PLACES_MAX = 500, 500
WORDS_MAX = 300
DAYS_MAX = 366
_CODE = re.compile(r"[a-z0-9-]{1,40}")
_START = re.compile(r"[0-9]{1,5}")
_WEB = re.compile(r"https://[^\s\"<>]{4,200}")


class BadHelpFile(ContractError):
    """The file cannot be meant; nothing of it was taken. The text says what is wrong, and where."""


def read_help_file(raw: bytes, currency: str) -> Help:
    """The whole file; raises BadHelpFile. The terms name no account yet: that is the bank's own matter."""
    if len(raw) > BYTES_MAX:
        raise BadHelpFile(f"the file is larger than {BYTES_MAX} bytes")
    try:
        told = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadHelpFile(f"the file is not TOML: {error}") from error
    strange = sorted(set(told) - {"money", "area", "place"})
    if strange:
        raise BadHelpFile(f"nothing is called {strange[0]!r} here; there are [money], [[area]] and [[place]]")
    terms = _terms(_table(told.get("money"), "[money]"), currency)
    areas = tuple(_area(one, place) for one, place in _listed(told.get("area", []), "[[area]]", AREAS_MAX))
    codes = [one.code for one in areas]
    if len(set(codes)) < len(codes):
        raise BadHelpFile(f"two areas have the code {next(one for one in codes if codes.count(one) > 1)!r}")
    places = tuple(_place(one, where, codes) for one, where in _listed(told.get("place", []), "[[place]]", PLACES_MAX))
    return Help(terms, areas, places)


def _table(raw: object, where: str, known: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadHelpFile(f"{where} is missing")
    strange = sorted(set(raw) - known) if known is not None else []
    if strange:
        raise BadHelpFile(f"{where} has nothing called {strange[0]!r}")
    return raw


def _listed(raw: object, where: str, most: int) -> list[tuple[object, str]]:
    if not isinstance(raw, list):
        raise BadHelpFile(f"{where} is written with two brackets on each side")
    if len(raw) > most:
        raise BadHelpFile(f"there are more than {most} of {where}")
    return [(one, f"{where} number {number}") for number, one in enumerate(raw, 1)]


_MONEY = frozenset(
    {
        "opened",
        "amount",
        "times_a_month",
        "after_an_outage_days",
        "paid_back_after_days",
        "left_after_paying_back",
        "main_bank_a_day",
        "spare_bank_a_day",
    }
)


def _terms(raw: dict[str, Any], currency: str) -> Terms:
    _table(raw, "[money]", _MONEY)
    try:
        opened = Opened(str(raw.get("opened")))
    except ValueError:
        ways = ", ".join(f'"{one.value}"' for one in Opened)
        raise BadHelpFile(f"[money] opened is one of {ways}") from None
    if opened is Opened.NEVER and len(raw) == 1:
        return Terms(currency=currency)
    return Terms(
        opened,
        currency,
        _amount(raw, "amount", currency),
        _number(raw, "times_a_month", 1, TIMES_MAX),
        _number(raw, "after_an_outage_days", 0, DAYS_MAX),
        _number(raw, "paid_back_after_days", 1, DAYS_MAX),
        _amount(raw, "left_after_paying_back", currency, none=True),
        _amount(raw, "main_bank_a_day", currency, none=True),
        _amount(raw, "spare_bank_a_day", currency, none=True),
    )


def _amount(raw: dict[str, Any], name: str, currency: str, none: bool = False) -> int:
    value = raw.get(name)
    if none and value == "0":
        return 0
    try:
        return parse_amount(value if isinstance(value, str) else "", currency)
    except BadAmount:
        raise BadHelpFile(
            f'[money] {name} is an amount in {currency} written as text, as "1000" or "1000.50"'
        ) from None


def _number(raw: dict[str, Any], name: str, least: int, most: int) -> int:
    value = raw.get(name)
    if type(value) is not int or not least <= value <= most:
        raise BadHelpFile(f"[money] {name} is a whole number from {least} to {most}")
    return value


def _text(raw: dict[str, Any], name: str, where: str, needed: bool = False) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > WORDS_MAX or any(not one.isprintable() for one in value):
        raise BadHelpFile(f"{where}: {name} is a text of one line, of at most {WORDS_MAX} characters")
    if needed and not value.strip():
        raise BadHelpFile(f"{where}: {name} is missing")
    return value.strip()


def _texts(raw: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or len(value) > AREAS_MAX:
        raise BadHelpFile(f"{where}: {name} is a list of texts")
    return tuple(value)


def _area(raw: object, where: str) -> Area:
    told = _table(raw, where, frozenset({"code", "name", "postcodes"}))
    code, name = _text(told, "code", where, needed=True), _text(told, "name", where, needed=True)
    if not _CODE.fullmatch(code) or code == EVERYWHERE:
        raise BadHelpFile(
            f"{where}: the code {code!r} is not of small letters, digits and dashes, or is {EVERYWHERE!r}"
        )
    starts = _texts(told, "postcodes", where)
    wrong = [one for one in starts if not _START.fullmatch(one)]
    if wrong:
        raise BadHelpFile(f"{where} ({code}): no postcode begins with {wrong[0]!r}; write digits as text")
    return Area(code, name, starts)


def _place(raw: object, where: str, codes: list[str]) -> Place:
    known = frozenset({"name", "kind", "areas", "phone", "address", "web", "hours", "about"})
    told = _table(raw, where, known)
    name = _text(told, "name", where, needed=True)
    where = f"{where} ({name})"
    kind, areas = _text(told, "kind", where, needed=True), _texts(told, "areas", where)
    if kind not in KINDS:
        raise BadHelpFile(f"{where}: the kind {kind!r} is none of {', '.join(KINDS)}")
    if not areas:
        raise BadHelpFile(f'{where}: areas is missing; write codes of areas, or ["{EVERYWHERE}"]')
    unknown = [one for one in areas if one not in (*codes, EVERYWHERE)]
    if unknown:
        raise BadHelpFile(f"{where}: there is no area {unknown[0]!r}; add an [[area]] with that code")
    phone, web = _text(told, "phone", where), _text(told, "web", where)
    if phone and not plain_phone(phone):
        raise BadHelpFile(f'{where}: the phone {phone!r} is no number in international form, as "+47 22 00 00 00"')
    if web and not _WEB.fullmatch(web):
        raise BadHelpFile(f"{where}: the web address {web!r} does not begin with https://, or holds what none may")
    address = _text(told, "address", where)
    if not (phone or web or address):
        raise BadHelpFile(f"{where}: nobody could find it; give a phone, an address or a web address")
    return Place(name, kind, areas, phone, address, web, _spoken(told, "hours", where), _spoken(told, "about", where))


def _spoken(raw: dict[str, Any], name: str, where: str) -> dict[str, str]:
    """A text in each language; none at all is fine, one language alone is not."""
    if name not in raw:
        return {}
    told = _table(raw[name], f"{where}: {name}", frozenset(LANGUAGES))
    missing = [language for language in LANGUAGES if not told.get(language)]
    if missing:
        raise BadHelpFile(f"{where}: {name} is not said in {missing[0]!r}")
    return {language: _text(told, language, f"{where}: {name}") for language in LANGUAGES}
