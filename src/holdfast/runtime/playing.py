"""Play one outage on a bank made for it: start, fill or import, let it run, break it, print the verdict."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from holdfast.runtime import installing, postgres
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.launching import end, launch, module, wait_until_served
from holdfast.runtime.terminal import console, say_addresses, wait_for_end
from holdfast.settings import Installation

CUSTOMERS_A_LOGIN = 5
BERKA = ("Berka Bank (real records)", "CZK")


@dataclass(frozen=True)
class Play:
    """What to play, and where.

    bank: a folder of real records, None for a made-up bank; logins: people who get a password.
    """

    scenario: str
    data: Path
    port: int | None
    seed: int
    logins: int
    bank: Path | None
    leave: bool
    report: Path | None


def play(asked: Play) -> int:
    """Play it; 0 when every expectation was met. Raises RuntimeFault in words."""
    if asked.bank is not None and not asked.bank.is_dir():
        raise RuntimeFault(f"{asked.bank} is not a folder; nothing was started")
    began = time.monotonic()
    installing.remove_demo(asked.data)
    asked.data.mkdir(parents=True)
    (asked.data / installing.DEMO_MARK).touch()
    console.print("Starting the four buildings …")
    child, installation = launch(asked.data, asked.port, *(BERKA if asked.bank else ("", "")))
    try:
        _fill(asked, installation)
        wait_until_served(installation)
        console.print(f"Open for business after {time.monotonic() - began:.0f} s.")
        say_addresses(installation)
        folder = asked.report or asked.data / "report"
        command = [sys.executable, "-m", "holdfast.gameday", "run", asked.scenario]
        command += ["--seed", str(asked.seed), "--report", str(folder.resolve())]
        played = subprocess.run(command, env=environment(installation), check=False)
        console.print(f"Report: {folder / 'report.json'} and {folder / 'report.html'}")
        if not asked.leave:
            say_addresses(installation)
            console.print("It stays up for you to look around; Ctrl-C ends it.")
            wait_for_end(child)
        return played.returncode
    finally:
        end(child, asked.data)


def _fill(asked: Play, installation: Installation) -> None:
    seed = ("--seed", str(asked.seed))
    if asked.bank is not None:
        folder = str(asked.bank.resolve())
        module(installation, "holdfast.bank", "import-berka", folder, "--activate", str(asked.logins), *seed)
    else:
        customers = str(asked.logins * CUSTOMERS_A_LOGIN)
        module(installation, "holdfast.bank", "fill", "--customers", customers, "--passwords", str(asked.logins), *seed)


def environment(installation: Installation | None) -> dict[str, str]:
    """The environment of a program of this clone, in an installation."""
    out = {**os.environ, "PYTHONPATH": str(postgres.clone_root() / "src"), "PYTHONUNBUFFERED": "1"}
    if installation:
        out["HOLDFAST_DATA"] = str(installation.data)
    return out
