"""Speak with the supervisor of an installation: one JSON line there, one back, over a Unix socket."""

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

from holdfast.settings.installation import SettingsError, short_folder

ANSWER_S_MAX = 90.0
LINE_BYTES_MAX = 1_000_000


def socket_path(data: Path) -> Path:
    """The supervisor's socket; in a short folder, since the path of a Unix socket has at most 107 bytes. Raises
    SettingsError when that folder is another user's."""
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    return short_folder() / f"{name}.sock"


def steps_path(data: Path) -> Path:
    """The supervisor's other socket, on which the control room's runbooks ask for one step: start a program again."""
    return socket_path(data).with_suffix(".steps")


def ask_supervisor(data: Path, **request: Any) -> dict[str, Any]:
    """Ask the supervisor (do: status, break, mend, stop); raises SettingsError in words when none answers."""
    return _ask(socket_path(data), data, request)


def ask_for_step(data: Path, **request: Any) -> dict[str, Any]:
    """Ask the supervisor for a step of a runbook (do: restart, program); raises SettingsError in words."""
    return _ask(steps_path(data), data, request)


def _ask(path: Path, data: Path, request: dict[str, Any]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.settimeout(ANSWER_S_MAX)
        try:
            channel.connect(str(path))
            channel.sendall(json.dumps(request).encode() + b"\n")
            received = b""
            while not received.endswith(b"\n") and len(received) < LINE_BYTES_MAX:
                part = channel.recv(65536)
                if not part:
                    break
                received += part
        except OSError as error:
            raise SettingsError(f"no bank runs on {data}; start it with ./holdfast up") from error
    answer: dict[str, Any] = json.loads(received or b"{}")
    if "error" in answer:
        raise SettingsError(str(answer["error"]))
    return answer
