"""Filters on the attributes of files (docs/internals/protocol.md, "Vector stores")."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from jupyter_assistants.protocol.base import MaxItems, Part

DEEPEST = 10

Scalar = str | int | float | bool


def _kind_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "(boolean)"
    return "(number)" if isinstance(value, int | float) else "(string)"


AttributeValue = Annotated[
    Annotated[bool, Tag("(boolean)")]
    | Annotated[int | float, Tag("(number)")]
    | Annotated[Annotated[str, Field(max_length=512)], Tag("(string)")],
    Discriminator(_kind_of_value),
]
Attributes = Annotated[
    dict[Annotated[str, Field(max_length=64)], AttributeValue], Field(max_length=16)
]


class ComparisonFilter(Part):
    """One attribute compared with a value, or looked for in a list of values."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"] = "eq"
    key: str
    value: Scalar | list[Scalar]

    @model_validator(mode="after")
    def _lists_are_for_in(self) -> Self:
        wants = self.type in ("in", "nin")
        if wants is not isinstance(self.value, list):
            expected, got = ("an array", "a single value") if wants else ("a value", "an array")
            text = f"Invalid type for 'value' of '{self.type}': expected {expected}, but got {got} instead."
            raise PydanticCustomError("value_error", "wrong", {"error": text})
        return self


class CompoundFilter(Part):
    """Several filters joined."""

    type: Literal["and", "or"]
    filters: Annotated[list[Filter], MaxItems(1000, named=False)]


def _kind_of_filter(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return "(compound)" if kind in ("and", "or") else "(comparison)"


Filter = Annotated[
    Annotated[ComparisonFilter, Tag("(comparison)")] | Annotated[CompoundFilter, Tag("(compound)")],
    Discriminator(_kind_of_filter),
]
CompoundFilter.model_rebuild()


def _not_too_deep(value: Any) -> Any:
    """Count the levels before anything walks down them."""
    level = [value]
    for _ in range(DEEPEST):
        inner = [each.get("filters") for each in level if isinstance(each, dict)]
        level = [each for filters in inner if isinstance(filters, list) for each in filters]
    if level:
        text = f"Invalid 'filters': nested too deeply. Expected at most {DEEPEST} levels."
        raise PydanticCustomError("value_error", "too deep", {"error": text})
    return value


SearchFilter = Annotated[Filter, BeforeValidator(_not_too_deep)]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def matches(wanted: ComparisonFilter | CompoundFilter, attributes: Mapping[str, Scalar]) -> bool:
    """Return whether attributes pass a filter.

    An attribute that is not there passes ``ne`` and ``nin`` only.
    """
    if isinstance(wanted, CompoundFilter):
        join = all if wanted.type == "and" else any
        return join(matches(each, attributes) for each in wanted.filters)
    if wanted.key not in attributes:
        return wanted.type in ("ne", "nin")
    found = attributes[wanted.key]
    if isinstance(wanted.value, list):
        return any(_equal(found, each) for each in wanted.value) is (wanted.type == "in")
    if wanted.type in ("eq", "ne"):
        return _equal(found, wanted.value) is (wanted.type == "eq")
    return _comparable(found, wanted.value) and _ORDERS[wanted.type](found, wanted.value)


def _equal(one: Scalar, other: Scalar) -> bool:
    # True is 1 in Python, and not in JSON.
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _comparable(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    return isinstance(one, str) is isinstance(other, str)
