"""Clean cells from the attempts of a run: the code that worked, its imports first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.protocol.own_paths import with_own_paths

_FAILED_LINE = re.compile(r"(?:-> ?(\d+)\b)|(?:, line (\d+))")


@dataclass(frozen=True)
class Attempt:
    """One execution of a run."""

    code: str
    status: str
    outputs: Sequence[dict[str, Any]] = ()


@dataclass
class Cell:
    """A clean cell and the outputs of its code."""

    source: str
    outputs: list[dict[str, Any]] = field(default_factory=list)


def clean_cells(attempts: Iterable[Attempt]) -> tuple[list[Cell], int]:
    """Return the cells, and how many attempts were left out.

    Of an attempt that failed, the statements before the failing one are kept if later code needs a
    name that only they define; without them, the cells would not run.
    """
    cells: list[Cell] = []
    left_out = 0
    for attempt in _needed(list(attempts)):
        if attempt.status == "ok":
            source = with_own_paths(attempt.code).strip("\n")
            cells.append(Cell(source, [dict(output) for output in attempt.outputs]))
        else:
            left_out += 1
    return _with_imports_first([cell for cell in cells if cell.source.strip()]), left_out


def _needed(attempts: list[Attempt]) -> list[Attempt]:
    found: list[Attempt] = []
    for at, attempt in enumerate(attempts):
        found.append(attempt)
        if attempt.status != "error":
            continue
        before = _before_failure(attempt)
        later = [each.code for each in attempts[at + 1 :] if each.status == "ok"]
        earlier = set().union(*(_bound(each.code) for each in found if each.status == "ok"))
        wanted = _wanted(later) & (_bound(before) - earlier)
        if wanted:
            found.insert(-1, Attempt(before, "ok"))
    return found


def _before_failure(attempt: Attempt) -> str:
    """Return the statements before the one that failed, without those that only show something."""
    tree = _parsed(attempt.code)
    line = _failed_line(attempt)
    if tree is None or line is None:
        return ""
    done = [
        node
        for node in tree.body
        if (node.end_lineno or node.lineno) < line and not isinstance(node, ast.Expr)
    ]
    return "\n".join(ast.get_source_segment(attempt.code, node) or "" for node in done)


def _failed_line(attempt: Attempt) -> int | None:
    for output in attempt.outputs:
        if output.get("output_type") == "error":
            text = "\n".join(map(str, output.get("traceback") or []))
            text = re.sub(r"\x1b\[[0-9;]*m", "", text)
            found = _FAILED_LINE.search(text)
            return int(found[1] or found[2]) if found else None
    return None


def _wanted(codes: Sequence[str]) -> set[str]:
    """Return the names that these pieces of code read before they bind them."""
    bound: set[str] = set()
    wanted: set[str] = set()
    for code in codes:
        tree = _parsed(code)
        for node in tree.body if tree is not None else ():
            loads = {
                each.id
                for each in ast.walk(node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
            }
            wanted |= loads - bound
            bound |= _bound_by(node)
    return wanted


def _bound(code: str) -> set[str]:
    tree = _parsed(code)
    return set().union(*(_bound_by(node) for node in tree.body)) if tree is not None else set()


def _bound_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        # %magics, !commands and other languages stay as they are.
        return None


def _with_imports_first(cells: list[Cell]) -> list[Cell]:
    imports: dict[str, None] = {}
    for cell in cells:
        found, cell.source = _split_imports(cell.source)
        imports |= dict.fromkeys(found)
    first = sorted(imports, key=lambda line: not line.startswith("from __future__"))
    # A cell of imports alone is empty now.
    others = [cell for cell in cells if cell.source.strip() or cell.outputs]
    return [*([Cell("\n".join(first))] if first else []), *others]


def _split_imports(source: str) -> tuple[list[str], str]:
    """Return the top-level imports, one name per line, and the rest of the code."""
    tree = _parsed(source)
    if tree is None:
        return [], source
    lines = source.split("\n")
    taken = [line for node in tree.body for line in _lines(node)]
    found: list[str] = []
    gone: set[int] = set()
    for node in tree.body:
        alone = all(taken.count(line) == 1 for line in _lines(node))
        if isinstance(node, ast.Import) and alone:
            found += [ast.unparse(ast.Import([alias])) for alias in node.names]
            gone |= set(_lines(node))
        elif isinstance(node, ast.ImportFrom) and alone:
            found.append(ast.unparse(node))
            gone |= set(_lines(node))
    rest = "\n".join(line for at, line in enumerate(lines, 1) if at not in gone)
    return found, re.sub(r"\n{3,}", "\n\n", rest).strip("\n")


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
