"""Writes the API's description and the client generated from it: src/holdfast/client/{openapi.json,api.py} (make
client).

A generator of our own, of a few lines: the API is small, and what is generated reads like what is written here by hand.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "src" / "holdfast" / "client"
HEAD = '''"""What the bank's API takes and answers; generated from openapi.json by scripts/client.py (`make client`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from holdfast.client.calls import Call, place
'''
FORMATS = {"date": "date", "date-time": "datetime", "uuid": "UUID"}
PLAIN = {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}


def type_of(schema: dict[str, Any]) -> str:
    """The Python type of a JSON schema, as far as this API uses them."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join("None" if one.get("type") == "null" else type_of(one) for one in schema["anyOf"])
    if "allOf" in schema:
        return type_of(schema["allOf"][0])
    if "enum" in schema or "const" in schema:
        return f"Literal[{', '.join(map(json.dumps, schema.get('enum', [schema.get('const')])))}]"
    if schema.get("type") in ("array", "object"):
        inner = schema["items"] if "items" in schema else schema["additionalProperties"]
        return f"list[{type_of(inner)}]" if "items" in schema else f"dict[str, {type_of(inner)}]"
    return FORMATS.get(schema.get("format", ""), PLAIN[schema["type"]])


def default_of(schema: dict[str, Any], kind: str) -> str:
    """How a member that may be left out is written."""
    return repr(schema["default"]) if "default" in schema or "None" not in kind else "None"


def words(text: str) -> str:
    """A docstring."""
    filled = textwrap.fill(re.sub(r"\s+", " ", text).strip(), 112, subsequent_indent="    ", break_on_hyphens=False)
    return f'"""{filled}"""'


def dataclass_of(name: str, schema: dict[str, Any]) -> str:
    """One schema of the description."""
    needed, lines = schema.get("required", []), []
    for member, one in schema["properties"].items():
        kind = type_of(one)
        lines.append(f"    {member}: {kind}" + ("" if member in needed else f" = {default_of(one, kind)}"))
    head = "@dataclass(frozen=True, slots=True, kw_only=True)"
    return f"{head}\nclass {name}:\n    {words(schema['description'])}\n\n" + "\n".join(lines) + "\n"


def function_of(path: str, method: str, operation: dict[str, Any]) -> str:
    """One operation of the description."""
    required, optional, query, headers = [], [], [], []
    for one in operation.get("parameters", []):
        name, kind = one["name"].lower().replace("-", "_"), type_of(one["schema"])
        if one.get("required"):
            required.append(f"{name}: {kind}")
        else:
            optional.append(f"{name}: {kind if 'None' in kind else kind + ' | None'} = None")
        if one["in"] == "query":
            query.append(f'"{one["name"]}": {name}')
        if one["in"] == "header":
            headers.append(f'"{one["name"]}": {name}')
    body = operation.get("requestBody")
    if body:
        required.insert(0, f"body: {type_of(body['content']['application/json']['schema'])}")
    answer = next(one for status, one in sorted(operation["responses"].items()) if status.startswith("2"))
    answers = type_of(answer["content"]["application/json"]["schema"])
    filled = re.sub(r"\{(\w+)\}", r"{place(\1)}", path.removeprefix("/api/v1"))
    given = [f'"{method.upper()}"', f'f"{filled}"' if "{" in filled else f'"{filled}"', answers]
    given += [f"query={{{', '.join(query)}}}"] * bool(query) + [f"headers={{{', '.join(headers)}}}"] * bool(headers)
    given += ["body=body"] * bool(body)
    arguments = ", ".join(required + (["*", *optional] if optional else []))
    said = words(operation.get("description") or operation["summary"])
    name = operation["operationId"]
    return f"def {name}({arguments}) -> Call[{answers}]:\n    {said}\n    return Call({', '.join(given)})\n"


def generate(description: dict[str, Any]) -> str:
    """The client's module."""
    schemas = sorted(description["components"]["schemas"].items())
    used = [dataclass_of(name, one) for name, one in schemas if "properties" in one]
    functions = [
        function_of(path, method, one)
        for path, methods in sorted(description["paths"].items())
        for method, one in sorted(methods.items())
    ]
    text = "\n\n".join([HEAD, *used, *functions])
    wrapped = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", "api.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return wrapped.stdout


def describe() -> dict[str, Any]:
    """The description as the bank serves it; of an installation made for it, which needs no database."""
    sys.path.insert(0, str(ROOT / "src"))
    from holdfast.runtime.installing import prepare  # noqa: PLC0415

    place = Path(tempfile.mkdtemp())
    prepare(place, 20000)
    os.environ |= {"HOLDFAST_DATA": str(place), "DJANGO_SETTINGS_MODULE": "holdfast.bank.config"}
    import django  # noqa: PLC0415

    django.setup()
    from holdfast.bank.api.document import api  # noqa: PLC0415

    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    return found


def main() -> None:
    """Write both files."""
    description = describe()
    (HOME / "openapi.json").write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n")
    (HOME / "api.py").write_text(generate(description))


if __name__ == "__main__":
    main()
