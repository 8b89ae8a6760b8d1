"""python -m holdfast.bank web|worker|migrate|fill|import-berka|orders|limits|prove|…: see --help of each."""

import argparse
import os
import sys
from datetime import date, datetime
from pathlib import Path

from holdfast.contracts.kid import NEEDS
from holdfast.contracts.profile import DEADLINE_KINDS


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m holdfast.bank", description="The primary bank.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("web", help="serve customers and the other buildings until SIGTERM")
    commands.add_parser("worker", help="run the jobs until SIGTERM")
    migrate = commands.add_parser("migrate", help="make or migrate the books and the bank's tables")
    migrate.add_argument("--finish", action="store_true", help="what waits until only this release runs")
    fill = commands.add_parser("fill", help="make a made-up bank, if it is empty")
    fill.add_argument("--customers", type=int, default=400)
    fill.add_argument("--seed", type=int, default=1)
    fill.add_argument("--passwords", type=int, default=None, help="how many customers can log in (default: all)")
    fill.add_argument("--business-date", type=date.fromisoformat, default=None, help="default: today at the bank")
    berka = commands.add_parser("import-berka", help="load a real bank's records (PKDD'99), if the bank is empty")
    berka.add_argument("folder", type=Path)
    berka.add_argument("--activate", type=int, default=20, help="how many owners get a password (default: 20)")
    berka.add_argument("--seed", type=int, default=1, help="chooses who")
    orders = commands.add_parser("orders", help="say from when on the standing orders of a day run")
    orders.add_argument("--date", type=date.fromisoformat, required=True)
    orders.add_argument("--at", type=datetime.fromisoformat, required=True)
    block = commands.add_parser("block-payee", help="stop payments to an account, at both banks")
    block.add_argument("number")
    limits = commands.add_parser("limits", help="set the limits of both banks, if they can be meant")
    limits.add_argument("--file", type=Path, required=True, help="JSON: the body of the fact limits")
    limits.add_argument("--confirmed", action="store_true", help="a change by more than ten times is meant")
    payee = commands.add_parser("payee-kind", help="say that payments to an account must arrive by a time")
    payee.add_argument("number")
    payee.add_argument("kind", choices=DEADLINE_KINDS)
    kid = commands.add_parser("kid", help="say whether payments to an account may or must carry a KID")
    kid.add_argument("number")
    kid.add_argument("need", choices=(*NEEDS, "none"))
    commands.add_parser("rotate-factors-key", help="change the key that seals the authenticators' secrets")
    commands.add_parser("rotate-store-key", help="change the key that seals what the database holds of people")
    ends = commands.add_parser("end-of-day", help="accrue and book interest and fees, collect instalments")
    ends.add_argument(
        "--day", type=date.fromisoformat, default=None, help="the last day to be ended (default: yesterday)"
    )
    _books_arguments(commands)
    commands.add_parser("prove", help="prove the books; prints findings, exit 1 if there are any")
    return parser.parse_args()


def _books_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    commands.add_parser("books-chart", help="the chart of accounts")
    balance = commands.add_parser("books-trial-balance", help="the trial balance of a day")
    balance.add_argument("--day", type=date.fromisoformat, default=None, help="default: the newest that is over")
    closing = commands.add_parser("books-close", help="close all days up to one, by two people")
    closing.add_argument("--day", type=date.fromisoformat, required=True)
    closing.add_argument("--by", required=True)
    closing.add_argument("--second", required=True)
    entries = commands.add_parser(
        "books-account", help="an account's entries of some days, or its balance at an instant"
    )
    entries.add_argument("account", type=int)
    entries.add_argument("--from", dest="first", type=date.fromisoformat, default=None, help="default: today")
    entries.add_argument("--to", dest="last", type=date.fromisoformat, default=None, help="default: today")
    entries.add_argument("--at", type=datetime.fromisoformat, default=None, help="only the balance as of this instant")
    entries.add_argument(
        "--metadata", type=_pair, action="append", help="set name=value instead; an empty value takes the name away"
    )
    finding = commands.add_parser("books-find", help="what carries metadata of this name with this value")
    finding.add_argument("metadata", type=_pair, help="name=value")
    anchor = commands.add_parser("books-anchor", help="sign the end of the books and give it to the spare bank")
    anchor.add_argument("--to", default="", help="a file to which it is added as well")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    return name, value


def main() -> int:  # noqa: PLR0911, PLR0912  # one return a command
    """Run one command; its exit code."""
    arguments = _arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "holdfast.bank.config"
    os.environ["HOLDFAST_BANK_ROLE"] = arguments.command if arguments.command in ("web", "worker") else "job"
    import django  # noqa: PLC0415  # after the settings are named

    from holdfast.telemetry import configure_logs  # noqa: PLC0415

    django.setup()
    from holdfast.bank import commands  # noqa: PLC0415

    configure_logs("bank")
    match arguments.command:
        case "books-chart" | "books-trial-balance" | "books-close" | "books-account" | "books-find" | "books-anchor":
            return _books(arguments)
        case "web":
            return commands.web()
        case "worker":
            return commands.worker()
        case "migrate":
            return commands.finish_migrating() if arguments.finish else commands.migrate()
        case "fill":
            return commands.fill(arguments.customers, arguments.seed, arguments.passwords, arguments.business_date)
        case "import-berka":
            return commands.import_berka(arguments.folder, arguments.activate, arguments.seed)
        case "orders":
            return commands.orders(arguments.date, arguments.at)
        case "block-payee":
            return commands.stop_payee(arguments.number)
        case "limits":
            return commands.set_limits(arguments.file, arguments.confirmed)
        case "rotate-factors-key":
            return commands.rotate_factors_key()
        case "rotate-store-key":
            return commands.rotate_store_key()
        case "end-of-day":
            return commands.end_of_day(arguments.day)
        case "kid":
            return commands.kid_need(arguments.number, arguments.need)
        case "payee-kind":
            return commands.mark_payee(arguments.number, arguments.kind)
    return commands.prove()


def _books(arguments: argparse.Namespace) -> int:  # noqa: PLR0911  # one return a command
    from holdfast.bank.accounting import commands, describing  # noqa: PLC0415  # Django is set up

    match arguments.command:
        case "books-find":
            return describing.find(*arguments.metadata)
        case "books-account" if arguments.metadata:
            return describing.describe(arguments.account, arguments.metadata)
        case "books-chart":
            return commands.chart()
        case "books-trial-balance":
            return commands.show_trial_balance(arguments.day)
        case "books-close":
            return commands.close_books(arguments.day, arguments.by, arguments.second)
        case "books-account" if arguments.at:
            return commands.show_balance(arguments.account, arguments.at)
        case "books-account":
            return commands.show_account(arguments.account, arguments.first, arguments.last)
    return commands.anchor(arguments.to)


if __name__ == "__main__":
    sys.exit(main())
