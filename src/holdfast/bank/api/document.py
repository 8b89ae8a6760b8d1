"""The API put together, and its description (OpenAPI 3.1) as it is served at /api/v1/openapi.json."""

import copy
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from holdfast.bank.api import exchanging, paying, reading
from holdfast.bank.api.frame import answer_errors, framed
from holdfast.bank.api.schemas import ProblemBody
from holdfast.contracts.api import PREFIX, PROBLEM_TYPE, Scope

TITLE, VERSION = "Holdfast, for customers' own programs", "1.0.0"
DESCRIPTION = """Send the token that you made under “Signing in and security” as `Authorization: Bearer …`.
Amounts are integers in minor units. What went wrong is told as application/problem+json (RFC 9457), in the language of
Accept-Language. A payment or exchange carries an Idempotency-Key of your choice: send it again, with the same key and
content, whenever you are not sure that it arrived; it is made once. While the main bank is out of order the spare bank
answers at the same address."""
WRONG = {
    400: "The key is missing or wrong, or the body cannot be read.",
    401: "No token, or one that does not hold.",
    403: "The token may not do this, or the customer must confirm it.",
    404: "There is nothing of the customer's under this id.",
    405: "The address does not take this method.",
    409: "The same key is under way.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Something sent is wrong, or the payment was refused.",
    429: "Too many requests.",
    500: "An error of ours.",
    503: "Nobody can answer just now; nothing was done that is known.",
}
READS = (401, 403, 404, 405, 422, 429, 500, 503)


class Api(NinjaAPI):
    """NinjaAPI whose description names the problems that each address may answer with."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """The description."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        described = describe(copy.deepcopy(dict(found)))
        found.clear()
        found.update(described)
        return found


def describe(found: dict[str, Any]) -> dict[str, Any]:
    """Add what is the same for all: problems, the headers of the rate, and the scopes."""
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    body = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(body.pop("$defs", {}))
    schemas["Problem"] = body
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in found["paths"].values():
        for method, operation in methods.items():
            for status in WRONG if method == "post" else READS:
                operation["responses"].setdefault(status, {"description": WRONG[status], "content": content})
            operation["responses"] = {str(status): one for status, one in operation["responses"].items()}
    for scheme in found["components"].get("securitySchemes", {}).values():
        scheme["description"] = "Scopes: " + ", ".join(f"`{scope.value}`" for scope in Scope)
    return found


def make_api() -> Api:
    """The API with all its addresses."""
    api = Api(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION.replace("\n", " "),
        docs_url=None,
        openapi_url="/openapi.json",
        urls_namespace="api-v1",
        servers=[{"url": "/"}],
    )
    api.add_router("", reading.router)
    api.add_router("", paying.router)
    api.add_router("", exchanging.router)
    answer_errors(api)
    return api


api = make_api()
patterns = framed(api.urls[0])
ROOT = PREFIX.lstrip("/") + "/"
