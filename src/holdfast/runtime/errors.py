"""Errors of the command and the supervisor; each text is one sentence with what to do.

RuntimeFault
├── PortBusy
├── DataFolderBusy
├── DatabaseFault
└── NotRunning
"""


class RuntimeFault(Exception):
    """The installation cannot be run as asked; the text says why and what to do."""


class PortBusy(RuntimeFault):
    """Another program listens on a port that this installation needs."""


class DataFolderBusy(RuntimeFault):
    """Another supervisor runs this installation."""


class DatabaseFault(RuntimeFault):
    """The embedded PostgreSQL cannot be made or started."""


class NotRunning(RuntimeFault):
    """This installation is not running."""
