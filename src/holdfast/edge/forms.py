"""What a customer sent to one of the doors' own pages: its fields, and the id of what was written."""

import uuid
from urllib.parse import parse_qsl

from aiohttp import web

from holdfast.contracts.origins import cross_site_reason

BODY_BYTES_MAX = 20_000
FIELDS_MAX = 60


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields; none of a body that is too large or holds none."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        return {}
    raw = await request.read()
    if len(raw) > BODY_BYTES_MAX:
        return {}
    try:
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        return {}


def ident(typed: str) -> str:
    """A message's id; a new one for what is none."""
    try:
        return str(uuid.UUID(typed))
    except ValueError:
        return str(uuid.uuid4())


def from_elsewhere(request: web.Request, origin: str) -> bool:
    """Whether another site made the browser send it; origin: of the doors."""
    return bool(
        cross_site_reason("POST", True, request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), origin)
    )
