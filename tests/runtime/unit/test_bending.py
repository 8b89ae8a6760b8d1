"""Time and rules of a whole installation, bent by one file: asked for as any fault, and mended as one."""

import pytest

from holdfast.runtime.bending import environment
from holdfast.runtime.breaking import Breaker
from holdfast.runtime.errors import RuntimeFault
from holdfast.settings import Changed, Installation, read_changed


def breaker(tmp_path, rehearsed=True):
    """A breaker of an installation without programs."""
    return Breaker(Installation(data=tmp_path, rehearsed=rehearsed), {}, lambda _: None, lambda *_: None)


def test_time_is_stepped_further_each_time_and_never_goes_back(tmp_path):
    one = breaker(tmp_path)
    for seconds in (3600.0, 60.0):
        assert one.break_(["time"], "step", seconds)["programs"] == ["time"]
    assert one.mend(["time"])["mended"] == one.mend(["everything"])["mended"] == []
    assert read_changed(tmp_path / "rehearsal.bin") == Changed(ahead_s=3660.0)


def test_broken_rules_hold_until_they_are_mended(tmp_path):
    one = breaker(tmp_path)
    one.break_(["rules"], "misjudge", 0.5)
    assert read_changed(tmp_path / "rehearsal.bin") == Changed(misjudged=0.5)
    assert one.mend(["rules"])["mended"] == ["rules"]
    assert read_changed(tmp_path / "rehearsal.bin") == Changed()


@pytest.mark.parametrize(
    ("names", "how", "value", "words"),
    [
        (["rules"], "step", 60, "for time only"),
        (["time"], "step", -60, "only be stepped ahead"),
        (["rules"], "misjudge", 1.5, "share"),
        (["rules"], "kill", 0, "nothing called"),
    ],
)
def test_what_cannot_be_bent_so_is_refused_in_words_and_nothing_changes(tmp_path, names, how, value, words):
    with pytest.raises(RuntimeFault, match=words):
        breaker(tmp_path).break_(names, how, value)
    assert not (tmp_path / "rehearsal.bin").exists()


def test_only_an_installation_made_for_rehearsals_is_bent(tmp_path):
    with pytest.raises(RuntimeFault, match="--rehearsed"):
        breaker(tmp_path, rehearsed=False).break_(["time"], "step", 60)
    assert "HOLDFAST_REHEARSAL" not in environment(Installation(data=tmp_path))
    told = environment(Installation(data=tmp_path, rehearsed=True))
    assert told["HOLDFAST_REHEARSAL"] == str(tmp_path / "rehearsal.bin")
    assert told["PYTHONPATH"].split(":")[0].endswith("gameday/skewed")
