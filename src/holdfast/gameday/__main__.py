"""`python -m holdfast.gameday list [--json] | run NAME [--seed N] [--report DIR] | stress [--seed N] --result FILE
| faults [--seed N] [--only NAMES] --cases DIR`, on the bank in HOLDFAST_DATA.
"""

import argparse
import json
import sys
from pathlib import Path

import aiohttp
import uvloop

from holdfast.gameday import report, scenario
from holdfast.gameday.campaign import Campaign
from holdfast.gameday.errors import GamedayError
from holdfast.gameday.faults import load_faults
from holdfast.gameday.story import Story
from holdfast.gameday.stress import Stress
from holdfast.settings import SettingsError, load


def main(arguments: list[str]) -> int:
    """Play and print the verdict; 0 when every expectation was met, 1 when not, 2 when the story broke."""
    parser = argparse.ArgumentParser(prog="holdfast gameday")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list").add_argument("--json", action="store_true")
    run = commands.add_parser("run")
    run.add_argument("name")
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--report", type=Path, default=Path("report"))
    stress = commands.add_parser("stress")
    stress.add_argument("--seed", type=int, default=1)
    stress.add_argument("--result", type=Path, required=True)
    faults = commands.add_parser("faults")
    faults.add_argument("--seed", type=int, default=1)
    faults.add_argument("--only", default="")
    faults.add_argument("--cases", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    if chosen.command == "stress":
        return _stress(chosen.seed, chosen.result)
    if chosen.command == "faults":
        return _faults(chosen.seed, tuple(filter(None, chosen.only.split(","))), chosen.cases)
    if chosen.command == "list":
        known = [scenario.load_scenario(name) for name in scenario.names()]
        if chosen.json:
            print(
                json.dumps(
                    [{"name": s.name, "wires": s.wires, "fresh": s.fresh, "rehearsed": s.rehearsed} for s in known]
                )
            )
        else:
            for one in known:
                print(f"{one.name:<26} {one.words}")
        return 0
    try:
        story = Story(load(), scenario.load_scenario(chosen.name), chosen.seed)
        uvloop.run(story.play())
    except (GamedayError, SettingsError, TimeoutError) as error:
        print(f"The story broke: {error}")
        if "story" in locals() and story.fault_at:
            _verdict(report.write(story, chosen.report))
        return 2
    return _verdict(report.write(story, chosen.report))


def _stress(seed: int, result: Path) -> int:
    """Measure what the banks bear; 0 when it was measured and written to result, 2 when the story broke."""
    home = load()
    people = [one for one in json.loads((home.data / "bank" / "logins.json").read_text()) if not one.get("role")]
    try:
        said = uvloop.run(Stress(home, seed, people, lambda words: print(words, flush=True)).run())
    except (GamedayError, SettingsError, TimeoutError, aiohttp.ClientError, OSError) as error:
        print(f"The measurement broke: {error}")
        return 2
    result.write_text(json.dumps(said))
    return 0


def _faults(seed: int, only: tuple[str, ...], cases: Path) -> int:
    """Inject faults one after the other and keep their cases; 0 when all were played, 2 when the story broke."""
    try:
        campaign = Campaign(load(), seed, cases)
        uvloop.run(campaign.play(load_faults(only)))
    except (GamedayError, SettingsError, TimeoutError, aiohttp.ClientError, OSError) as error:
        print(f"The faults were not all played: {error}")
        return 2
    kept, missed = campaign.ended["kept"], campaign.ended["not noticed"]
    earlier = f", {campaign.ended['kept before']} were there already" if campaign.ended["kept before"] else ""
    print(f"Kept {kept} cases in {cases}{earlier}; {missed} faults were noticed by nobody.")
    return 0


def _verdict(made: dict[str, object]) -> int:
    """Print the expectations; 0 when all are met."""
    expectations: list[dict[str, object]] = made["expectations"]  # type: ignore[assignment]
    print(f"\nVerdict of {made['scenario']}, seed {made['seed']}:")
    for one in expectations:
        print(f"  {'met   ' if one['met'] else 'NOT MET'}  {one['name']}: {one['measured']} (limit {one['limit']})")
    failures: list[dict[str, object]] = made.get("failures", [])  # type: ignore[assignment]
    for one in failures:
        print(f"  {one['count']:>5} failed  {one['what']}")
    met = all(one["met"] for one in expectations)
    print("Every expectation was met." if met else "Not every expectation was met.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
