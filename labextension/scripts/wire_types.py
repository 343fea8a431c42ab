"""Writes ``src/wire/types.ts``: the wire objects and bodies of the Python schema, as TypeScript.

Run it with the Python of the development environment after a change of
``jupyter_assistants/protocol``; ``tests/test_openapi.py`` fails when the file is out of step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_assistants.api.openapi import document

Json = dict[str, Any]

TARGET = Path(__file__).parent.parent / "src" / "wire" / "types.ts"
_HEAD = "// Written by scripts/wire_types.py from jupyter_assistants/protocol. Do not edit.\n"
_PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def render() -> str:
    """Return the whole file."""
    schemas = document()["components"]["schemas"]
    named = {_name(name): schema for name, schema in schemas.items()}
    return _HEAD + "".join(f"\n{_declared(name, named[name])}" for name in sorted(named))


def _name(name: str) -> str:
    """Return what is sent its plain name; what clients give in another form ends in ``Given``."""
    return name.removesuffix("-Output").replace("-Input", "Given")


def _declared(name: str, schema: Json) -> str:
    comment = _comment(schema.get("description", ""))
    if schema.get("type") == "object" and "properties" in schema:
        fields = "".join(_fields(schema))
        return f"{comment}export interface {name} {{\n{fields}}}\n"
    return f"{comment}export type {name} = {_type(schema)};\n"


def _fields(schema: Json) -> Iterator[str]:
    required = schema.get("required", ())
    for name, field in schema["properties"].items():
        mark = "" if name in required else "?"
        yield f"  {_key(name)}{mark}: {_type(field)};\n"
    if schema.get("additionalProperties") is True:
        yield "  [name: string]: unknown;\n"


def _comment(text: str) -> str:
    first = text.split("\n\n")[0].replace("\n", " ").strip()
    return f"/** {first} */\n" if first else ""


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return _name(schema["$ref"].rsplit("/", 1)[1])
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(each) for each in schema[several]))
    if isinstance(schema.get("type"), list):
        return " | ".join(_PLAIN[each] for each in schema["type"])
    return _by_type(schema)


def _by_type(schema: Json) -> str:
    kind = schema.get("type")
    if kind == "array":
        item = _type(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object" or "properties" in schema:
        return _object(schema)
    return _PLAIN.get(kind or "", "unknown")


def _object(schema: Json) -> str:
    if schema.get("properties"):
        return "{ " + " ".join(field.strip() for field in _fields(schema)) + " }"
    more = schema.get("additionalProperties", True)
    return f"Record<string, {_type(more) if isinstance(more, dict) else 'unknown'}>"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace("'", "\\'") + "'"
    return json.dumps(value)


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET}\n")
