"""Start and end the supervisor for a command, and speak with the doors as `runtime`."""

import contextlib
import http.client
import json
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.runtime import postgres
from holdfast.runtime.bending import environment
from holdfast.runtime.errors import NotRunning, RuntimeFault
from holdfast.settings import Installation, SettingsError, ask_supervisor, load, read_changed
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.lines import Lines

START_S_MAX = 90
STOP_S_MAX = 30
SERVED_S_MAX = 60
CALL_S_MAX = 5.0
ANSWER_BYTES_MAX = 64_000_000


def launch(
    data: Path,
    port: int | None,
    bank_name: str = "",
    currency: str = "",
    wires: bool = False,
    core: str = "",
    rehearsed: bool = False,
) -> "tuple[subprocess.Popen[str], Installation]":
    """Start the supervisor on data as our child and wait until everything is started; raises RuntimeFault."""
    source = str(postgres.clone_root() / "src")
    told = [str(data), str(port or ""), bank_name, currency, "wires" if wires else "", core]
    told.append("rehearsed" if rehearsed else "")
    child = subprocess.Popen(
        [sys.executable, "-m", "holdfast.runtime.supervisor", *told],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said = child.stdout.readline().strip() if child.stdout else ""
    if said != "ready":
        child.wait(STOP_S_MAX)
        raise RuntimeFault(said or "the supervisor ended without a word; see the logs in the data folder")
    return child, load(data)


def end(child: "subprocess.Popen[str]", data: Path) -> None:
    """Ask the supervisor to stop and wait until it has."""
    with contextlib.suppress(SettingsError):
        ask_supervisor(data, do="stop")
    try:
        child.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        child.kill()


def module(installation: Installation, *argv: str) -> None:
    """Run `python -m …` in this installation, its words to the terminal; raises RuntimeFault when it fails."""
    ran = subprocess.run([sys.executable, "-m", *argv], env=environment(installation), check=False)
    if ran.returncode != 0:
        raise RuntimeFault(f"{' '.join(argv[:2])} did not end well; its words are above")


def own_keyring(installation: Installation) -> Keyring:
    """The command's own key; it signs by the clock that the installation's programs have."""
    ahead_s = read_changed(installation.rehearsal_file).ahead_s
    return load_keyring(installation.keys, "runtime", lambda: time.time() + ahead_s)


def call_door(installation: Installation, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One signed call to any door; raises NotRunning in words."""
    return _call(installation, "door", installation.door_internal_port, method, path, body)


def call_standin(
    installation: Installation, method: str, path: str, body: dict[str, Any] | None = None, query: str = ""
) -> Any:
    """One signed call to the spare bank; raises NotRunning in words."""
    return _call(installation, "standin", installation.standin_port, method, path, body, query)


def _call(  # the order is the call's own
    installation: Installation,
    to: str,
    port: int,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    query: str = "",
) -> Any:
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {CALLER_HEADER: own_keyring(installation).call(to, path, raw), "Content-Type": "application/json"}
    sent: dict[str, Any] = {"headers": headers, "body": raw or None, "timeout_s": CALL_S_MAX}
    target = f"{path}?{query}" if query else path
    try:
        with contextlib.closing(Lines(installation.keys, "runtime")) as lines:
            status, said = lines.exchange(to, port, method, target, bytes_max=ANSWER_BYTES_MAX, **sent)
        if status != 200:
            raise NotRunning(f"{path} answered {status}: {said[:200].decode(errors='replace')}")
        return json.loads(said)
    except AuthorityFault as fault:
        raise RuntimeFault(str(fault)) from fault
    except ssl.SSLError as error:
        raise RuntimeFault(
            f"port {port} shows no certificate of this installation ({error.reason}); start it anew"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotRunning(f"nobody answers on port {port}; start the bank with ./holdfast up") from error


def wait_until_served(installation: Installation) -> None:
    """Wait until both banks answer and the spare bank has caught up with the books; raises RuntimeFault."""
    deadline = time.monotonic() + SERVED_S_MAX
    last = "nothing answered"
    while time.monotonic() < deadline:
        try:
            bank = _call(installation, "primary", installation.bank_port, "GET", "/-/health", None)
            spare = _call(installation, "standin", installation.standin_port, "GET", "/-/health", None)
            call_door(installation, "GET", "/-/health")
            if bank["ok"] and spare["ok"] and int(spare["block"]) >= int(bank["block"]):
                return
            last = f"the spare bank has block {spare['block']} of {bank['block']}"
        except (NotRunning, ValueError, KeyError) as error:
            last = str(error)
        time.sleep(0.1)
    raise RuntimeFault(f"the bank did not open within {SERVED_S_MAX} s: {last}; see the logs in {installation.logs}")
