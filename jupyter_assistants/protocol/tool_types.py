"""Tool types beyond the protocol's own: how plug-ins join the unions of the wire.

The protocol knows three types of tools. A plug-in registers a fourth with the classes of its
configuration, its call and its delta, and every union that is marked with :class:`OpenUnion` takes
them from then on: in requests, in stored objects and in streams.

A request may only name types that are registered. A stored object may name any: a plug-in can be
uninstalled, and its assistants and steps must neither be lost nor stop a list from being read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from jupyter_assistants.protocol.base import Part

UnionPart = Literal["config", "call", "delta"]


class PluginTool(Part):
    """The configuration of a plug-in's tool in ``tools: […]``; every field is kept."""

    model_config = ConfigDict(extra="allow")

    type: str


class PluginToolCall(Part):
    """A call of a plug-in's tool in a run step; its facts stand under the name of its type."""

    model_config = ConfigDict(extra="allow")

    id: str
    type: str


class PluginCallDelta(BaseModel):
    """A piece of a call of a plug-in's tool; the id comes with the first one only."""

    model_config = ConfigDict(extra="allow")

    index: int
    id: str | None = None
    type: str


@dataclass(frozen=True)
class ToolType:
    """The classes that a registered type has on the wire."""

    name: str
    config: type[PluginTool] = PluginTool
    call: type[PluginToolCall] = PluginToolCall
    delta: type[PluginCallDelta] = PluginCallDelta

    def model(self, part: UnionPart) -> type[BaseModel]:
        """Return the class of one part."""
        models: dict[UnionPart, type[BaseModel]] = {
            "config": self.config,
            "call": self.call,
            "delta": self.delta,
        }
        return models[part]


_registered: dict[str, ToolType] = {}


def register_tool_type(tool_type: ToolType) -> None:
    """Add a type to the open unions. Registering it again replaces its classes."""
    _registered[tool_type.name] = tool_type


def forget_tool_types() -> None:
    """Leave the protocol's own types only."""
    _registered.clear()


def registered_tool_types() -> Sequence[str]:
    """Return the names of the types that were registered."""
    return sorted(_registered)


@dataclass(frozen=True)
class OpenUnion:
    """Marks a union of the protocol's types and of one ``Plugin…`` class as open.

    Parameters
    ----------
    part
        Which class of a registered type belongs here.
    stored
        Whether types that nobody registered are kept as they are. False in requests, where they
        are refused with the names of the known ones.
    """

    part: UnionPart
    stored: bool = True

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of the protocol's own types, with the others around it."""
        members = [each for each in get_args(source) if each is not _PLUGIN_CLASSES[self.part]]
        own = tuple(get_args(each.model_fields["type"].annotation)[0] for each in members)
        # Built at run time, which type checkers do not follow.
        annotated: Any = Annotated
        union: Any = Union
        closed = annotated[union[tuple(members)], Field(discriminator="type")]

        def validate(value: Any, inner: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
            name = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
            if name in own or not isinstance(name, str):
                return inner(value)
            return self._validate(name, value, own, info)

        def serialize(
            value: Any, inner: SerializerFunctionWrapHandler, info: SerializationInfo
        ) -> Any:
            if getattr(value, "type", None) in own or not isinstance(value, BaseModel):
                return inner(value)
            return value.model_dump(
                mode=info.mode,
                by_alias=bool(info.by_alias),
                exclude_none=info.exclude_none,
                exclude_unset=info.exclude_unset,
            )

        inner = handler.generate_schema(closed)
        serializer = core_schema.wrap_serializer_function_ser_schema(
            serialize, schema=inner, info_arg=True
        )
        return core_schema.with_info_wrap_validator_function(
            validate, inner, serialization=serializer
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the protocol's own types and the registered ones."""
        inner: Any = schema
        described = handler(inner["schema"])
        for _, tool_type in sorted(_registered.items()):
            plugin = handler(tool_type.model(self.part).__pydantic_core_schema__)
            if plugin not in described["oneOf"]:
                described["oneOf"].append(plugin)
        return described

    def _validate(
        self, name: str, value: Any, own: Sequence[str], info: ValidationInfo
    ) -> BaseModel:
        tool_type = _registered.get(name)
        opaque = _PLUGIN_CLASSES[self.part]
        if tool_type is None and not self.stored:
            expected = ", ".join(repr(each) for each in (*own, *registered_tool_types()))
            context = {"discriminator": "'type'", "tag": name, "expected_tags": expected}
            raise PydanticKnownError("union_tag_invalid", context)
        model = tool_type.model(self.part) if tool_type is not None else opaque
        if isinstance(value, model):
            return value
        data = value.model_dump() if isinstance(value, BaseModel) else value
        try:
            return model.model_validate(data, strict=(info.context or {}).get("strict"))
        except ValidationError:
            if not self.stored:
                raise
            # An earlier version of the plug-in wrote it; what it says is not to be lost.
            return opaque.model_validate(data)


_PLUGIN_CLASSES: dict[UnionPart, type[BaseModel]] = {
    "config": PluginTool,
    "call": PluginToolCall,
    "delta": PluginCallDelta,
}


class ToolTypeName:
    """Marks a text as the name of a tool type: one of the protocol's, or a registered one."""

    def __init__(self, *own: str) -> None:
        self._own = own

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return a choice of the protocol's names, with the registered ones around it."""

        def validate(value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
            if not _registered or value in self._own:
                return inner(value)
            if isinstance(value, str) and value in _registered:
                return value
            names = [repr(each) for each in (*self._own, *registered_tool_types())]
            expected = f"{', '.join(names[:-1])} or {names[-1]}"
            raise PydanticKnownError("literal_error", {"expected": expected})

        inner = core_schema.literal_schema(list(self._own))
        return core_schema.no_info_wrap_validator_function(
            validate, inner, serialization=core_schema.simple_ser_schema("str")
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the names that can be chosen."""
        described = handler(core_schema.literal_schema([*self._own, *registered_tool_types()]))
        return described
