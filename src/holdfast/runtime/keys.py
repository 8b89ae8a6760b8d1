"""`./holdfast keys`: the list of all keys and secrets, and how each is changed while customers work."""

import getpass
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from holdfast.runtime.bending import environment
from holdfast.runtime.installing import running_data
from holdfast.runtime.keylist import Kept, kept, write_list
from holdfast.runtime.rotating import OVERLAP_S, rotate
from holdfast.runtime.terminal import console, told
from holdfast.settings import Installation, load
from holdfast.settings.landlock import abi

keys_app = typer.Typer(no_args_is_help=True, help="All keys and secrets: what for, how old, how to change them.")
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; var/bank by default.")]
HOUR_S = 3600
RECORD_S_MAX = 30
CONFINED = "Each building's processes can open their own keys, secrets and data only (Landlock)."
NOT_CONFINED = (
    "This kernel has no Landlock, or it is switched off: any process of this user can open every building's keys."
)


@keys_app.command("list")
@told
def keys_list(data: Data = None) -> None:
    """Every key and secret: when it was made, when it is due, when it ends; purpose, owner and place."""
    home, now = load(running_data(data)), datetime.now(UTC)
    found = kept(home)
    for one in found:
        where = one.place.relative_to(home.data) if one.place.is_relative_to(home.data) else one.place
        due = f"change by {_day(one.due)}{' OVERDUE' if one.overdue(now) else ''}" if one.due else "no age set"
        ends = f", ends {_day(one.ends)}" if one.ends else ""
        console.print(f"{one.name:<16} made {_day(one.made)}, {due}{ends}", highlight=False, soft_wrap=True)
        told_more = f"{'':<16} {one.trouble or one.purpose}; {one.owner}; {where}"
        console.print(told_more, highlight=False, soft_wrap=True)
    console.print(_summary(found, now))
    console.print(CONFINED if abi() else NOT_CONFINED)


def _day(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d") if at else "–"


def _summary(found: list[Kept], now: datetime) -> str:
    late = [one.name for one in found if one.overdue(now) or one.trouble]
    if not late:
        return f"{len(found)} keys and secrets, none overdue."
    return f"{len(found)} keys and secrets; to be changed: {', '.join(late)}. ./holdfast keys rotate NAME"


@keys_app.command("rotate")
@told
def keys_rotate(
    name: Annotated[str, typer.Argument(help="As the list names it.")],
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=24 * 30, help="How long what an old signing key signed is accepted.")
    ] = OVERLAP_S / HOUR_S,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="Nothing that the old signing key signed is accepted any more.")
    ] = False,
    data: Data = None,
) -> None:
    """Change a key or password while customers work."""
    home = load(running_data(data))
    words = rotate(home, name, overlap_hours * HOUR_S, stolen)
    write_list(home)
    console.print(f"{name}: {words}.", highlight=False)
    if not _recorded(home, f"key changed: {name}" + (" (stolen)" if stolen else "")):
        console.print("The control room did not answer: it is not in the staff log. Write it down elsewhere.")


def _recorded(home: Installation, words: str) -> bool:
    """Whether the change stands in the staff log."""
    argv = [sys.executable, "-m", "holdfast.control", "staff", "record", f"terminal:{getpass.getuser()}", words]
    try:
        ran = subprocess.run(argv, env=environment(home), check=False, timeout=RECORD_S_MAX, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0
