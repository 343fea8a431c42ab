"""Two descriptions of the same objects, brought to one form: sets of short facts.

``facts_of_notes`` reads the notation of ``data/protocol_schemas.txt``, ``facts_of_document`` the
schemas of an OpenAPI document. A fact is a path and what is said of it: ``tools[].type = function``,
``limit >= 1``, ``name required``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.paths import DATA

NOTES = DATA / "protocol_schemas.txt"
DEPTH = 16
"""Schemas that contain themselves (compound filters) are followed so far."""

# Shared types that the notes describe in words (their section 5.1).
SPOKEN = {
    "Metadata": ["object", "pairs <= 16", "keys length <= 64", "values length <= 512"],
    "FunctionParameters": ["object"],
    "ResponseFormatJsonSchemaSchema": ["object"],
}


@dataclass
class Node:
    """One line of the notes: a name, what it is, and the lines below it."""

    name: str
    kind: str
    optional: bool = False
    children: list[Node] = field(default_factory=list)


def read_notes() -> tuple[set[str], dict[str, Node]]:
    """Return the operations (``GET /files``) and the schemas by name."""
    operations, schemas = NOTES.read_text().split("== operations\n")[1].split("== schemas\n")
    found: dict[str, Node] = {}
    above: list[Node] = []
    for line in schemas.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        text = line.strip()
        if text.startswith("·"):
            continue
        node = _schema_node(text) if depth == 0 else _field_node(text)
        above[depth:] = [node]
        if depth == 0:
            found[node.name] = node
        else:
            above[depth - 1].children.append(node)
    return {line for line in operations.splitlines() if line}, found


def _schema_node(text: str) -> Node:
    name, _, kind = text.partition(" = ")
    return Node(name.split("  [")[0], re.split("  default ", kind)[0] or "{…}")


def _field_node(text: str) -> Node:
    name, _, kind = text.partition(": ")
    return Node(name.rstrip("?"), kind.split(" = ")[0], name.endswith("?"))


def facts_of_notes(schemas: Mapping[str, Node], name: str) -> set[str]:
    """Return the facts of one schema of the notes."""
    return set(_note_facts(schemas, schemas[name], "", 0))


def _note_facts(schemas: Mapping[str, Node], node: Node, path: str, depth: int) -> Iterator[str]:
    if depth > DEPTH:
        return
    for kind in _split(node.kind):
        yield from _kind_facts(schemas, node, kind, path, depth)


def _kind_facts(
    schemas: Mapping[str, Node], node: Node, kind: str, path: str, depth: int
) -> Iterator[str]:
    if kind.startswith("["):
        inner, _, limits = kind[1:].rpartition("]")
        yield f"{path}: array"
        yield from (
            f"{path} items {_SIGNS[w]} {n}" for w, n in re.findall(r"(min|max) (\d+)", limits)
        )
        within = Node("", inner, children=node.children)
        yield from _note_facts(schemas, within, f"{path}[]", depth)
    elif kind == "{…}":
        yield f"{path}: object"
        for child in node.children:
            below = f"{path}.{child.name}"
            if not child.optional:
                yield f"{below} required"
            yield from _note_facts(schemas, child, below, depth + 1)
    elif kind.startswith("{"):
        yield from (f"{path} = {value}" for value in re.findall(r"[\w.-]+", kind))
    elif kind.startswith('"'):
        yield f"{path} = {kind[1:-1]}"
    elif kind in SPOKEN:
        yield f"{path}: object"
        yield from (f"{path} {said}" for said in SPOKEN[kind][1:])
    elif kind in schemas:
        yield from _note_facts(schemas, schemas[kind], path, depth + 1)
    else:
        yield from _plain_facts(kind, path)


_SIGNS = {"min": ">=", "max": "<=", "≥": ">=", "≤": "<="}


def _plain_facts(kind: str, path: str) -> Iterator[str]:
    word = re.match(r"\w+", kind)
    assert word is not None, kind
    yield f"{path}: {'integer' if word[0] == 'unixtime' else word[0].replace('map', 'object')}"
    if word[0] == "map":
        return
    yield from (f"{path} length <= {n}" for n in re.findall(r"len≤(\d+)", kind))
    for sign, number in re.findall(r"(?<!len)([≥≤])(\d+)", kind):
        yield f"{path} {_SIGNS[sign]} {number}"


def _split(kind: str) -> list[str]:
    """Split ``A | B`` where the bar stands in no bracket."""
    parts, level = [""], 0
    for sign in kind:
        level += (sign in "[{(<") - (sign in "]})>")
        if sign == "|" and level == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def facts_of_document(document: Mapping[str, Any], name: str) -> set[str]:
    """Return the facts of one schema of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    return set(_facts(schemas, schemas[name], "", 0))


def _facts(schemas: Mapping[str, Any], schema: Any, path: str, depth: int) -> Iterator[str]:
    if depth > DEPTH:
        return
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        yield from _facts(schemas, schemas[name], path, depth + 1)
        return
    for variant in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        yield from _facts(schemas, variant, path, depth)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        yield from (f"{path} = {value}" for value in values)
    elif "type" in schema:
        yield f"{path}: {schema['type']}"
    yield from _bounds(schema, path)
    for name, inner in schema.get("properties", {}).items():
        if name in schema.get("required", ()):
            yield f"{path}.{name} required"
        yield from _facts(schemas, inner, f"{path}.{name}", depth)
    if "items" in schema:
        yield from _facts(schemas, schema["items"], f"{path}[]", depth)


_BOUNDS = {
    "minimum": ">=",
    "maximum": "<=",
    "maxLength": "length <=",
    "minItems": "items >=",
    "maxItems": "items <=",
    "maxProperties": "pairs <=",
}


def _bounds(schema: Mapping[str, Any], path: str) -> Iterable[str]:
    for name, sign in _BOUNDS.items():
        if name in schema:
            yield f"{path} {sign} {schema[name]:.0f}"
    if "maxLength" in schema.get("propertyNames", {}):
        yield f"{path} keys length <= {schema['propertyNames']['maxLength']}"
    values = schema.get("additionalProperties")
    if isinstance(values, dict) and "maxLength" in values:
        yield f"{path} values length <= {values['maxLength']}"
