"""What doors and control room say to each other about a customer's inbox: what the bank wrote to them, newest first.

A door asks for the customer whom a bank's session names, and for nobody else.
"""

from dataclasses import dataclass
from typing import Any

ADDRESS = "/inbox"
SHOWN_MAX = 50
CUSTOMERS_END = 1 << 63


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. at: seconds since 1970 UTC; code: by which its reader sees that it is the bank's; new: it was not
    shown before."""

    at: float
    subject: str
    words: str
    code: str
    new: bool

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {"at": self.at, "subject": self.subject, "words": self.words, "code": self.code, "new": self.new}


@dataclass(frozen=True, slots=True)
class Inbox:
    """The newest messages of a customer, SHOWN_MAX at most. unread: how many of them were not shown before; more: that
    there are older ones, which are not shown."""

    letters: tuple[Letter, ...]
    unread: int
    more: bool = False

    def to_wire(self) -> dict[str, Any]:
        """As it crosses the border."""
        return {"letters": [one.to_wire() for one in self.letters], "unread": self.unread, "more": self.more}


def inbox_from_wire(raw: dict[str, Any]) -> Inbox:
    """Raises KeyError, ValueError or TypeError for what is none."""
    letters = tuple(
        Letter(float(one["at"]), str(one["subject"]), str(one["words"]), str(one["code"]), bool(one["new"]))
        for one in raw["letters"][:SHOWN_MAX]
    )
    return Inbox(letters, int(raw["unread"]), bool(raw["more"]))


def customer_from_wire(raw: dict[str, Any]) -> int:
    """The customer of a question; raises KeyError, ValueError or TypeError for what is none."""
    customer = int(raw["customer"])
    if not 0 < customer < CUSTOMERS_END:
        raise ValueError("an inbox is a customer's, whose number is from 1")
    return customer
