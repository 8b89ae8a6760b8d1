"""`holdfast foreign`: run beside a core that is known from files only."""

import csv
import getpass
import time
from pathlib import Path
from typing import Annotated

import typer

from holdfast.contracts.factors import STEP_S
from holdfast.runtime import installing
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.launching import call_door, end, launch, wait_until_served
from holdfast.runtime.terminal import console, say_addresses, told, wait_for_end
from holdfast.signing.onetime import code_at

foreign_app = typer.Typer(no_args_is_help=True, help="Beside a core that is known from files only.")
NEEDED = ("customers.csv", "accounts.csv")


@foreign_app.callback()
def handle_group() -> None:
    """Beside a core that is known from files only."""


@foreign_app.command("code")
@told
def customer_code(
    username: str,
    core: Annotated[Path, typer.Option(help="Folder with the core's files.")],
) -> None:
    """The code that the authenticator app of a made-up customer shows now, from the secret in customers.csv."""
    try:
        people = list(csv.DictReader((core / "customers.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    except OSError as error:
        raise RuntimeFault(f"{core / 'customers.csv'} cannot be read: {error.strerror}") from error
    secret = next((one.get("authenticator secret") for one in people if one.get("username") == username), None)
    if not secret:
        raise RuntimeFault(f"{core / 'customers.csv'} has no authenticator secret of {username!r}")
    console.print(code_at(secret, int(time.time() // STEP_S)))


@foreign_app.command("up")
@told
def foreign_up(
    core: Annotated[Path, typer.Option(help="Folder with the core's files; docs/howto/foreign-core.md.")],
    data: Annotated[Path | None, typer.Option("--data", help="Data folder; var/foreign by default.")] = None,
    port: Annotated[int | None, typer.Option("--port", envvar="PORT", help="First of the ports to use.")] = None,
    name: Annotated[str, typer.Option(help="The bank's name, for a new installation.")] = "",
    currency: Annotated[str, typer.Option(help="The currency served, for a new installation.")] = "",
) -> None:
    """Start the feeder, the spare bank, two front doors and the control room; Ctrl-C ends them cleanly."""
    missing = [one for one in NEEDED if not (core / one).is_file()]
    if missing:
        raise RuntimeFault(f"{core} has no {' and no '.join(missing)}; see docs/howto/foreign-core.md")
    folder = data or installing.default_data("foreign")
    child, installation = launch(folder, port, name, currency, core=str(core.resolve()))
    try:
        wait_until_served(installation)
        call_door(
            installation,
            "POST",
            "/-/orders",
            {
                "what": "standin_on",
                "cohorts": None,
                "why": "beside a foreign core: whoever comes to this address is served by the spare bank",
                "by": f"terminal:{getpass.getuser()}",
            },
        )
        say_addresses(installation)
        console.print(f"What is accepted is handed back in {core / 'handed-back'}. Running; Ctrl-C ends it.")
        wait_for_end(child)
    finally:
        end(child, folder)
