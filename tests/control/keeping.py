"""Buildings that tell what their processes kept, as tests of log lines and of traces need them."""

import json
from pathlib import Path
from types import SimpleNamespace

from holdfast.control.calls import Kind, Reply
from holdfast.telemetry import lines

FOLDERS = {"bank": "bank", "standin": "standin", "doors": "edge"}


class Buildings:
    """Answers `/-/lines` from real files as the buildings do, and can be broken."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.installation = SimpleNamespace(folder=self.folder)
        self.broken: dict[str, Reply] = {}
        self.calls: list[str] = []

    def folder(self, name: str) -> Path:
        place = self.data / name
        place.mkdir(exist_ok=True)
        return place

    def ask(self, building: str, path: str, query: str, timeout_s: float) -> Reply:
        assert (path, timeout_s) == ("/-/lines", 2.0)
        self.calls.append(building)
        if building in self.broken:
            return self.broken[building]
        told = dict(pair.partition("=")[::2] for pair in query.split("&"))
        found = lines.joined(self.folder(FOLDERS[building]), *lines.asked(told["since"], told["limit"]))
        return Reply(Kind.ANSWERS, 200, 1.0, "status 200", json.loads(json.dumps(found.to_wire())))

    def writer(self, building: str, program: str) -> lines._Kept:
        return lines._Kept(self.folder(building), program)
