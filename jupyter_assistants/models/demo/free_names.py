"""Names in the demo's code: none that the person uses for something else."""

from __future__ import annotations

import ast
from collections.abc import Collection


def with_free_names(code: str, taken: Collection[str]) -> str:
    """Return code that binds no name which is the person's; what it only reads keeps its name."""
    tree = ast.parse(code)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    inner = {
        id(node)
        for each in ast.walk(tree)
        if isinstance(each, ast.comprehension)
        for node in ast.walk(each.target)
    }
    stores = (n for n in names if isinstance(n.ctx, ast.Store) and id(n) not in inner)
    bound = {node.id for node in stores} & set(taken)
    if not bound:
        return code
    used = {node.id for node in names} | set(taken)
    new: dict[str, str] = {}
    for name in sorted(bound):
        numbers = (f"{name}_{number}" for number in range(2, len(used) + 3))
        new[name] = next(each for each in numbers if each not in used | set(new.values()))
    lines = [line.encode() for line in code.split("\n")]
    # From the end, so that the positions before it stay right. They count bytes.
    for node in sorted(names, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line = lines[node.lineno - 1]
        at, old = node.col_offset, node.id.encode()
        # Python 3.11 gives names in f-strings other positions.
        if node.id in new and line[at : at + len(old)] == old:
            lines[node.lineno - 1] = line[:at] + new[node.id].encode() + line[at + len(old) :]
    return b"\n".join(lines).decode()
