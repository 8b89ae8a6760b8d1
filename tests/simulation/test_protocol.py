"""The two banks' own decision code under faults drawn from seeds: every invariant of the protocol, in every state."""

import os
from concurrent.futures import ProcessPoolExecutor

import pytest
from run import play
from sim.mutants import MUTANTS, TRACES
from sim.town import LIMIT_MINOR
from sim.world import run_seed

SEEDS, MORE_SEEDS = 200, 500
HUNT_SEEDS = 1500
FEW_SEEDS = 100
PART = 25


@pytest.mark.demand("S3", "S4", "S5", "D3")
@pytest.mark.parametrize("seeds", [SEEDS, pytest.param(MORE_SEEDS, marks=pytest.mark.long)])
def test_no_invariant_falls_in_hundreds_of_seeds_of_kills_pauses_cuts_and_lost_registers(seeds):
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = [ran for part in pool.map(play, range(1, seeds + 1, PART), [PART] * (seeds // PART)) for ran in part]
    assert [(ran.seed, ran.broken) for ran in runs if ran.broken] == []
    assert len(runs) == seeds
    assert 0 < max(ran.overspent_minor for ran in runs) <= LIMIT_MINOR


def test_a_seed_tells_the_same_story_twice():
    assert run_seed(21, tell=True).story == run_seed(21, tell=True).story != []


def test_every_trace_of_the_protocols_page_has_a_mutant_that_allows_it():
    assert sorted(TRACES) == list(range(1, 15))
    assert {name for names in TRACES.values() for name in names} <= set(MUTANTS)


@pytest.mark.parametrize("name", ["untripped-send", "answer-before-fsync", "entered-twice", "older-unclaimed"])
def test_some_rules_broken_on_purpose_are_caught_within_a_few_seeds(name):
    assert play(1, FEW_SEEDS, name)[-1].broken


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_every_rule_broken_on_purpose_is_caught(name):
    assert play(1, HUNT_SEEDS, name)[-1].broken
