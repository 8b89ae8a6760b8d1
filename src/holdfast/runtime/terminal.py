"""What the command says at the terminal: addresses, faults in one sentence, and the wait for Ctrl-C."""

import json
import subprocess
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from holdfast.runtime.bending import PLACES
from holdfast.runtime.breaking import HOWS
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.programs import BUILDINGS, WIRES
from holdfast.settings import Installation, SettingsError

console = Console(highlight=False)


def told(work: Callable[..., Any]) -> Callable[..., Any]:
    """Faults become one sentence and exit code 1."""

    @wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        except (RuntimeFault, SettingsError) as error:
            console.print(f"[bold]Not done:[/] {error}", style="red")
            raise typer.Exit(1) from error

    return run


def say_addresses(installation: Installation) -> None:
    """Where to look, and a few logins of made-up customers."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("Customers", installation.door_origin)
    table.add_row("Status page", f"{installation.door_origin}/status")
    table.add_row(
        "Control room",
        f"{installation.console_origin}  (user responder, password in {installation.secrets / 'responder'})",
    )
    table.add_row("", f"  (the second person: user manager, password in {installation.secrets / 'manager'})")
    table.add_row("", "  (and a code for each: ./holdfast code responder)")
    table.add_row("Mailbox", f"http://localhost:{installation.mailbox_port}")
    console.print(table)
    logins = installation.data / "bank" / "logins.json"
    if logins.exists():
        people = json.loads(logins.read_text())
        special = [p for p in people if p.get("role")] + [p for p in people if not p.get("role")]
        console.print("Log in as one of these made-up customers:")
        for person in special[:4]:
            console.print(
                f"  {person['username']}  {person['password']}   {person['name']}  {person.get('role', '')}".rstrip()
            )
        console.print(f"  and the code that their phone shows: http://localhost:{installation.mailbox_port}/phones")
        console.print(f"  all {len(people)} are in {logins}")


def wait_for_end(child: "subprocess.Popen[str]") -> None:
    """Until the supervisor ends or the person presses Ctrl-C."""
    try:
        while child.poll() is None:
            time.sleep(0.2)
    except KeyboardInterrupt:
        console.print("\nEnding everything cleanly …")


def say_what_can_be_broken() -> None:
    """The names, and the ways."""
    table = Table("name", "programs", title="What can be broken")
    for name, programs in BUILDINGS.items():
        table.add_row(name, ", ".join(programs))
    table.add_row("everything", "all of the above but the outside")
    table.add_row(", ".join(WIRES), "relays, in a bank made with ./holdfast up --wires")
    table.add_row(", ".join(PLACES.values()), "the programs' time of day, the shared rules; ./holdfast up --rehearsed")
    console.print(table)
    ways = Table("--how", "what it does", title="How (kill without it)")
    for how, words in HOWS.items():
        ways.add_row(how, words)
    console.print(ways)
    console.print("One program can be named too: ./holdfast break bank-db --how freeze; ./holdfast mend bank-db")
