"""Play one outage on a bank made for it: start, fill or import, let it run, break it, print the verdict."""

import json
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
    needs = scenario_needs().get(asked.scenario)
    if needs is None:
        raise RuntimeFault(f"there is no scenario {asked.scenario!r}; ./holdfast gameday list lists them")
    began = time.monotonic()
    installing.make_demo(asked.data)
    console.print("Starting the four buildings …")
    name, currency = BERKA if asked.bank else ("", "")
    child, installation = launch(
        asked.data, asked.port, name, currency, wires=needs["wires"], rehearsed=needs["rehearsed"]
    )
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


def play_faults(data: Path, port: int | None, seed: int, logins: int, only: str, cases: Path) -> int:
    """Inject the known faults one after the other on a bank made for it, and keep a case of each; 0 when all were
    played. Raises RuntimeFault in words."""
    installing.make_demo(data)
    console.print("Starting the four buildings …")
    child, installation = launch(data, port, wires=True, rehearsed=True)
    try:
        fill(installation, logins, seed)
        wait_until_served(installation)
        command = [sys.executable, "-m", "holdfast.gameday", "faults", "--seed", str(seed)]
        command += ["--only", only, "--cases", str(cases.resolve())]
        return subprocess.run(command, env=environment(installation), check=False).returncode
    finally:
        end(child, data)


def scenario_needs() -> dict[str, dict[str, bool]]:
    """All scenarios with what each needs of its bank: `wires`, `fresh`, `rehearsed`."""
    said = subprocess.run(
        [sys.executable, "-m", "holdfast.gameday", "list", "--json"],
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode != 0:
        raise RuntimeFault(f"the scenarios cannot be read: {said.stderr.strip()[-300:]}")
    return {one.pop("name"): one for one in json.loads(said.stdout)}


def _fill(asked: Play, installation: Installation) -> None:
    seed = ("--seed", str(asked.seed))
    if asked.bank is not None:
        folder = str(asked.bank.resolve())
        module(installation, "holdfast.bank", "import-berka", folder, "--activate", str(asked.logins), *seed)
    else:
        fill(installation, asked.logins, asked.seed)


def fill(installation: Installation, logins: int, seed: int) -> None:
    """Made-up customers, `logins` of them with a password."""
    customers = str(logins * CUSTOMERS_A_LOGIN)
    argv = ("--customers", customers, "--passwords", str(logins), "--seed", str(seed))
    module(installation, "holdfast.bank", "fill", *argv)


def environment(installation: Installation | None) -> dict[str, str]:
    """The environment of a program of this clone, in an installation."""
    out = {**os.environ, "PYTHONPATH": str(postgres.clone_root() / "src"), "PYTHONUNBUFFERED": "1"}
    if installation:
        out["HOLDFAST_DATA"] = str(installation.data)
    return out
