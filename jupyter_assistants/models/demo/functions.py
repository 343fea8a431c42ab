"""Arguments for a function that a program forces the demo to call."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 80
_DEEPEST = 8
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def arguments_for(schema: dict[str, Any], question: str) -> dict[str, Any]:
    """Return the simplest object that is valid under a JSON schema.

    Texts are words of the question, so that a person sees something familiar arrive.
    """
    value = _value(schema or {"type": "object"}, question[:2_000], schema, 0)
    return value if isinstance(value, dict) else {}


def _value(schema: Any, question: str, root: dict[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    schema = dict(_resolved(schema, root))
    for part in schema.pop("allOf", ()):
        schema.update(_resolved(part, root))
    if options := schema.get("anyOf") or schema.get("oneOf"):
        some = [option for option in options if option.get("type") != "null"]
        return _value((some or options)[0], question, root, depth + 1)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    kind = next((kind for kind in kinds if kind != "null"), "null")
    if kind == "object":
        properties = schema.get("properties") or {}
        return {
            name: _value(properties.get(name, {"type": "string"}), question, root, depth + 1)
            for name in schema.get("required") or properties
        }
    if kind == "array":
        item = _value(schema.get("items", {"type": "string"}), question, root, depth + 1)
        return [item] * max(1, int(schema.get("minItems", 1)))
    if kind in ("integer", "number"):
        return _number(schema, question, whole=kind == "integer")
    return {"boolean": True, "null": None}.get(kind, _text(schema, question))


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    for _ in range(_DEEPEST):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        found: Any = root
        for key in reference.removeprefix("#/").split("/"):
            found = found.get(key, {}) if isinstance(found, dict) else {}
        schema = found if isinstance(found, dict) else {}
    return schema


def _number(schema: dict[str, Any], question: str, *, whole: bool) -> int | float:
    said = re.search(r"-?\d{1,15}(?:\.\d{1,15})?", question)
    value, step = float(said[0]) if said else 1.0, 1 if whole else 0.5
    value = float(int(value)) if whole else value
    lowest, highest = schema.get("minimum", value), schema.get("maximum", value)
    value = min(max(value, float(lowest)), float(highest))
    if value <= float(schema.get("exclusiveMinimum", value - 1)):
        value = float(schema["exclusiveMinimum"]) + step
    if value >= float(schema.get("exclusiveMaximum", value + 1)):
        value = float(schema["exclusiveMaximum"]) - step
    return int(value) if whole or value.is_integer() else value


def _text(schema: dict[str, Any], question: str) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    words = question.strip().rstrip("?!. ") or "demo"
    # Names are what most functions ask for: "the weather in San Francisco"
    names = re.findall(r"(?<=[a-z,] )[A-Z][\w-]*(?: [A-Z][\w-]*)*", words)
    text = str(names[-1] if names else words)
    text = text[: min(_LONGEST, int(schema.get("maxLength", _LONGEST)))]
    return text.ljust(int(schema.get("minLength", 0)), ".")
