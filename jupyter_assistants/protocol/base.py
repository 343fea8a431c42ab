"""What every wire object and every request body has in common.

Wire objects are the domain objects: the engine, the store and the views speak of the same
classes. A request body ignores unknown fields and takes an explicit ``null`` for an absent
field (docs/internals/protocol.md, "Requests and validation").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


FROM_DECIMAL = BeforeValidator(_whole)
Whole = Annotated[int, FROM_DECIMAL]
"""An integer of a request. JSON does not tell 1.0 from 1, so neither do we."""

Seconds = Annotated[int, Field(ge=0, lt=2**53)]
"""A time, in seconds since 1970."""


@dataclass(frozen=True)
class MaxItems:
    """The most entries of an array or pairs of an object, counted before any of them is looked at.

    Pydantic's own limit counts valid entries only, and an error describes each of a million wrong ones.

    Parameters
    ----------
    named
        Whether the JSON schema names the limit; not where the hosted API has none.
    """

    most: int
    named: bool = True

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Count first; the JSON schema names the limit as well."""
        inner: Any = handler(source)
        if self.named and inner["type"] in ("list", "dict"):
            inner["max_length"] = self.most
        if inner["type"] == "list":
            # Only the first error is told (docs/internals/protocol.md, "Errors").
            inner["fail_fast"] = True
        return core_schema.no_info_before_validator_function(self._check, inner)

    def _check(self, value: Any) -> Any:
        if isinstance(value, list | dict) and len(value) > self.most:
            kind = "List" if isinstance(value, list) else "Dictionary"
            raise PydanticKnownError(
                "too_long",
                {"field_type": kind, "max_length": self.most, "actual_length": len(value)},
            )
        return value


MAX_PAIRS = 16
MAX_VALUE = 512
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=MAX_VALUE)]],
    MaxItems(MAX_PAIRS),
]


class Part(BaseModel):
    """A piece of a wire object that has no id of its own."""

    model_config = ConfigDict(extra="ignore", json_schema_serialization_defaults_required=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the JSON that is really sent and taken, which serializers here change."""
        # Pydantic takes what our serializers return for any object at all.
        plain: Any = {name: value for name, value in core_schema.items() if name != "serialization"}
        reference = handler(plain)
        schema = handler.resolve_ref_schema(reference)
        if handler.mode == "serialization":
            cls.describe_sent(schema)
        else:
            cls.describe_taken(schema)
        return reference

    @classmethod
    def describe_sent(cls, schema: JsonSchemaValue) -> None:
        """Correct the JSON schema of this class as it is sent."""

    @classmethod
    def describe_taken(cls, schema: JsonSchemaValue) -> None:
        """Correct the JSON schema of this class as clients send it."""
        if "const" in schema.get("properties", {}).get("type", {}):
            # It decides which of several kinds is meant, so it cannot be left out.
            schema["required"] = sorted({*schema.get("required", ()), "type"})


class InputPart(Part):
    """A piece that clients send: a null stands for an absent field (docs/internals/protocol.md, "Requests and validation")."""

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, data: Any) -> Any:
        return _without_nulls(data)

    @classmethod
    def describe_taken(cls, schema: JsonSchemaValue) -> None:
        """Allow a null wherever a field may be absent."""
        super().describe_taken(schema)
        for name, field in schema.get("properties", {}).items():
            if name not in schema.get("required", ()) and not _takes_null(field):
                default = {"default": field.pop("default")} if "default" in field else {}
                schema["properties"][name] = {"anyOf": [field, {"type": "null"}], **default}


class Sparse(InputPart):
    """A piece whose unset fields have no key on the wire, and whose nulls count as unset."""

    @classmethod
    def describe_sent(cls, schema: JsonSchemaValue) -> None:
        """Describe fields that would be null as absent."""
        nulls_are_dropped(schema)

    @model_serializer(mode="wrap")
    def _only_set_keys(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {k: v for k, v in handler(self).items() if v is not None}


class WireObject(Part):
    """An object with an id, as it is sent and as it is stored.

    ``kind`` is the wire's ``object`` value. ``parent`` names the object that it goes with when
    that one is deleted; ``key`` is a second value that lists can be filtered by. Fields named in
    ``internal`` are stored and never sent.
    """

    kind: ClassVar[str]
    internal: ClassVar[frozenset[str]] = frozenset()

    id: str
    created_at: Seconds

    @property
    def storage_id(self) -> str:
        """Return the id that stores keep it under; another than ``id`` where that is not unique."""
        return self.id

    @property
    def parent(self) -> str | None:
        """Return the id of the owning object (a thread's, a run's), or None."""
        return None

    @property
    def key(self) -> str | None:
        """Return the value that lists of this kind can be filtered by, or None."""
        return None

    @property
    def state(self) -> str | None:
        """Return the status, for kinds that have one."""
        status = getattr(self, "status", None)
        return status if isinstance(status, str) else None

    @classmethod
    def describe_sent(cls, schema: JsonSchemaValue) -> None:
        """Leave out what is never sent."""
        for name in cls.internal:
            del schema["properties"][name]
        schema["required"] = [name for name in schema["required"] if name not in cls.internal]

    @property
    def blob(self) -> str | None:
        """Return the hash of the stored bytes that the object stands for, or None."""
        return None

    @property
    def gone_at(self) -> int | None:
        """Return the second from which on the object counts as deleted, or None."""
        return None

    @property
    def words(self) -> str | None:
        """Return the text that a search finds the object by, or None."""
        return None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object that goes to a client."""
        return self.model_dump(mode="json", by_alias=True, exclude=set(self.internal))

    def stored(self) -> dict[str, Any]:
        """Return the JSON object that goes into the store."""
        return self.model_dump(mode="json", by_alias=True)

    def changed(self, **fields: Any) -> Self:
        """Return a copy with these fields replaced."""
        return self.model_copy(update=fields)


class Body(InputPart):
    """A request body. A null stands for an absent field, except where ``clearable`` says so."""

    clearable: ClassVar[frozenset[str]] = frozenset()
    replaced: ClassVar[Mapping[str, str]] = {}
    """Fields of version 1 of the API, and what to send instead.

    Ignored like other unknown fields, they would lose a program its files without a word.
    """

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, data: Any) -> Any:
        for name in cls.replaced:
            if isinstance(data, dict) and data.get(name):
                instead = {"field": name, "instead": cls.replaced[name]}
                raise PydanticCustomError("version_1_field", "replaced in version 2", instead)
        return _without_nulls(data, keep=cls.clearable)

    def provided_fields(self) -> dict[str, Any]:
        """Return the fields that the client sent, as Python values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def nulls_are_dropped(schema: JsonSchemaValue) -> None:
    """Turn fields that may be null into fields that may be absent."""
    required = set(schema.get("required", ()))
    for name, field in schema["properties"].items():
        if _takes_null(field):
            required.discard(name)
            kept = [kind for kind in field.pop("anyOf") if kind != {"type": "null"}]
            field.pop("default", None)
            field.update(kept[0] if len(kept) == 1 else {"anyOf": kept})
    schema["required"] = [name for name in schema["properties"] if name in required]


def _takes_null(field: JsonSchemaValue) -> bool:
    return {"type": "null"} in field.get("anyOf", ())


def _without_nulls(data: Any, keep: frozenset[str] = frozenset()) -> Any:
    if not isinstance(data, dict):
        return data
    return {k: v for k, v in data.items() if v is not None or k in keep}
