"""What a message to customers must never carry: what helps an attacker, or names somebody. Pure.

Each finding names its kind and the piece of text, so that its writer sees what to change. A finding is a reason to
stop, not a proof: the patterns are wide, since a text that says less harms nobody.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address

TEXT_CHARACTERS_MAX = 20_000
FOUND_MAX = 20
LINK = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
HOST = re.compile(
    r"\b(?:[a-z0-9-]+\.)+(?:local|internal|intern|lan|corp|com|net|org|no|io|example)\b|\blocalhost\b"
    r"|\b[a-z]+(?:-[a-z0-9]+)*-\d{1,3}\b|\b[\w.-]+:\d{2,5}\b(?<!\d:\d\d)",
    re.IGNORECASE,
)
DOTTED = re.compile(
    r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.I
)
FOLDER = re.compile(r"(?<![\w/])/(?:etc|var|usr|home|opt|srv|tmp|root|mnt)(?:/[\w.-]+)+|\b[A-Z]:\\\S+")
VERSION = re.compile(r"\bv\d+(?:\.\d+)+\b|(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,4}(?:[-+][\w.]+)?(?![\d.])", re.IGNORECASE)
DAY = re.compile(r"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:\d{2}|(?:19|20)\d{2})")
"""How a day is written in Norway, which looks like a version."""
AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+")
SOFTWARE = re.compile(
    r"\b(?:postgres(?:ql)?|mysql|mariadb|oracle|mongodb|redis|kafka|rabbitmq|django|python|java|nginx|apache|linux|ubuntu"
    r"|debian|windows server|kubernetes|docker|vmware|openssl|openssh|sqlite|elasticsearch|cve-\d{4}-\d+)\b",
    re.IGNORECASE,
)
TRACE = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\", line \d+|^\s*at [\w.$<>]+\([^)]*:\d+\)"
    r"|\b\w*(?:Exception|Error)\b(?=:)|\bSQLSTATE\b|\bsegmentation fault\b|\bcore dumped\b|\berrno \d+",
    re.MULTILINE,
)
DIGITS = re.compile(r"(?<![\d,])\d(?:[ .\u00a0-]?\d){10,18}(?!\d)")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
PERSON_DIGITS = 11
CARD_DIGITS = range(13, 20)
CHECK_97 = 97


@dataclass(frozen=True, slots=True)
class Leak:
    """One finding. kind: link, address, host, folder, version, software, trace, card, account; found: the text."""

    kind: str
    found: str


def leaks_in(text: str) -> tuple[Leak, ...]:
    """What stands in the text that must not, the first FOUND_MAX of it; a text that is too long is a finding itself."""
    if len(text) > TEXT_CHARACTERS_MAX:
        return (Leak("length", f"more than {TEXT_CHARACTERS_MAX} characters"),)
    found = [
        *(Leak("link", one) for one in LINK.findall(text)),
        *(Leak("address", one) for one in MAIL.findall(text)),
        *(Leak("address", one) for one in DOTTED.findall(text) if _is_address(one)),
        *(Leak("host", one) for one in HOST.findall(LINK.sub(" ", MAIL.sub(" ", text)))),
        *(Leak("folder", one) for one in FOLDER.findall(text)),
        *(Leak("version", one) for one in VERSION.findall(text) if not (DAY.fullmatch(one) or AMOUNT.fullmatch(one))),
        *(Leak("software", one) for one in SOFTWARE.findall(text)),
        *(Leak("trace", one.strip()) for one in TRACE.findall(text)),
        *(Leak("account", one) for one in IBAN.findall(text) if _is_iban(one)),
        *(leak for one in DIGITS.findall(text) if (leak := _number(one))),
    ]
    return tuple(dict.fromkeys(found))[:FOUND_MAX]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> Leak | None:
    """A card's number by its check digit (ISO/IEC 7812-1), or eleven digits: an account or a person in Norway."""
    digits = [int(one) for one in text if one.isdecimal()]
    if len(digits) == PERSON_DIGITS:
        return Leak("account", text)
    doubled = sum(sum(divmod(2 * one, 10)) if place % 2 else one for place, one in enumerate(reversed(digits)))
    return Leak("card", text) if len(digits) in CARD_DIGITS and doubled % 10 == 0 else None


def _is_iban(text: str) -> bool:
    """By its check digits (ISO 13616-1)."""
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % CHECK_97 == 1
