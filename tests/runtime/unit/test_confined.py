"""Real processes of each building, which try to open what is not theirs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from holdfast_tests import free_port_base

from holdfast.runtime import installing
from holdfast.settings.landlock import abi

ROOT = Path(__file__).resolve().parents[3]
PRYING = ROOT / "tests" / "plugins" / "prying"
START_S_MAX = 40.0
BUILDINGS = {
    "door": (["holdfast.edge", "1"], "edge", "door", ""),
    "standin": (["holdfast.standin"], "standin", "standin", ""),
    "bank": (["holdfast.bank", "web"], "bank", "primary", "bank"),
    "control": (["holdfast.control", "watch"], "control", "control", "control"),
}

pytestmark = [
    pytest.mark.demand("G1", "G8"),
    pytest.mark.skipif(not abi(), reason="this kernel has no Landlock; ./holdfast keys list says so"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = installing.prepare(tmp_path_factory.mktemp("confined"), free_port_base())
    for name in ("edge", "standin", "bank", "control"):
        (made.folder(name) / "data").write_text("what it knows of customers")
    env = {**os.environ, "HOLDFAST_DATA": str(made.data), "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-m", "holdfast.edge", "init"], env=env, check=True)
    return made


def places(home):
    """Everything private, by whose it is."""
    folders = {folder: [key, secrets] for _, folder, key, secrets in BUILDINGS.values()}
    found = {}
    for folder, (key, secrets) in folders.items():
        own = [home.data / folder / "data", *(home.keys / key).iterdir()]
        found[key] = [str(path) for path in [*own, *((home.secrets / secrets).iterdir() if secrets else [])]]
    found["nobody"] = [str(home.keys / "authority" / "authority.pem"), str(home.keys / "runtime" / "signing.pem")]
    found["nobody"] += [str(home.secrets / "manager"), str(home.secrets / "manager-authenticator")]
    return found


@pytest.mark.parametrize("building", BUILDINGS)
def test_a_building_opens_its_own_keys_and_data_and_nobody_elses(home, building):
    argv, folder, key, _ = BUILDINGS[building]
    every, says = places(home), home.data / folder / "pried.json"
    everything = [name for names in every.values() for name in names]
    env = {**os.environ, "HOLDFAST_DATA": str(home.data), "PYTHONPATH": f"{PRYING}:{ROOT / 'src'}"}
    env |= {"PRY_INTO": json.dumps(everything), "PRY_SAYS": str(says)}
    with (home.data / f"{building}.log").open("ab") as log:
        child = subprocess.Popen([sys.executable, "-m", *argv], env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        confined = f"{home.data / folder / 'tmp'}"
        assert opened_by(child, says, lambda found: set(found) <= set(every[key])), f"{confined} was made"
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)
    assert set(json.loads(says.read_text())) == set(every[key])


def opened_by(child, says, done):
    """Whether in some time it can open no more than `done` says: before its start is over it is not confined yet."""
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        assert child.poll() is None, "it ended by itself; see its log"
        time.sleep(0.2)
        if not is_ready(child):
            continue
        child.send_signal(signal.SIGUSR2)
        time.sleep(0.2)
        if says.exists() and done(json.loads(says.read_text())):
            return True
    return False


def is_ready(child):
    """Whether it waits for the signal, which would end it before: the kernel says which it catches."""
    status = Path(f"/proc/{child.pid}/status").read_text()
    caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    return bool(caught >> (signal.SIGUSR2 - 1) & 1)
