"""Beside a foreign core the control room watches and tells nobody of an outage that it cannot see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.control.calls import Kind
from holdfast.control.incidents.models import Incident
from holdfast.control.watch import desk as desks
from holdfast.control.watch.models import Building, Service
from holdfast.control.watch.observations import Rows, Sight
from holdfast.settings import Installation


@pytest.mark.demand("X2")
@pytest.mark.parametrize(("core", "incidents"), [("/core", 0), ("", 1)])
def test_everybody_at_the_spare_bank_is_an_incident_only_where_there_is_a_bank_of_ours(
    core: str, incidents: int, database: None, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "installation", lambda: replace(installation, core=core))
    desk = desks.Desk(lambda _: None)
    began = datetime.now(UTC) - timedelta(seconds=30)
    for second in range(12):
        at = began + timedelta(seconds=second)
        desk.handle(Rows(at, frozenset(range(256)), frozenset(), 1))
        desk.handle(Sight("bank", at, Kind.REFUSES, "refuses connections", 1.0, {}))
    assert Incident.objects.count() == incidents
    assert Service.objects.get().modes == "s" * 256
    assert Building.objects.get(name="bank").answer == "refuses"
