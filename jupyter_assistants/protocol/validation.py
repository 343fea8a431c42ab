"""Error texts of the protocol for what pydantic finds wrong (docs/internals/protocol.md, "Errors")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.json_text import NestedTooDeep, check_depth, parse_untrusted

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "float_parsing": "a decimal",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "list_type": "an array of objects",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def parse(model: type[M], data: Any, *, strict: bool = False) -> M:
    """Validate ``data`` as ``model``.

    Parameters
    ----------
    strict
        Whether texts are texts: ``"1"`` is a number in a query or a form, and not in JSON.

    Raises
    ------
    InvalidRequest
        With the text, the param and the code of the first thing that is wrong.
    """
    try:
        # In-process clients send objects, which nobody has parsed.
        check_depth(data)
    except NestedTooDeep as error:
        raise _too_deep(error) from None
    try:
        return model.model_validate(data, strict=strict or None, context={"strict": strict})
    except ValidationError as error:
        raise _translate(error) from None


def parse_json(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a request body; an empty body is an empty object."""
    if not raw:
        return {}
    try:
        data = parse_untrusted(raw)
    except NestedTooDeep as error:
        raise _too_deep(error) from None
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise InvalidRequest("We could not parse the JSON body of your request.")
    return data


def _too_deep(error: NestedTooDeep) -> InvalidRequest:
    return InvalidRequest(
        f"We could not parse the JSON body of your request: {error}.",
        code="json_too_deep",
    )


def _translate(error: ValidationError) -> InvalidRequest:
    found = error.errors(include_url=False)[0]
    name = _path(found["loc"])
    kind = found["type"]
    context: Mapping[str, Any] = found.get("ctx") or {}
    value = found.get("input")
    if kind == "missing":
        return InvalidRequest(
            f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
        )
    if kind in _OURS:
        return _OURS[kind](name, context)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _wrong_value(name, context, value)
    if kind in ("string_too_long", "string_too_short"):
        return _wrong_length(name, kind, context, value)
    if kind in ("too_long", "too_short"):
        return _wrong_size(name, kind, context, value)
    if kind in ("less_than_equal", "greater_than_equal"):
        return _out_of_range(name, kind, context, value)
    if kind in _EXPECTED:
        text = (
            f"Invalid type for '{name}': expected {_EXPECTED[kind]}, but got {_a(value)} instead."
        )
        return InvalidRequest(text, param=name, code="invalid_type")
    if kind == "string_pattern_mismatch":
        text = (
            f"Invalid '{name}': string does not match pattern. Expected a string that matches the "
            f"pattern '{context.get('pattern')}'."
        )
        return InvalidRequest(text, param=name, code="invalid_value")
    if kind == "value_error":
        return InvalidRequest(str(context.get("error")), param=name or None, code="invalid_value")
    return InvalidRequest(f"Invalid '{name}': {found['msg']}.", param=name, code="invalid_value")


def _path(loc: tuple[int | str, ...]) -> str:
    """Spell a location as the protocol does: ``tools[1].function.description``."""
    path = ""
    for at, part in enumerate(loc):
        if isinstance(part, int):
            path += f"[{part}]"
        elif not _is_tag(loc, at):
            path += f".{part}" if path else part
    return path


def _is_tag(loc: tuple[int | str, ...], at: int) -> bool:
    """Return whether this part is not a field but the variant of a union that pydantic names."""
    if loc[at] in ("choice", "named", "[key]", *_VARIANTS):
        return True
    following = loc[at + 1] if at + 1 < len(loc) else None
    return loc[at] == following or (at > 0 and isinstance(loc[at - 1], int) and loc[at] in _TYPES)


_VARIANTS = frozenset({"(boolean)", "(number)", "(string)", "(comparison)", "(compound)"})
_TYPES = frozenset(
    {"function", "code_interpreter", "file_search", "text", "image_file", "image_url"}
)


def _one_missing(name: str, context: Mapping[str, Any]) -> InvalidRequest:
    inner = f"{name}.{context['name']}" if name else str(context["name"])
    text = f"Missing required parameter: '{inner}'."
    return InvalidRequest(text, param=inner, code="missing_required_parameter")


