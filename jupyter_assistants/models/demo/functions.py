"""Arguments for a function that a program forces the demo to call."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 80
_DEEPEST = 8


def arguments_for(schema: dict[str, Any], question: str) -> dict[str, Any]:
    """Return a simple object that is valid under a JSON schema.

    Texts and numbers are taken from the question, so that a person sees something familiar arrive.
    """
    value = _value(schema or {"type": "object"}, question[:2_000], schema, 0)
    return value if isinstance(value, dict) else {}


def _value(schema: Any, question: str, root: dict[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options or "$ref" in schema:
        some = [each for each in options or () if each.get("type") != "null"]
        chosen = some[0] if some else _resolved(str(schema.get("$ref")), root)
        return _value(chosen, question, root, depth + 1)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((k for k in ([kinds] if isinstance(kinds, str) else kinds) if k != "null"), "null")
    if kind == "object":
        properties = schema.get("properties") or {}
        return {
            name: _value(properties.get(name, {}), question, root, depth + 1)
            for name in schema.get("required") or properties
        }
    if kind == "array":
        item = _value(schema.get("items", {}), question, root, depth + 1)
        return [item] * max(1, int(schema.get("minItems", 1)))
    if kind in ("integer", "number"):
        said = re.search(r"-?\d{1,15}", question)
        value = int(said[0]) if said else 1
        return max(min(value, schema.get("maximum", value)), schema.get("minimum", value))
    return {"boolean": True, "null": None}.get(kind, _text(question))


def _resolved(reference: str, root: Any) -> Any:
    for key in reference.removeprefix("#/").split("/"):
        root = root.get(key, {}) if isinstance(root, dict) else {}
    return root


def _text(question: str) -> str:
    # Names are what most functions ask for: "the weather in San Francisco"
    names = re.findall(r"(?<=[a-z,] )[A-Z][\w-]*(?: [A-Z][\w-]*)*", question)
    return str(names[-1] if names else question.strip().rstrip("?!. ") or "demo")[:_LONGEST]
