"""Describes the API as an OpenAPI 3.1 document, made from the routes and the schema.

Nothing is said twice: paths, queries and bodies are those of :data:`jupyter_assistants.api.routes.ROUTES`,
and what an operation answers is what its method on the service is annotated to give.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from jupyter_assistants import __version__
from jupyter_assistants.api import Service
from jupyter_assistants.api.routes import ROUTES, STREAMED, Route
from jupyter_assistants.protocol.documents import DocumentPage
from jupyter_assistants.protocol.events import Feed
from jupyter_assistants.protocol.pages import RawDocument
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.loop import Started
from jupyter_assistants.storage.base import Blob

Json = dict[str, Any]

_REFERENCES = "#/components/schemas/{model}"
_INTRODUCTION = (
    "The Assistants API of this Jupyter server. Paths and objects are those of the hosted API, "
    "version 2. Additions stand in fields named `jupyter`, in `kernel_id`, in `GET /threads` and "
    "in this document. Unknown fields and query parameters are ignored; a null stands for an "
    "absent field."
)
_KEYS: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The Jupyter server's token, as the API key of OpenAI clients.",
    },
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "api-key",
        "description": "The same token, as clients of Azure send it.",
    },
}
_ERROR: Json = {
    "description": "What is wrong with a request, or with the server.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"enum": ["invalid_request_error", "server_error"]},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_BINARY: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
_EVENT: Json = {
    "description": "One event of a stream. The last one is `done`.",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string", "description": "JSON of an object or a delta; or `[DONE]`."},
    },
}
_FILE_FIELDS = {"create_file": "file"}
"""The part of a form that holds the bytes; ``data`` where nothing is said."""


@dataclass(frozen=True)
class _Operation:
    """One route with what its method takes and gives."""

    route: Route
    summary: str
    gives: Any
    form: type[BaseModel] | None
    uploads: bool

    @property
    def models(self) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
        if self.route.body is not None:
            yield self.route.body, "validation"
        if given := _model_of(self.gives):
            yield given, "serialization"


class _Schemas(GenerateJsonSchema):
    """Pydantic's JSON schemas without a title for each field, which says nothing new."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Set none."""
        return False

    def get_title_from_name(self, name: str) -> str:
        """Return the name."""
        return name

    def normalize_name(self, name: str) -> str:
        """Name a page of assistants ``AssistantList``."""
        return super().normalize_name(re.sub(r"^Page\[(\w+)\]$", r"\1List", name))

    def model_schema(self, schema: Any) -> Json:
        """Leave out the class's name as a title; the schema stands under it."""
        found = super().model_schema(schema)
        found.pop("title", None)
        return found


@functools.cache
def document() -> Json:
    """Return the OpenAPI document. It is made once and must not be changed."""
    operations = [_operation(route) for route in ROUTES]
    wanted = list(dict.fromkeys(model for each in operations for model in each.models))
    known, definitions = models_json_schema(
        wanted, ref_template=_REFERENCES, schema_generator=_Schemas
    )
    schemas = {**definitions.get("$defs", {}), "Error": _ERROR}
    paths: dict[str, Json] = {}
    for each in operations:
        paths.setdefault(each.route.path, {})[each.route.verb.lower()] = _described(each, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_assistants",
            "version": __version__,
            "description": _INTRODUCTION,
        },
        # Relative to the address of the document, so that it holds under every base URL.
        "servers": [{"url": "../v1"}],
        "security": [{name: []} for name in _KEYS],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _KEYS},
    }


def _operation(route: Route) -> _Operation:
    method = getattr(Service, route.operation)
    hints = get_type_hints(method)
    summary = (method.__doc__ or "").strip().split("\n")[0]
    uploads = Blob in hints.values()
    form = hints.get("body") if uploads else None
    return _Operation(route, summary, hints["return"], form, uploads)


def _model_of(gives: Any) -> type[BaseModel] | None:
    """Return the class of an operation's JSON; None for bytes and for this document."""
    if gives is Started:
        return Run
    if get_origin(gives) is list:
        gives = gives.__args__[0]
    if isinstance(gives, type) and issubclass(gives, BaseModel) and gives is not RawDocument:
        return gives
    return None


