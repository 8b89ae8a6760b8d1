"""The client of the API is what its description makes of it; that the description is the bank's own, tests/bank says."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "src" / "holdfast" / "client"
sys.path.insert(0, str(ROOT / "scripts"))

from client import generate  # noqa: E402

pytestmark = pytest.mark.demand("B11")


def test_the_client_is_generated_anew_when_the_api_changes():
    described = json.loads((HOME / "openapi.json").read_text())
    assert generate(described) == (HOME / "api.py").read_text(), "run `make client`"
