"""Run a building's own command in the installation that is rehearsed, with the programs' time of day."""

import asyncio
import os
import sys
from pathlib import Path

from holdfast.gameday.errors import StoryBroken
from holdfast.settings import Installation

RUN_S_MAX = 30.0
SKEWED = Path(__file__).parent / "skewed"


async def run(installation: Installation, *argv: str) -> str:
    """`python -m …`; what it said. Raises StoryBroken when it fails, or does not end in 30 s."""
    environment = {**os.environ, "HOLDFAST_DATA": str(installation.data)}
    if installation.rehearsed:
        environment["HOLDFAST_REHEARSAL"] = str(installation.rehearsal_file)
        environment["PYTHONPATH"] = f"{SKEWED}:{environment.get('PYTHONPATH', '')}"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *argv,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(), RUN_S_MAX)
    except TimeoutError as error:
        child.kill()
        raise StoryBroken(f"{' '.join(argv[:2])} did not end within {RUN_S_MAX:.0f} s") from error
    if child.returncode:
        raise StoryBroken(f"{' '.join(argv[:2])} failed: {said.decode(errors='replace')[-300:]}")
    return said.decode(errors="replace")
