"""Imports point down only, and each third-party library has one place (design.md section 3)."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "jupyter_assistants"
FLOOR = [
    *("schema", "errors", "events", "transcript", "workspace", "outputs", "liveness", "tokens"),
    *("masking", "variables", "kernel_facts", "hints", "ledger", "agreement", "cassette"),
]
PORTS = ["store", "providers", "tools", "interpreters", "search"]
LAYERS = [
    FLOOR,
    PORTS,
    ["engine"],
    ["service", "routes", "openapi", "config"],
    ["server", "notebook", "cli", "cli_stores", "bench"],
]
PLACES = {
    "tornado": ["server"],
    "jupyter_server": ["server"],
    "python_multipart": ["server"],
    "jupyter_client": [
        "interpreters/kernel.py",
        "interpreters/session.py",
        "interpreters/sandbox.py",
    ],
    "IPython": ["notebook"],
    "ipywidgets": ["notebook"],
    "openai": ["providers"],
    "httpx2": ["providers"],
    "anyio": ["providers"],
    "keyring": ["providers/keys.py"],
    "sqlalchemy": ["store"],
    "alembic": ["store"],
    "PIL": ["engine/shrinking.py"],
    "pypdfium2": ["search"],
    "docx": ["search"],
    "pptx": ["search"],
    "tokenizers": ["search"],
    "psycopg": ["search"],
}


@functools.cache
def imports() -> tuple[tuple[str, str], ...]:
    """Give what :func:`walk` yields, read once for all tests."""
    return tuple(walk())


def walk() -> Iterator[tuple[str, str]]:
    """Yield (file, imported module) for every import outside ``if TYPE_CHECKING``."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text())
        typing_only = {
            id(child)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
            for child in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in typing_only:
                continue
            name = path.relative_to(ROOT).as_posix()
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


def layer(part: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if part in names)


def test_imports_point_down_only() -> None:
    for file, module in imports():
        if not module.startswith("jupyter_assistants.") or file == "__init__.py":
            continue
        here = file.split("/")[0].removesuffix(".py")
        there = module.split(".")[1]
        if there.startswith("__"):
            continue
        assert layer(there) <= layer(here), f"{file} imports {module}, which is above it"


def test_adapters_import_ports_and_the_floor_only() -> None:
    for file, module in imports():
        here, there = file.split("/")[0], module.split(".")[1:3]
        if here in PORTS and module.startswith("jupyter_assistants.") and there[0] in PORTS:
            own = there[0] == here
            assert own or there[1] == "base", f"{file} imports {module}, another port's adapter"


def test_each_library_has_one_place() -> None:
    for file, module in imports():
        for place in PLACES.get(module.split(".")[0], [file]):
            if file.startswith(place):
                break
        else:
            raise AssertionError(f"{file} imports {module}")
