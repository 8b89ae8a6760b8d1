"""What doors and control room say to each other about ideas, polls, webinars, tours and reports of a problem.

A door knows who the customer is; the control room keeps what they wrote and tells nobody else who it was. Every call
carries the customer's number (0 for a stranger) and their language. Instants are seconds since 1970 UTC; texts of the
bank stand by language, texts of customers as they were written, with their language beside them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.contracts.languages import LANGUAGES

ADDRESS, LEARN, PROBLEM, NEWS = "/community", "/learn", "/problem", "/news"
COOKIE, PURPOSE = "hf_community", "community"
"""Who was logged in here, signed by the doors: {customer, began, at}; it leads to these pages and to nothing else."""
IDLE_S = 30 * 60
"""Without use it names nobody any more."""
TITLE_MAX, WORDS_MAX, NAME_MAX, WHY_MAX = 100, 1_500, 30, 300
FIND_MAX = 100
"""Characters of a search."""
STEPS_MAX = 4
"""Of a tour."""
IDEAS_SHOWN_MAX, COMMENTS_SHOWN_MAX, WEBINARS_SHOWN_MAX, POLLS_SHOWN_MAX = 100, 200, 50, 30


class Refused(StrEnum):
    """Why something was not taken; nothing was changed then."""

    EMPTY = "empty"
    LONG = "long"
    CARD = "card"
    ACCOUNT = "account"
    MAIL = "mail"
    OFTEN = "often"
    STRANGER = "stranger"
    GONE = "gone"
    OVER = "over"
    DONE = "done"
    OWN = "own"
    TAKEN = "taken"
    NAME = "name"
    ANSWERS = "answers"
    UNREADABLE = "unreadable"


class Fate(StrEnum):
    """What stands with a post: it waits for a look of the bank's, is shown, or was hidden."""

    WAITS = "waits"
    SHOWN = "shown"
    HIDDEN = "hidden"


class IdeaState(StrEnum):
    """What the bank does about an idea."""

    NEW = "new"
    LOOKED_AT = "looked_at"
    PLANNED = "planned"
    BEGUN = "begun"
    DONE = "done"
    NOT_NOW = "not_now"


class Appeal(StrEnum):
    """What became of an appeal against hiding, which its writer may make once."""

    NONE = "none"
    OPEN = "open"
    REFUSED = "refused"
    HEARD = "heard"


class Place(StrEnum):
    """What somebody has at a webinar."""

    NONE = "none"
    SEAT = "seat"
    WAITING = "waiting"


class Trouble(StrEnum):
    """What a customer reports not to work."""

    LOGIN = "login"
    PAY = "pay"
    CARD = "card"
    BALANCE = "balance"
    SLOW = "slow"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Post:
    """Something that a customer wrote. by: their chosen name, "" for who left; mine: of who asks; fate: Fate, why:
    the reason for hiding, told to its writer alone; appeal: Appeal; reported: by who asks."""

    number: int
    by: str
    language: str
    title: str
    words: str
    at: float
    mine: bool
    fate: str
    why: str
    appeal: str
    reported: bool


@dataclass(frozen=True, slots=True)
class Idea:
    """An idea. state: IdeaState; answer: the bank's, by language, {} for none yet; answered_at: 0.0 for never."""

    post: Post
    state: str
    votes: int
    voted: bool
    comments: int
    answer: dict[str, str]
    answered_at: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question of a poll, with how many chose it."""

    words: dict[str, str]
    count: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a poll."""

    words: dict[str, str]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll. incident: its number, 0 for none; answered: by who asks; given: how many answered."""

    number: int
    incident: int
    title: dict[str, str]
    questions: tuple[Question, ...]
    closes_at: float
    is_open: bool
    answered: bool
    given: int


@dataclass(frozen=True, slots=True)
class Material:
    """Something to read for a webinar."""

    title: dict[str, str]
    link: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked at a webinar, with the bank's answer in the same language; "" for none yet."""

    post: Post
    answer: str


@dataclass(frozen=True, slots=True)
class Webinar:
    """A webinar. spoken: the language in which it is held; free: seats that are left; waiting: how many wait for one;
    place: what who asks has, Place; ahead: who waits before them; stream: "" but for who has a seat; recording: ""
    until there is one."""

    number: int
    title: dict[str, str]
    about: dict[str, str]
    spoken: str
    begins_at: float
    ends_at: float
    called_off: bool
    seats: int
    free: int
    waiting: int
    place: str
    ahead: int
    stream: str
    recording: str
    materials: tuple[Material, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Tour:
    """What is new on a page, in one to four steps by language; path: the page that it is about."""

    number: int
    title: dict[str, str]
    path: str
    steps: tuple[dict[str, str], ...]
    at: float


@dataclass(frozen=True, slots=True)
class Forum:
    """The page of ideas, or of one with its comments (then ideas holds that one). name: of who asks, "" for a stranger;
    answered: ideas that the bank carried out, the latest first; first_look: new posts are shown after a look."""

    name: str
    first_look: bool
    ideas: tuple[Idea, ...]
    answered: tuple[Idea, ...]
    comments: tuple[Post, ...]
    polls: tuple[Poll, ...]


@dataclass(frozen=True, slots=True)
class School:
    """The page of webinars, or of one. now: the control room's clock; calendar: of one, RFC 5545, "" else."""

    now: float
    webinars: tuple[Webinar, ...]
    calendar: str


@dataclass(frozen=True, slots=True)
class Tours:
    """Every tour that is published, and which of them a customer has seen."""

    tours: tuple[Tour, ...]
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One help topic in the reader's language; link: the page of ours to go to, "" for none."""

    title: str
    words: str
    link: str


@dataclass(frozen=True, slots=True)
class Topics:
    """Help topics, the best first."""

    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: customer 0 for a stranger."""

    customer: int
    language: str

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {"customer": self.customer, "language": self.language}


def who_from_wire(raw: dict[str, Any]) -> Who:
    """Raises KeyError, ValueError or TypeError for what is none."""
    customer, language = int(raw["customer"]), str(raw["language"])
    if language not in LANGUAGES:
        raise ValueError(f"{language[:10]!r} is no language of ours")
    if customer < 0 or customer >= 1 << 63:
        raise ValueError("a customer is a number from 0")
    return Who(customer, language)
