"""The arguments of calls: read leniently, and explained to the model where that is not possible.

A model that is told what was wrong, and shown the right form, calls again. So nothing here ever ends
a run (docs/internals/runs.md, "Arguments of calls").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.models.lenient_json import parse_lenient
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.json_text import parse_untrusted

_SAMPLES: dict[str, Any] = {"string": "…", "integer": 1, "number": 1.5, "boolean": True}
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
_MOST_UNPACKED = 3
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_value(arguments: str, spec: ToolSpec) -> Any:
    """Return the value of a call's arguments; JSON inside of a JSON string is unpacked.

    Raises
    ------
    ToolError
        If it is not clear what they mean.
    """
    value: Any = arguments
    for _ in range(_MOST_UNPACKED):
        try:
            value = parse_lenient(value.strip() or "{}")
        except ValueError as error:
            raise wrong_arguments(spec, f"the arguments are not valid JSON: {error}") from None
        if not (isinstance(value, str) and value.lstrip().startswith("{")):
            break
    return value


def read_object(arguments: str, spec: ToolSpec) -> dict[str, Any]:
    """Return the arguments of a call, with all that the tool's schema requires.

    Raises
    ------
    ToolError
        If they are no object, or if something is missing.
    """
    value = read_value(arguments, spec)
    if not isinstance(value, dict):
        raise wrong_arguments(spec, f"the arguments are {kind_of(value)} instead of an object")
    missing = [name for name in spec.parameters.get("required", ()) if name not in value]
    if missing:
        raise wrong_arguments(spec, f"the arguments lack {' and '.join(map(repr, missing))}")
    return value


def normalized(arguments: str, value: Mapping[str, Any]) -> str:
    """Return arguments as JSON: as they are where they are an object that holds all of this."""
    try:
        sent = parse_untrusted(arguments)
    except ValueError:
        sent = None
    if isinstance(sent, dict) and all(name in sent and sent[name] == value[name] for name in value):
        return arguments
    # Half of a surrogate pair cannot be stored, other than as an escape.
    readable = json.dumps(value, ensure_ascii=False)
    return readable if _SURROGATE.search(readable) is None else json.dumps(value)


def wrong_arguments(spec: ToolSpec, problem: str) -> ToolError:
    """Return the answer to a wrong call: what was wrong, and the form that is right."""
    form = json.dumps(_sample(spec.parameters), ensure_ascii=False)
    return ToolError(
        f"{spec.name} was not called: {problem}. Call it again with arguments of this form, as valid "
        f"JSON: {form}"
    )


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    if value is None:
        return "null"
    return _KINDS.get(type(value), "a number")


def _sample(schema: Any) -> Any:
    """Return a value of the form that a schema describes, as far as its plain keywords go."""
    if not isinstance(schema, dict):
        return "…"
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    type = schema.get("type")
    if type == "array":
        return [_sample(schema.get("items"))]
    if type == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        names = schema.get("required", properties) or ()
        return {name: _sample(properties.get(name)) for name in names}
    return _SAMPLES.get(type if isinstance(type, str) else "", "…")