_Known = Mapping[Any, Json]
"""Schemas by class and direction."""


def _described(each: _Operation, known: _Known) -> Json:
    route = each.route
    found: Json = {
        "operationId": route.operation,
        "summary": each.summary,
        "tags": [route.resource],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {"200": _success(each, known), **_failures()},
    }
    if body := _request(each, known):
        found["requestBody"] = body
    return {name: value for name, value in found.items() if value != []}


def _path_parameters(route: Route) -> list[Json]:
    names = re.findall(r"\{(\w+)\}", route.path)
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(route: Route) -> list[Json]:
    if route.query is None:
        return []
    fields = route.query.model_fields
    # Not pydantic's "may be null": no query can say null.
    schema = route.query.model_json_schema(schema_generator=_Schemas)["properties"]
    return [_query_parameter(name, schema[name], fields[name]) for name in fields]


def _query_parameter(name: str, schema: Json, field: FieldInfo) -> Json:
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind != {"type": "null"}]
    shown = {**kinds[0]}
    if field.default is not None and not field.is_required() and not field.default_factory:
        shown["default"] = field.default
    name = f"{name}[]" if shown.get("type") == "array" else name
    parameter = {"name": name, "in": "query", "required": field.is_required(), "schema": shown}
    # Pairs are sent as name[key]=value.
    return parameter | ({"style": "deepObject"} if shown.get("type") == "object" else {})


def _request(each: _Operation, known: _Known) -> Json | None:
    if each.uploads:
        return {"required": True, "content": {"multipart/form-data": {"schema": _form(each)}}}
    body = each.route.body
    if body is None:
        return None
    required = any(field.is_required() for field in body.model_fields.values())
    schema = known[body, "validation"]
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _form(each: _Operation) -> Json:
    """Return the parts of a form: the fields of its class, nested ones in brackets, and the bytes."""
    properties: Json = {_FILE_FIELDS.get(each.route.operation, "data"): _BINARY}
    required = list(properties)
    depending: dict[str, list[str]] = {}
    if each.form is not None:
        schema = each.form.model_json_schema(schema_generator=_Schemas)
        definitions = schema.get("$defs", {})
        required += schema.get("required", [])
        for name, field in schema["properties"].items():
            (kind, *_) = field.get("anyOf", [field])
            if "$ref" not in kind:
                properties[name] = kind
                continue
            nested = definitions[kind["$ref"].rsplit("/", 1)[1]]
            together = [f"{name}[{inner}]" for inner in nested.get("required", [])]
            for inner, part in nested["properties"].items():
                properties[f"{name}[{inner}]"] = part
                depending[f"{name}[{inner}]"] = together
    form = {"type": "object", "properties": properties, "required": required}
    return {**form, "dependentRequired": depending} if depending else form


def _success(each: _Operation, known: _Known) -> Json:
    headers: Json = {"x-request-id": {"required": True, "schema": {"type": "string"}}}
    if each.route.poll:
        headers["openai-poll-after-ms"] = {"required": True, "schema": {"type": "string"}}
    return {"description": "Done.", "headers": headers, "content": _content(each, known)}


def _content(each: _Operation, known: _Known) -> Json:
    model = _model_of(each.gives)
    if model is None:
        if each.gives is RawDocument:
            return {"application/json": {"schema": {"type": "object"}}}
        if each.gives is Feed:
            return {"text/event-stream": {"schema": _EVENT}}
        if each.gives is DocumentPage:
            return {"text/html": {"schema": {"type": "string"}}}
        # Bytes of any kind, also of JSON.
        return {"*/*": {"schema": {}}}
    schema = known[model, "serialization"]
    if get_origin(each.gives) is list:
        schema = {
            "type": "object",
            "required": ["object", "data"],
            "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": schema}},
        }
    content: Json = {"application/json": {"schema": schema}}
    if each.route.operation in STREAMED:
        content["text/event-stream"] = {"schema": _EVENT}
    return content


def _failures() -> Json:
    content = {"application/json": {"schema": {"$ref": _REFERENCES.format(model="Error")}}}
    return {
        "4XX": {"description": "The request is wrong; nothing was changed.", "content": content},
        "5XX": {"description": "The server failed.", "content": content},
    }
