"""What a form says about a new password."""

from collections.abc import Iterable

from django.http import HttpRequest

from holdfast.bank.books import installation
from holdfast.bank.joining.strength import CHARACTERS_MAX, CHARACTERS_MIN, weakness
from holdfast.bank.web.words import say

LEAKED = "leaked-passwords.txt"
"""In the bank's folder: leaked passwords that are refused beside the commonest, if whoever runs it gives them."""
WEAK = {
    "short": "register.password_short",
    "long": "register.password_long",
    "common": "register.password_common",
    "leaked": "register.password_leaked",
    "own": "register.password_own",
}
"""What speaks against a password (joining/strength.py), and the text that says so."""


def new_password(request: HttpRequest, name: str) -> str:
    """A new password as it was typed; longer than any that is taken, it is cut."""
    return request.POST.get(name, "")[: CHARACTERS_MAX + 1]


def weak_words(request: HttpRequest, password: str, own: Iterable[str]) -> str:
    """Why a new password is not taken, in words; "" when it is. own: what belongs to the customer."""
    weak = weakness(password, (*own, installation().bank_name), installation().folder("bank") / LEAKED)
    return say(request, WEAK[weak], least=CHARACTERS_MIN, most=CHARACTERS_MAX) if weak else ""