def _excluding(name: str, context: Mapping[str, Any]) -> InvalidRequest:
    first, second = (f"{name}.{n}" if name else n for n in (context["first"], context["second"]))
    text = (
        f"Mutually exclusive parameters: '{first}' and '{second}'. Ensure you are only providing "
        f"one of: '{first}' or '{second}'."
    )
    return InvalidRequest(text, param=first, code="mutually_exclusive_parameters")


def _weightless(name: str, context: Mapping[str, Any]) -> InvalidRequest:
    text = f"Invalid '{name}': embedding_weight and text_weight are both 0. Give one of them more."
    return InvalidRequest(text, param=name, code="invalid_value")


def _wrong_value(name: str, context: Mapping[str, Any], value: Any) -> InvalidRequest:
    if "expected_tags" in context:
        expected, value = str(context["expected_tags"]), context.get("tag")
        name = f"{name}.type" if name else "type"
    else:
        expected = str(context.get("expected", ""))
    names = [part.strip().strip("'\"") for part in expected.replace(" or ", ", ").split(",")]
    quoted = [f"'{part}'" for part in names if part]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    text = f"Invalid value: '{value}'. Supported values are: {listed}."
    if value == "retrieval":
        text += " Version 2 of the Assistants API calls the tool 'retrieval' 'file_search'."
    return InvalidRequest(text, param=name, code="invalid_value")


def _version_1_field(name: str, context: Mapping[str, Any]) -> InvalidRequest:
    name = f"{name}.{context['field']}" if name else context["field"]
    text = f"'{name}' is of version 1 of the Assistants API. In version 2, {context['instead']}"
    return InvalidRequest(text, param=name, code="version_1_field")


def _wrong_length(name: str, kind: str, context: Mapping[str, Any], value: Any) -> InvalidRequest:
    if kind == "string_too_long":
        limit, length = context["max_length"], len(value)
        text = (
            f"Invalid '{name}': string too long. Expected a string with maximum length {limit}, "
            f"but got a string with length {length} instead."
        )
        return InvalidRequest(text, param=name, code="string_above_max_length")
    got = "an empty string" if not value else f"a string with length {len(value)}"
    text = (
        f"Invalid '{name}': string too short. Expected a string with minimum length "
        f"{context['min_length']}, but got {got} instead."
    )
    return InvalidRequest(text, param=name, code="string_below_min_length")


def _wrong_size(name: str, kind: str, context: Mapping[str, Any], value: Any) -> InvalidRequest:
    limit = context.get("max_length", context.get("min_length"))
    size = len(value) if hasattr(value, "__len__") else context.get("actual_length")
    if isinstance(value, dict):
        text = (
            f"Invalid '{name}': too many properties. Expected an object with at most {limit} "
            f"properties, but got an object with {size} properties instead."
        )
        return InvalidRequest(text, param=name, code="object_above_max_properties")
    if kind == "too_long":
        text = (
            f"Invalid '{name}': array too long. Expected an array with maximum length {limit}, "
            f"but got an array with length {size} instead."
        )
        return InvalidRequest(text, param=name, code="array_above_max_length")
    text = (
        f"Invalid '{name}': array too short. Expected an array with minimum length {limit}, "
        f"but got an array with length {size} instead."
    )
    return InvalidRequest(text, param=name, code="array_below_min_length")


def _out_of_range(name: str, kind: str, context: Mapping[str, Any], value: Any) -> InvalidRequest:
    above = kind == "less_than_equal"
    limit = context["le"] if above else context["ge"]
    # The limits of decimals are decimals; the value may be the text of a query.
    word = "integer" if isinstance(limit, int) else "decimal"
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    side, sign = ("above maximum", "<=") if above else ("below minimum", ">=")
    code = f"{word}_above_max_value" if above else f"{word}_below_min_value"
    text = f"Invalid '{name}': {word} {side} value. Expected a value {sign} {limit}, but got {value} instead."
    return InvalidRequest(text, param=name, code=code)


def _a(value: Any) -> str:
    names: list[tuple[type, str]] = [
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a decimal"),
        (str, "a string"),
        (list, "an array"),
        (dict, "an object"),
    ]
    return next((text for kind, text in names if isinstance(value, kind)), "null")


_OURS: Mapping[str, Callable[[str, Mapping[str, Any]], InvalidRequest]] = {
    "excluding": _excluding,
    "one_missing": _one_missing,
    "version_1_field": _version_1_field,
    "weightless": _weightless,
}
"""Kinds that our own validators raise."""
