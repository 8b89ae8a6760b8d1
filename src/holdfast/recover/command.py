"""`./holdfast backup`: places, backups, their proof, restores."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from holdfast.recover.drilling import Drilled, drill, drills
from holdfast.recover.errors import PlaceFault, Refused
from holdfast.recover.keys import (
    is_put_away,
    keep_keys,
    noted_put_away,
    own_keys,
    read_recovery_file,
    write_recovery_file,
)
from holdfast.recover.manifest import backups
from holdfast.recover.places import is_immutable
from holdfast.recover.plan import Place, alone, read_plan, with_place, without_place, write_plan
from holdfast.recover.pruning import prune
from holdfast.recover.restoring import Asked, Restored, restore
from holdfast.recover.schedule import due
from holdfast.recover.taking import take
from holdfast.recover.verifying import verify_place
from holdfast.runtime.installing import running_data
from holdfast.runtime.terminal import console, told
from holdfast.settings import Installation, load

backup_app = typer.Typer(no_args_is_help=True, help="Backups: taken, proved, restored.")
Data = Annotated[Path | None, typer.Option("--data", help="Data folder; var/bank by default.")]
PUT_AWAY = (
    "The keys of the backups are on this machine only. Put them away from it: ./holdfast backup key FILE. "
    "Without them no backup can ever be opened."
)


class _Shown:
    """A line that moves while it is worked, and one for each thing that is done."""

    def __init__(self, words: str) -> None:
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
        )
        self._words = words

    def __enter__(self) -> "_Shown":
        self._progress.start()
        self._progress.add_task(self._words)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, words: str) -> None:
        """A line that stays."""
        self._progress.console.print("  " + words, markup=False)


@backup_app.command("place")
@told
def place(
    name: Annotated[str | None, typer.Argument(help="A name for it; without one, the places there are.")] = None,
    folder: Annotated[Path | None, typer.Argument(help="A folder on another disk or machine.")] = None,
    hold_days: Annotated[int, typer.Option(help="Nothing put there can be removed again for so many days.")] = 0,
    forget: Annotated[bool, typer.Option("--forget", help="Use this place no more; what is in it stays.")] = False,
    data: Data = None,
) -> None:
    """Name a place that keeps backups, or see which there are."""
    home = load(running_data(data))
    plan = read_plan(home)
    if name is None:
        for one in plan.places:
            console.print(f"{one.name:<16} {one.folder}" + (f", held {one.hold_days} days" if one.hold_days else ""))
        console.print(f"{len(plan.places)} places." + ("" if len(plan.places) > 1 else " Two or more are wanted."))
        return
    if forget:
        write_plan(home, without_place(plan, name))
        console.print(f"{name} is used no more; what lies there stays.")
        return
    if folder is None:
        raise Refused("name the folder too: ./holdfast backup place NAME FOLDER")
    own_keys(home, make=True)
    write_plan(home, with_place(plan, Place(name, str(folder.resolve()), hold_days), home))
    console.print(f"{name} keeps backups from now on, in {folder.resolve()}.")
    if not is_put_away(home):
        console.print(PUT_AWAY)


@backup_app.command("key")
@told
def key(
    file: Annotated[Path, typer.Argument(help="A new file, to be kept away from this machine and from the places.")],
    take_in: Annotated[bool, typer.Option("--take", help="Take the keys in that file into this installation.")] = False,
    data: Data = None,
) -> None:
    """Write the keys of the backups into a recovery file, to be put away; needed again after each change of them."""
    home = load(running_data(data))
    if take_in:
        keep_keys(home, read_recovery_file(file))
        console.print("The keys of the backups are in place.")
        return
    write_recovery_file(own_keys(home), file)
    noted_put_away(home)
    console.print(
        f"{file} opens every backup, keys and secrets too. Carry it off this machine (a safe, another house; print it "
        "if you like), then remove it here."
    )


@backup_app.command("run")
@told
def run(
    full: Annotated[bool, typer.Option("--full", help="A full one, whatever the plan says.")] = False,
    incremental: Annotated[bool, typer.Option("--incremental", help="Only what changed since the last one.")] = False,
    data: Data = None,
) -> None:
    """Take a backup of the bank that runs into every place."""
    home, began = load(running_data(data)), time.monotonic()
    if full and incremental:
        raise Refused("a backup is full or incremental; name one of both, or neither")
    with _Shown("Taking a backup") as shown:
        taken = take(home, True if incremental else False if full else None, shown.say)
    manifest = taken.manifest
    kind = f"incremental, after {manifest.base}" if manifest.base else "full"
    console.print(
        f"{manifest.name} ({kind}): {sum(part.plain_bytes for part in manifest.parts) / 1e6:.1f} MB, sealed "
        f"{manifest.bytes / 1e6:.1f} MB, in {time.monotonic() - began:.1f} s; books up to block {manifest.block}."
    )
    console.print(f"In {', '.join(taken.places)}.")
    for words in (*taken.notes, *taken.lost):
        console.print(words, style="yellow", markup=False)
    if not is_put_away(home):
        console.print(PUT_AWAY, style="yellow")
    if taken.lost:
        raise typer.Exit(1)


@backup_app.command("list")
@told
def list_(data: Data = None) -> None:
    """Which backups lie where."""
    home = load(running_data(data))
    plan, wrong = read_plan(home), []
    table = Table("place", Column("backup", no_wrap=True), "books up to", "size", "took", "held until")
    for one in plan.places:
        try:
            found, unread = backups(one, plan.line)
        except PlaceFault as fault:
            wrong.append(str(fault))
            continue
        wrong += unread
        for kept in found:
            told_of = kept.manifest
            until = _day(told_of.held_until, home) if told_of.held_until else "–"
            mark = " (by the system)" if is_immutable(kept.folder) else ""
            size, took = f"{told_of.bytes / 1e6:.1f} MB", f"{told_of.ended - told_of.began:.1f} s"
            table.add_row(one.name, told_of.name, f"block {told_of.block}", size, took, until + mark)
    console.print(table)
    wrong += due(home).findings
    for words in wrong:
        console.print(words, style="red", markup=False)
    if wrong:
        raise typer.Exit(1)


def _day(at: float, home: Installation) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(home.time_zone)).strftime("%Y-%m-%d %H:%M")


@backup_app.command("prune")
@told
def prune_(data: Data = None) -> None:
    """Remove what the plan no longer keeps; never what is held, nor what a kept backup needs."""
    home = load(running_data(data))
    plan, keys = read_plan(home), own_keys(home)
    with alone(home):
        for one in plan.places:
            done = prune(one, plan, keys)
            names = ", ".join(done.removed) or "nothing"
            console.print(f"{one.name}: removed {names}, and {done.segments} pieces of the log; {len(done.kept)} kept.")
            for words in done.refused:
                console.print(words, style="yellow", markup=False)


@backup_app.command("drill")
@told
def drill_(
    at_place: Annotated[str, typer.Option("--place", help="Which; the one that was drilled longest ago.")] = "",
    data: Data = None,
) -> None:
    """Restore the newest backup beside the bank, prove it, compare it, and throw it away."""
    home = load(running_data(data))
    with _Shown("Drilling") as shown:
        done = drill(home, at_place, shown.say)
    _say_drill(done, home)
    if not done.good:
        raise typer.Exit(1)


@backup_app.command("drills")
@told
def drills_(data: Data = None) -> None:
    """The drills that were made: how long recovery took, and what would have been lost."""
    home = load(running_data(data))
    made = drills(home)
    for one in made[-20:]:
        _say_drill(one, home)
    console.print(f"{len(made)} drills." + ("" if made else " ./holdfast backup drill makes one."))


def _say_drill(done: Drilled, home: Installation) -> None:
    lost = f"{done.lost_blocks} blocks, {done.lost_s:.1f} s" if done.lost_blocks else "nothing"
    console.print(
        f"{_day(done.at, home)}  {done.place}  {done.backup or '–'}: "
        + (f"recovered in {done.recovery_s:.1f} s up to block {done.block}, lost {lost}; {done.compared} blocks and "
           f"{done.anchors} anchors agree" if done.good else "NOT proved"),
        soft_wrap=True,
    )  # fmt: skip
    for words in done.findings:
        console.print("  " + words, style="red", markup=False, soft_wrap=True)


@backup_app.command("verify")
@told
def verify(
    backup: Annotated[str, typer.Argument(help="A backup's name; all without one.")] = "",
    source: Annotated[Path | None, typer.Option("--from", help="A place's folder, without an installation.")] = None,
    key_file: Annotated[Path | None, typer.Option("--key", help="The recovery file; needed with --from.")] = None,
    data: Data = None,
) -> None:
    """Read every backup through: each sealed file, each file within, each piece of the log. Names what is damaged."""
    if source is not None:
        if key_file is None:
            raise Refused("a place is opened by the recovery file: name it with --key")
        places, keys, line = [Place("the place", str(source.resolve()))], read_recovery_file(key_file), ""
    else:
        home = load(running_data(data))
        plan = read_plan(home)
        keys = read_recovery_file(key_file) if key_file else own_keys(home)
        places, line = list(plan.places), plan.line
    began, findings = time.monotonic(), 0
    for one in places:
        with _Shown("Reading") as shown:
            found = verify_place(one, keys, line, backup, shown.say)
        for words in found.findings:
            console.print(words, style="red", markup=False, soft_wrap=True)
        findings += len(found.findings)
        console.print(
            f"{one.name}: {found.backups} backups, {found.files} files and {found.segments} pieces of the log within, "
            f"{found.bytes / 1e6:.1f} MB read, {len(found.findings)} findings."
        )
    console.print(f"{findings} findings in {time.monotonic() - began:.1f} s.")
    if findings or not places:
        raise typer.Exit(1)


@backup_app.command("restore")
@told
def restore_(
    into: Annotated[Path | None, typer.Option("--into", help="An empty folder for the restored bank.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="A place's folder.")] = None,
    key_file: Annotated[Path | None, typer.Option("--key", help="The recovery file.")] = None,
    backup: Annotated[str, typer.Option(help="A backup's name; the newest that fits without one.")] = "",
    at: Annotated[str, typer.Option(help="To this moment: 2026-11-24T09:30 in the bank's time, or with +00:00.")] = "",
    to_block: Annotated[int | None, typer.Option(min=1, help="To the end of this block of the books.")] = None,
    line: Annotated[str, typer.Option(help="Whose backups, where a place holds those of several banks.")] = "",
    zone: Annotated[str, typer.Option(help="In which --at is told.")] = "Europe/Oslo",
) -> None:
    """Restore a bank onto an empty folder, from a place and the recovery file alone, and prove its books."""
    if into is None:
        raise Refused(
            "name an empty folder for the restored bank with --into; a bank that is there is never written over"
        )
    if source is None or key_file is None:
        raise Refused("name the place with --from and the recovery file with --key")
    if at and to_block is not None:
        raise Refused("a moment and a block are two ways to say how far; name one of both")
    place_ = Place("the place", str(source.resolve()))
    keys, moment = read_recovery_file(key_file), _moment(at, zone)
    with _Shown("Restoring") as shown:
        done = restore(Asked(place_, keys, into.resolve(), backup, moment, to_block, line), shown.say)
    _say_restored(done)
    if done.findings:
        raise typer.Exit(1)
    console.print(f"Start it: ./holdfast up --data {into}", soft_wrap=True)


def _moment(text: str, zone: str) -> float | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, LookupError, OSError) as error:
        raise Refused(f"{text!r} in {zone} is no moment; write it as 2026-11-24T09:30") from error
    if found > datetime.now(UTC):
        raise Refused(f"{text} lies in the future; nothing was done")
    return found.timestamp()


def _say_restored(done: Restored) -> None:
    ended = datetime.fromtimestamp(done.at_us / 1e6, ZoneInfo(done.home.time_zone)).isoformat(
        sep=" ", timespec="seconds"
    )
    console.print(
        f"Restored from {done.backup}: books up to block {done.block} of {ended}; {done.compared} blocks agree with "
        f"the spare bank's, {done.anchors} with signed anchors; {done.log_segments} pieces of the log put away since."
        if not done.findings
        else f"Restored from {done.backup}, books up to block {done.block} of {ended}, but not proved:"
    )
    for words in done.findings:
        console.print(words, style="red", markup=False, soft_wrap=True)
    for words in done.notes:
        console.print(words, markup=False, soft_wrap=True)
    console.print(f"It took {done.seconds['whole']:.1f} s.")
