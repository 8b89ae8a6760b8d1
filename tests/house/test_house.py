"""The house rules: what a reader of this project may rely on everywhere."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from holdfast.contracts.routes import ROUTES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "holdfast"
PACKAGES = sorted(p.name for p in SOURCE.iterdir() if (p / "__init__.py").exists())
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_fits_in_the_head(path):
    text = path.read_text()
    assert text.count("\n") <= LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES_MAX, f"{node.name} is too long"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_name_says_what_a_module_is(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base_utils"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_every_module_says_what_it_is_for(path):
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("name", PACKAGES)
def test_every_package_has_a_short_readme(name):
    readme = SOURCE / name / "README.md"
    assert readme.exists()
    assert readme.read_text().count("\n") <= 30


def test_nothing_tells_of_this_machine_or_where_packages_come_from():
    forbidden = re.compile(
        "|".join([r"/ro" r"ot/", r"/wo" r"rk/", r"pypi\." r"org", r"files\.python" r"hosted", r"regis" r"try\.npm"])
    )
    for name in TRACKED:
        path = ROOT / name
        if (
            name
            and path.is_file()
            and path.suffix in {".py", ".md", ".toml", ".txt", ".in", ".sh", ".html", ".css", ".sql", ""}
        ):
            found = forbidden.search(path.read_text(errors="ignore"))
            assert not found, f"{name}: {found.group(0) if found else ''}"


def test_requirements_are_locked_with_hashes_and_carry_no_address():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "http" not in re.sub(r"^(httptools|httpx|http-ece|aiohttp).*", "", text, flags=re.MULTILINE)
        for block in re.split(r"\n(?=[a-z])", text):
            assert "--hash=sha256:" in block, f"{path.name}: {block[:40]}"


def test_what_is_vendored_says_its_origin_and_licence():
    for path in SOURCE.rglob("*.js"):
        assert (path.parent / "MANIFEST.md").exists(), f"{path} has no manifest beside it"


def test_every_address_of_customers_says_how_it_may_be_repeated():
    for route in ROUTES:
        assert route.offered, route.name
        assert route.deadline_s is None or 0 < route.deadline_s <= 2
        if route.method == "POST":
            assert route.changes or route.name in {"login", "logout", "api-exchange-quote"}


def test_every_demand_stands_in_the_list_once():
    text = (ROOT / "docs" / "requirements.md").read_text()
    found = re.findall(r"^\| ([A-Z][0-9]{1,2}) \| (whole|partly|not yet) \|", text, re.MULTILINE)
    assert len(found) == len({ident for ident, _ in found}) == 63


def test_the_picture_of_the_code_names_every_package():
    text = (ROOT / "docs" / "map.md").read_text()
    for name in PACKAGES:
        assert f"`{name}`" in text, name


def test_no_secret_is_tracked():
    for name in TRACKED:
        assert not re.search(r"(\.pem|\.key|\.sqlite|logins\.json|\.env)$", name), name
