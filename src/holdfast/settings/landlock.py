"""Landlock: a Linux process gives up, for itself and its children and for ever, every file but those that it names.

The kernel's interface (landlock(7)), by ctypes; from Linux 5.13 on, where it is switched on. It says nothing of what is
open already, of Unix sockets that are connected to by name, of signals and of the network.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System calls; their numbers are the same on every architecture."""
ABI_OF, PATH_BENEATH, PR_SET_NO_NEW_PRIVS = 1, 1, 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that a single file can have; all others are of folders."""
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
EVERY_RIGHT = (1 << 16) - 1
"""From the fifth version of the interface on."""
READING = EXECUTE | READ_FILE | READ_DIR

_libc = ctypes.CDLL(None, use_errno=True)


class NoLandlock(Exception):
    """This process could not be confined; the text says why."""


def abi() -> int:
    """The version of the kernel's interface; 0 where there is none."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(ABI_OF))))


def restrict(reading: Iterable[Path], writing: Iterable[Path]) -> None:
    """From now on this thread and all that it starts reach these files and folders only, for reading (and starting
    programs), and for everything. What is not there is left out. Raises NoLandlock; nothing is restricted then."""
    version = abi()
    if not version:
        raise NoLandlock("this kernel has no Landlock, or it is switched off")
    handled = RIGHTS_BY_ABI.get(version, EVERY_RIGHT)
    rules = _called(CREATE_RULESET, struct.pack("<Q", handled), 8, 0)
    try:
        for paths, rights in ((reading, READING), (writing, handled)):
            for path in paths:
                _allow(rules, path, rights & handled)
        if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise NoLandlock(f"privileges cannot be given up: {os.strerror(ctypes.get_errno())}")
        _called(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= OF_FILES
        _called(ADD_RULE, rules, PATH_BENEATH, struct.pack("<Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _called(number: int, *given: int | bytes) -> int:
    values = [ctypes.c_char_p(one) if isinstance(one, bytes) else ctypes.c_long(one) for one in given]
    answer = int(_libc.syscall(ctypes.c_long(number), *values))
    if answer < 0:
        raise NoLandlock(f"Landlock refuses ({os.strerror(ctypes.get_errno())})")
    return answer
