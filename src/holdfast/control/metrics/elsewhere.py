"""Measurements that a Prometheus elsewhere has: asked by its HTTP API
(https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries), a query a series.

Which ones stands in `control/prometheus.yaml` of the data folder: a list of url, and queries with query, component,
metric, kind and unit; the label named by `about`, if any, tells its series apart.
"""

import http.client
import json
import math
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from holdfast.control.errors import ControlError
from holdfast.control.metrics.deriving import ABOUTS_MAX, Kind, Name

FILE = "prometheus.yaml"
PLACES_MAX, QUERIES_MAX = 5, 100
TIMEOUT_S = 2.0
ANSWER_BYTES_MAX = 1_000_000


class BadPlaces(ControlError):
    """The file cannot be used; the text says where and what is expected."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query: what its values are called here."""

    query: str
    component: str
    metric: str
    kind: Kind
    unit: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One Prometheus: http or https, without the path of its API."""

    url: str
    queries: tuple[Query, ...]


def read_places(folder: Path) -> list[Place]:
    """What the file names, nothing without one; raises BadPlaces."""
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        raw: Any = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPlaces(f"{FILE} cannot be read: {str(error)[:200]}") from error
    if not isinstance(raw, list) or len(raw) > PLACES_MAX:
        raise BadPlaces(f"{FILE}: a list of at most {PLACES_MAX} places is expected")
    return [_place(one, f"{FILE}, place {number}") for number, one in enumerate(raw, 1)]


def _place(raw: Any, where: str) -> Place:
    if not isinstance(raw, dict) or not str(raw.get("url", "")).startswith(("http://", "https://")):
        raise BadPlaces(f"{where}: url begins with http:// or https://")
    asked = raw.get("queries")
    if not isinstance(asked, list) or not 1 <= len(asked) <= QUERIES_MAX:
        raise BadPlaces(f"{where}: queries is a list of 1 to {QUERIES_MAX}")
    return Place(
        str(raw["url"]).rstrip("/"), tuple(_query(one, f"{where}, query {n}") for n, one in enumerate(asked, 1))
    )


def _query(raw: Any, where: str) -> Query:
    if not isinstance(raw, dict) or not all(
        isinstance(raw.get(name), str) for name in ("query", "component", "metric")
    ):
        raise BadPlaces(f"{where}: query, component and metric are texts")
    kind = raw.get("kind", Kind.LEVEL.value)
    if kind not in set(Kind):
        raise BadPlaces(f"{where}: kind is one of {', '.join(Kind)}")
    return Query(
        raw["query"][:2000], raw["component"][:48], raw["metric"][:64], Kind(kind), str(raw.get("unit", ""))[:24],
        str(raw.get("about", ""))[:64],
    )  # fmt: skip


def ask(places: Sequence[Place]) -> tuple[dict[Name, float], str]:
    """The values of all queries, and what went wrong in words ("" for nothing). A place that does not answer is not
    asked its other queries this round."""
    values: dict[Name, float] = {}
    wrong: list[str] = []
    for place in places:
        for query in place.queries:
            try:
                values.update(_ask(place, query))
            except (OSError, http.client.HTTPException, urllib.error.URLError) as error:
                wrong.append(f"{place.url} does not answer: {error}")
                break
            except (ValueError, KeyError, TypeError) as error:
                wrong.append(f"{place.url} answers {query.metric} otherwise than its API says: {error}")
    return values, "; ".join(wrong)[:500]


def _ask(place: Place, query: Query) -> dict[Name, float]:
    target = f"{place.url}/api/v1/query?{urllib.parse.urlencode({'query': query.query})}"
    with urllib.request.urlopen(target, timeout=TIMEOUT_S) as got:  # noqa: S310  # http and https only, see _place
        body = json.loads(got.read(ANSWER_BYTES_MAX))
    data = body["data"]
    found = [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]
    values: dict[Name, float] = {}
    for one in found[:ABOUTS_MAX]:
        value = float(one["value"][1])
        if math.isfinite(value):
            about = str(one["metric"].get(query.about, ""))[:96] if query.about else ""
            values[Name(query.component, query.metric, about, query.kind, query.unit)] = value
    return values
