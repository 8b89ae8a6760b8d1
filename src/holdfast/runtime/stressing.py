"""Measure what the banks bear: on an installation made for it, or on one that runs; told to its control room."""

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.table import Table

from holdfast.runtime import installing
from holdfast.runtime.incidents import call_console
from holdfast.runtime.installing import running_data
from holdfast.runtime.launching import end, launch, wait_until_served
from holdfast.runtime.playing import environment, fill
from holdfast.runtime.terminal import console, say_addresses, wait_for_end
from holdfast.settings import Installation, SettingsError, ask_supervisor, load

MEASURED_S_MAX = 1800.0


def measure(folder: Path, port: int | None, seed: int, customers: int, leave: bool) -> int:
    """Measure; 0 when it was done. An installation that runs in folder already is measured as it is, and left running.
    Raises RuntimeFault in words."""
    with contextlib.suppress(SettingsError):
        ask_supervisor(folder, do="status")
        return _measured(load(running_data(folder)), seed)
    installing.make_demo(folder)
    console.print("Starting the four buildings …")
    child, installation = launch(folder, port)
    try:
        fill(installation, customers, seed)
        wait_until_served(installation)
        code = _measured(installation, seed)
        if not leave:
            say_addresses(installation)
            console.print("It stays up for you to look around; Ctrl-C ends it.")
            wait_for_end(child)
        return code
    finally:
        end(child, folder)


def _measured(installation: Installation, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "holdfast.gameday", "stress", "--seed", str(seed), "--result", str(result)]
        played = subprocess.run(command, env=environment(installation), check=False, timeout=MEASURED_S_MAX)
        if played.returncode != 0:
            return played.returncode
        said = json.loads(result.read_text())
    call_console(installation, "POST", "/capacity.json", said)
    table = Table("work", "bears, a second", "then", "full first")
    for one in said["found"]:
        broke = "it bore all that was tried" if one["broke_per_s"] is None else f"{one['broke_per_s']}: {one['why']}"
        table.add_row(f"{one['kind']}, {one['bank']}", str(one["held_per_s"]), broke, one["part"] or "no part was full")
    console.print(table)
    console.print("Kept: the console's page Capacity says when growth reaches it.")
    return 0
