"""`holdfast foreign`: run beside a core that is known from files only."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from holdfast.runtime import installing
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.launching import call_door, end, launch, wait_until_served
from holdfast.runtime.terminal import console, say_addresses, told, wait_for_end

foreign_app = typer.Typer(no_args_is_help=True, help="Beside a core that is known from files only.")
NEEDED = ("customers.csv", "accounts.csv")


@foreign_app.callback()
def handle_group() -> None:
    """Beside a core that is known from files only."""


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
