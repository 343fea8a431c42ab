"""What every wire object and every request body has in common.

Wire objects are the domain objects: the engine, the store and the views speak of the same
classes. A request body ignores unknown fields and takes an explicit ``null`` for an absent
field (protocol.md section 2.11).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]


class Part(BaseModel):
    """A piece of a wire object that has no id of its own."""

    model_config = ConfigDict(extra="ignore", json_schema_serialization_defaults_required=True)


class Sparse(Part):
    """A piece whose unset fields have no key on the wire, and whose nulls count as unset."""

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, data: Any) -> Any:
        return _without_nulls(data)

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
    created_at: int

    @property
    def parent(self) -> str | None:
        """Give the id of the owning object (a thread's, a run's), or None."""
        return None

    @property
    def key(self) -> str | None:
        """Give the value that lists of this kind can be filtered by, or None."""
        return None

    @property
    def state(self) -> str | None:
        """Give the status, for kinds that have one."""
        status = getattr(self, "status", None)
        return status if isinstance(status, str) else None

    def wire(self) -> dict[str, Any]:
        """Give the JSON object that goes to a client."""
        return self.model_dump(mode="json", by_alias=True, exclude=set(self.internal))

    def stored(self) -> dict[str, Any]:
        """Give the JSON object that goes into the store."""
        return self.model_dump(mode="json", by_alias=True)

    def changed(self, **fields: Any) -> Self:
        """Give a copy with these fields replaced."""
        return self.model_copy(update=fields)


class Body(Part):
    """A request body. A null stands for an absent field, except where ``clearable`` says so."""

    clearable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_absent(cls, data: Any) -> Any:
        return _without_nulls(data, keep=cls.clearable)

    def given(self) -> dict[str, Any]:
        """Give the fields that the client sent, as Python values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _without_nulls(data: Any, keep: frozenset[str] = frozenset()) -> Any:
    if not isinstance(data, dict):
        return data
    return {k: v for k, v in data.items() if v is not None or k in keep}
