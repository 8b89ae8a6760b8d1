"""The bank's file of help: looked at every few seconds, checked whole, told to both banks when it says something new.

A file that cannot be meant changes nothing: what was taken last goes on, and what is wrong is logged and told to staff
in words. While the bank keeps no file of its own, the sample that comes with this release holds, whose places are made
up and say so.
"""

from dataclasses import replace
from pathlib import Path

from holdfast.bank.books import books, installation, reader
from holdfast.bank.exchange.facts import bank_facts, set_bank_fact
from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.help_file import BYTES_MAX, BadHelpFile, read_help_file
from holdfast.contracts.help_now import FACT, Help, help_from_body
from holdfast.telemetry import get_log

HARDSHIP = 25
"""The bank's own account of advances: its claim on customers, so its normal side is debit."""
FLOOR_MINOR = -(10**17)
SAMPLE = Path(__file__).with_name("sample.toml")
NAME = "help-now.toml"


def help_path() -> Path:
    """The file that holds: the one in the settings, else help-now.toml in the bank's own folder, else the sample."""
    home = installation()
    if home.help_file:
        return Path(home.help_file)
    own = home.data / "bank" / NAME
    return own if own.exists() else SAMPLE


def read_help() -> Help:
    """The file as it lies there now; raises BadHelpFile in words."""
    path = help_path()
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise BadHelpFile(f"{path.name} cannot be read: {error.strerror}") from error
    found = read_help_file(raw, installation().currency)
    return replace(found, terms=replace(found.terms, account=HARDSHIP))


def keep_help() -> bool:
    """The worker's job: open the account, and tell what the file says where that is new; whether anything was told."""
    if not bank_facts.bank():
        return False
    open_hardship()
    known = help_known()
    try:
        wanted = read_help()
    except BadHelpFile as error:
        wanted = replace(known, trouble=str(error)[:500])
    if wanted == known and bank_facts.body(FACT):
        return False
    if wanted.trouble:
        get_log().error("help_file_not_taken", why=wanted.trouble)
    set_bank_fact(FACT, wanted.to_body())
    return True


def open_hardship() -> None:
    """Open the account in the books where it is missing. Safe to repeat."""
    if HARDSHIP in reader().accounts([HARDSHIP]):
        return
    change = AccountChange(HARDSHIP, "own:hardship", installation().currency, "debit", FLOOR_MINOR, 0, 0)
    books().change_accounts([change])


def help_known() -> Help:
    """What holds, as both banks were told."""
    try:
        return help_from_body(bank_facts.body(FACT) or None)
    except BadMessage as error:
        get_log().error("help_not_read", why=str(error))
        return Help()
