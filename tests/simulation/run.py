"""`make simulate`: many seeds on all cores; `--seed N` replays one and tells its story; `--mutants` hunts each mutant."""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "src")]

from sim.mutants import MUTANTS, WORDS
from sim.world import Ran, run_seed

CHUNK = 25
STORY_LINES_MAX = 400


def play(start: int, count: int, mutant: str = "") -> list[Ran]:
    """Some seeds, one after the other; under a mutant it stops at the first that is caught."""
    out = []
    for seed in range(start, start + count):
        ran = run_seed(seed, mutation=MUTANTS[mutant] if mutant else nullcontext)
        out.append(ran)
        if mutant and ran.broken:
            break
    return out


def many(start: int, seeds: int) -> int:
    """All seeds, with progress; 0 when no invariant fell."""
    began, done, broken, steps, overspent = time.monotonic(), 0, 0, 0, 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        parts = [pool.submit(play, first, min(CHUNK, start + seeds - first))
                 for first in range(start, start + seeds, CHUNK)]  # fmt: skip
        for part in parts:
            for ran in part.result():
                done, steps = done + 1, steps + ran.steps
                overspent = max(overspent, ran.overspent_minor)
                if ran.broken:
                    broken += 1
                    print(
                        f"seed {ran.seed}: {ran.broken}   (make simulate SEED={ran.seed} tells its story)", flush=True
                    )
            if done % 500 < CHUNK:
                print(f"{done} seeds, {steps} steps, {broken} broken, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"{done} seeds, {steps} steps, {time.monotonic() - began:.0f} s: {broken} broken; "
        f"the most that one account was overspent: {overspent} of 300 minor units"
    )
    return 1 if broken else 0


def one(seed: int, mutant: str) -> int:
    """One seed with its story."""
    ran = run_seed(seed, tell=True, mutation=MUTANTS[mutant] if mutant else nullcontext)
    print("\n".join(ran.story[-STORY_LINES_MAX:]))
    print(ran.broken or f"seed {seed} holds: {ran.payments} payments, {ran.steps} steps")
    return 1 if ran.broken else 0


def mutants(seeds: int) -> int:
    """Hunt each mutant over the seeds; 0 when all were caught."""
    missed = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        hunts = {name: pool.submit(play, 1, seeds, name) for name in MUTANTS}
        for name, hunt in hunts.items():
            last = hunt.result()[-1]
            missed += not last.broken
            found = f"caught at seed {last.seed}: {last.broken}" if last.broken else "NOT CAUGHT"
            print(f"{name:<34} {WORDS[name]}\n{'':<34} {found[:160]}", flush=True)
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} mutants caught")
    return 1 if missed else 0


def main() -> int:
    """Parse what is asked and play it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--start", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutant", default="", choices=["", *MUTANTS])
    parser.add_argument("--mutants", action="store_true")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        return one(chosen.seed, chosen.mutant)
    return mutants(chosen.seeds) if chosen.mutants else many(chosen.start, chosen.seeds)


if __name__ == "__main__":
    sys.exit(main())
