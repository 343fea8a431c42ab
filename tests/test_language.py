"""The package speaks plain English: names, docstrings, sizes, and citations that exist."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import DOCS, PACKAGE, ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef

GENERIC = {
    *("asked", "bring", "do", "end", "found", "give", "given", "go", "held", "keep", "kept"),
    *("look", "made", "put", "say", "sent", "shown", "take", "tell", "thing", "told"),
    *("common", "helpers", "manager", "utils"),
}
"""Words that say nothing without an object."""
NOUNS_IN_ING = {"chunking", "ingestion", "recording", "streaming"}
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_FILE = 450
NOT_A_SUMMARY = re.compile(r"(Gives?|Says?|Tells?|Told|What|Lets?|Brings?|Looks?) ")


@functools.cache
def modules() -> dict[Path, ast.Module]:
    """Return the syntax trees of the package without its migrations."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
    return {path: ast.parse(path.read_text()) for path in paths}


def definitions() -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function | ast.ClassDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def test_docstrings_begin_with_a_common_verb_or_a_noun() -> None:
    wrong = [
        place for place, node in definitions() if NOT_A_SUMMARY.match(ast.get_docstring(node) or "")
    ]
    assert wrong == []


def test_a_public_class_name_has_one_meaning_in_the_package() -> None:
    places = defaultdict(list)
    for place, node in definitions():
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            places[node.name].append(place)
    assert [found for found in places.values() if len(found) > 1] == []


def test_functions_have_an_object_and_modules_are_nouns() -> None:
    functions = [
        place
        for place, node in definitions()
        if isinstance(node, Function) and node.name.strip("_") in GENERIC
    ]
    stems = {path: path.stem for path in modules()}
    named = [
        str(path.relative_to(ROOT))
        for path, stem in stems.items()
        if stem in GENERIC or (stem.endswith("ing") and stem not in NOUNS_IN_ING)
    ]
    assert functions + named == []


def test_functions_fit_on_a_screen_and_files_have_one_subject() -> None:
    functions = [
        place
        for place, node in definitions()
        if isinstance(node, Function)
        and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION
    ]
    files = [
        str(path.relative_to(ROOT))
        for path in modules()
        if len(path.read_text().splitlines()) > MOST_LINES_OF_A_FILE
    ]
    assert functions + files == []


def headings(document: Path) -> set[str]:
    return {
        line.lstrip("#").strip() for line in document.read_text().splitlines() if line[:1] == "#"
    }


SOURCES = [
    *PACKAGE.rglob("*.py"),
    *(ROOT / "tests").rglob("*.py"),
    *(ROOT / "benchmarks").rglob("*.py"),
    *(ROOT / "labextension" / "src").rglob("*.ts*"),
]


def test_a_cited_document_and_its_heading_exist() -> None:
    missing = []
    for path in SOURCES:
        # A citation may be broken over lines of a comment.
        text = re.sub(r"\s*\n\s*(?:#|//|\*)?\s*", " ", path.read_text())
        for name, heading in re.findall(r"(docs/internals/[\w-]+\.md), \"([^\"]+)\"", text):
            document = ROOT / name
            if not document.is_file() or heading not in headings(document):
                missing.append(f"{path.relative_to(ROOT)}: {name}, {heading!r}")
    assert missing == []


def test_only_documents_of_this_repository_are_cited() -> None:
    here = {path.name for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]}
    here |= {path.name for path in (ROOT / "tests" / "data").glob("*.md")}
    unknown = []
    for path in PACKAGE.rglob("*.py"):
        for name in re.findall(r"\b([a-z][a-z_-]+\.md)\b", path.read_text()):
            if name not in here:
                unknown.append(f"{path.relative_to(ROOT)}: {name}")
    assert unknown == []


@pytest.mark.parametrize("document", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", document.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["docs/internals/architecture.md", "CONTRIBUTING.md"])
def test_the_files_that_a_map_of_the_code_names_exist(name: str) -> None:
    folders = [
        PACKAGE,
        ROOT / "benchmarks",
        ROOT / "tests",
        ROOT / "docs",
        ROOT / "labextension" / "src",
    ]
    files = [path for folder in folders for path in folder.rglob("*.*")]
    known = [f"/{path.relative_to(ROOT).as_posix()}" for path in [*files, *ROOT.glob("*.*")]]
    named = re.findall(r"(?<![\w>/])[\w/-]+\.(?:py|tsx?|md|toml)\b", (ROOT / name).read_text())
    assert len(named) > 5
    assert [each for each in named if not any(path.endswith(f"/{each}") for path in known)] == []
