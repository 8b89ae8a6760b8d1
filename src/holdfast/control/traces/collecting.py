"""Collects what every building's processes kept of traces, each ten seconds, as their log lines are, and tells the
collector outside."""

from datetime import datetime

from holdfast.control.logs import collecting
from holdfast.control.traces.exporting import tell_outside
from holdfast.control.traces.store import Store
from holdfast.telemetry.traces import FOLDER

OF = "traces of "


class Collector(collecting.Collector):
    """As of log lines, with traces in their place."""

    path, kind, of, what = "/-/traces", FOLDER, OF, "parts of traces"
    store_kind = Store

    def round(self, at: datetime) -> None:
        """Ask all, keep what is new, tell it outside. Raises django.db's errors."""
        super().round(at)
        tell_outside(at)
