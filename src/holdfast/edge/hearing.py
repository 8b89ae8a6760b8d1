"""The customers' own voice, as a door hears it: what they do when something is not as they want it.

Counted where all requests pass, so that both banks are heard alike; never who it was, nor what was typed. Pure.
"""

from holdfast.telemetry.metrics import HEARD

LOGIN_FAILED, LOCKED_OUT, HELP = "a login that failed", "a login shut out after too many tries", "help opened"
FORGOTTEN, ASKED_ABOUT, CHAT = "a forgotten password", "a payment asked about", "a chat begun"
REPORTED = "a problem reported"
ALL = (LOGIN_FAILED, LOCKED_OUT, HELP, FORGOTTEN, ASKED_ABOUT, CHAT, REPORTED)

for _one in ALL:  # told as 0 from the beginning, so that the first one is a rise
    HEARD.labels(_one)


def heard(route: str, method: str, status: int) -> str:
    """What an answered request says, by its route's name (contracts.routes); "" for nothing."""
    match route, method, status:
        case "login", "POST", 422:
            return LOGIN_FAILED
        case "login", "POST", 429:
            return LOCKED_OUT
        case "help", "GET", 200:
            return HELP
        case "forgot-form", "GET", 200:
            return FORGOTTEN
        case "dispute", "POST", 303:
            return ASKED_ABOUT
    return ""
