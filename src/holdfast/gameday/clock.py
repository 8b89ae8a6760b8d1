"""The time of day that an installation's programs have, against the right one of this process."""

import time

from holdfast.settings import Installation, read_changed


class Clock:
    """Follows what a rehearsal sets ahead; customers, clearing and checker live by the right time."""

    def __init__(self, installation: Installation) -> None:
        self._file = installation.rehearsal_file
        self.ahead_s = read_changed(self._file).ahead_s
        self._steps = [(float("-inf"), self.ahead_s)]
        """From which instant on, by the programs' clock, it is ahead by how many seconds."""

    def now(self) -> float:
        """What the programs' clocks show, in seconds since 1970 UTC."""
        return time.time() + self.ahead_s

    def stepped(self) -> None:
        """The programs' time was set ahead: read by how much."""
        self.ahead_s = read_changed(self._file).ahead_s
        self._steps.append((self.now() - 1, self.ahead_s))

    def real(self, told: float) -> float:
        """The right instant of what a program says was then. (Steps lie far apart, so there is one answer.)"""
        return told - next(ahead for since, ahead in reversed(self._steps) if told >= since)
