"""What customers may need, told once and honoured everywhere: at both banks, in messages, by whoever calls them.

A need is a word of CODES in the profile fact `customer`, never its cause: nobody is asked for a diagnosis, and none is
kept. The words that a customer reads stand with each building's own; those for staff stand here.
"""

from collections.abc import Iterable

LARGE_PRINT, SCREEN_READER, PLAIN_WORDS, MORE_TIME = "large-print", "screen-reader", "plain-words", "more-time"
CALL_ME, WRITE_TO_ME, TOLD_FIRST, SOMEBODY_HELPS = "call-me", "write-to-me", "told-first", "somebody-helps"
HARD_TIMES = "hard-times"
CODES = (
    TOLD_FIRST,
    CALL_ME,
    WRITE_TO_ME,
    LARGE_PRINT,
    SCREEN_READER,
    PLAIN_WORDS,
    MORE_TIME,
    SOMEBODY_HELPS,
    HARD_TIMES,
)
FOR_STAFF = {
    TOLD_FIRST: "is told first when something goes wrong",
    CALL_ME: "wants to be called rather than written to",
    WRITE_TO_ME: "wants to be written to, not called",
    LARGE_PRINT: "reads large print",
    SCREEN_READER: "uses a screen reader",
    PLAIN_WORDS: "wants plain words, one thing at a time",
    MORE_TIME: "needs more time for answers and forms",
    SOMEBODY_HELPS: "has somebody who helps with the bank; speak of money only with the customer",
    HARD_TIMES: "money is short at present; no reminder without an offer of help",
}
"""What whoever deals with the customer does about each."""
EXCLUDE = (frozenset({CALL_ME, WRITE_TO_ME}),)
"""Of each of these, one at most can be honoured."""


def known_needs(told: Iterable[str]) -> list[str]:
    """The needs among these words that are known here, each once, in the order of CODES: another release may tell
    others."""
    found = set(told)
    return [code for code in CODES if code in found]


def clash(needs: Iterable[str]) -> bool:
    """Whether two of them contradict each other."""
    found = set(needs)
    return any(len(pair & found) > 1 for pair in EXCLUDE)
