"""Imports point down only, and each third-party library has one room (docs/internals/architecture.md)."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

from support.paths import DOCS, PACKAGE

FLOORS = [
    ["redaction", "registry", "data_files"],
    ["protocol"],
    ["storage", "models", "kernels"],
    ["retrieval"],
    ["config"],
    ["tools"],
    ["runs"],
    ["api"],
    ["server", "client"],
    ["ipython"],
    ["cli"],
]
LIBRARIES = {
    "tornado": ["server"],
    "jupyter_server": ["server"],
    "prometheus_client": ["server"],
    "python_multipart": ["server"],
    "jupyter_client": ["kernels/"],
    "IPython": ["ipython"],
    "ipywidgets": ["ipython"],
    "openai": ["models", "retrieval/embedders/endpoint.py"],
    "httpx2": ["models", "retrieval/embedders/endpoint.py"],
    "anyio": ["models"],
    "keyring": ["models/keys.py"],
    "sqlalchemy": ["storage"],
    "alembic": ["storage"],
    "PIL": ["runs/prompt/image_size.py"],
    "pypdfium2": ["retrieval/readers"],
    "docx": ["retrieval/readers"],
    "pptx": ["retrieval/readers"],
    "tokenizers": ["retrieval/embedders"],
    "psycopg": ["retrieval"],
    "nh3": ["api/exported_outputs.py"],
}


@functools.cache
def imports() -> tuple[tuple[str, str], ...]:
    """Return (file, imported name) for every import, lazy and type-only ones too."""
    return tuple(walk())


def walk() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


def rooms(file: str, module: str) -> tuple[str, str] | None:
    """Return the room of a file and the room that it imports from; None for other packages."""
    if not module.startswith("jupyter_assistants.") or file == "__init__.py":
        return None
    there = module.split(".")[1]
    return None if there.startswith("__") else (file.split("/")[0].removesuffix(".py"), there)


def floor(room: str) -> int:
    return next(i for i, names in enumerate(FLOORS) if room in names)


def test_the_diagram_shows_these_floors() -> None:
    text = (DOCS / "internals" / "architecture.md").read_text()
    diagram = text.partition("## Imports")[2].split("```")[1]
    lines = [re.findall(r"\w+", line) for line in diagram.strip().splitlines()]
    assert lines[::-1] == FLOORS


def test_imports_point_down_only() -> None:
    for file, module in imports():
        if pair := rooms(file, module):
            here, there = pair
            assert floor(there) <= floor(here), f"{file} imports {module}, which is above it"


def test_rooms_of_one_floor_meet_only_through_a_base_module() -> None:
    for file, module in imports():
        if pair := rooms(file, module):
            here, there = pair
            same = floor(there) == floor(here) and there != here
            assert not same or module.split(".")[2] == "base", f"{file} imports {module}"


def test_each_library_has_one_room() -> None:
    for file, module in imports():
        allowed = LIBRARIES.get(module.split(".")[0], [file])
        if file == "__init__.py":  # names the type of a shell, imports nothing
            continue
        assert file.startswith(tuple(allowed)), f"{file} imports {module}"


def test_the_top_level_holds_the_settings_and_at_most_two_more_modules() -> None:
    modules = {path.name for path in PACKAGE.glob("*.py")}
    assert len(modules - {"__init__.py", "config.py"}) <= 2
