"""Processor time of an installation's programs, as the system counts it."""

import contextlib

import psutil

from holdfast.settings import Installation, ask_supervisor


def used_s(home: Installation) -> dict[str, float]:
    """Processor seconds that each program of a running installation, with all its processes that live, has used so far,
    by its name; of one that is not there now, none. Raises SettingsError when no supervisor answers."""
    states = ask_supervisor(home.data, do="status")["programs"]
    return {name: of_tree_s(int(one["pid"])) if one["pid"] else 0.0 for name, one in states.items()}


def of_tree_s(pid: int) -> float:
    """Of one process and all below it; what ended meanwhile counts as far as it was asked."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        for one in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system
    return total
