"""The OpenAPI 3.1 document of the API, built from the route table.

Nothing is said twice: paths, queries, bodies and answers are those of
:data:`jupyter_assistants.api.routes.ROUTES` and of the signatures of its functions.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from jupyter_assistants import __version__
from jupyter_assistants.api.answers import Listing
from jupyter_assistants.api.route import BYTES, EVENTS, JSON, PAGE, Route
from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.protocol.pages import RawDocument
from jupyter_assistants.protocol.runs import Run

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


class _Schemas(GenerateJsonSchema):
    """Pydantic's JSON schemas without titles, which say nothing new."""

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
    """Return the OpenAPI document. It is built once and must not be changed."""
    wanted = list(dict.fromkeys(model for route in ROUTES for model in _models(route)))
    known, definitions = models_json_schema(
        wanted, ref_template=_REFERENCES, schema_generator=_Schemas
    )
    schemas = {**definitions.get("$defs", {}), "Error": _ERROR}
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.verb.lower()] = _described(route, known)
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


def _models(route: Route) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    """Yield the classes whose schemas a route refers to."""
    if route.body is not None:
        yield route.body, "validation"
    if model := _model_of(route):
        yield model, "serialization"


def _model_of(route: Route) -> type[BaseModel] | None:
    """Return the class of a route's JSON; None where it answers otherwise."""
    if JSON not in route.answers or BYTES in route.answers or route.returns is RawDocument:
        return None
    if EVENTS in route.answers:
        return Run
    if get_origin(route.returns) is Listing:
        (item,) = get_args(route.returns)
        return _class(item)
    return _class(route.returns)


def _class(annotation: Any) -> type[BaseModel]:
    assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation


_Known = Mapping[Any, Json]
"""Schemas by class and direction."""


def _described(route: Route, known: _Known) -> Json:
    summary = (route.operation.__doc__ or "").strip().split("\n")[0]
    found: Json = {
        "operationId": route.id,
        "summary": summary,
        "tags": [route.resource],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {"200": _success(route, known), **_failures()},
    }
    if body := _request(route, known):
        found["requestBody"] = body
    return {name: value for name, value in found.items() if value != []}


def _path_parameters(route: Route) -> list[Json]:
    schema = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in route.path_names
    ]


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


def _request(route: Route, known: _Known) -> Json | None:
    if route.form is not None:
        schema = _form(route.form.part, route.fields)
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    body = route.body
    if body is None:
        return None
    required = any(field.is_required() for field in body.model_fields.values())
    schema = known[body, "validation"]
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _form(part: str, fields: type[BaseModel] | None) -> Json:
    """Return the parts of a form: the bytes, and the fields of its class, nested ones in brackets."""
    properties: Json = {part: _BINARY}
    required = list(properties)
    depending: dict[str, list[str]] = {}
    if fields is not None:
        schema = fields.model_json_schema(schema_generator=_Schemas)
        definitions = schema.get("$defs", {})
        required += schema.get("required", [])
        for name, field in schema["properties"].items():
            (kind, *_) = field.get("anyOf", [field])
            if "$ref" not in kind:
                properties[name] = kind
                continue
            nested = definitions[kind["$ref"].rsplit("/", 1)[1]]
            together = [f"{name}[{inner}]" for inner in nested.get("required", [])]
            for inner, inner_schema in nested["properties"].items():
                properties[f"{name}[{inner}]"] = inner_schema
                depending[f"{name}[{inner}]"] = together
    form = {"type": "object", "properties": properties, "required": required}
    return {**form, "dependentRequired": depending} if depending else form


def _success(route: Route, known: _Known) -> Json:
    headers: Json = {"x-request-id": {"required": True, "schema": {"type": "string"}}}
    if route.poll:
        headers["openai-poll-after-ms"] = {"required": True, "schema": {"type": "string"}}
    return {"description": "Done.", "headers": headers, "content": _content(route, known)}


def _content(route: Route, known: _Known) -> Json:
    if BYTES in route.answers:
        # Bytes of any kind, also of JSON.
        return {"*/*": {"schema": {}}}
    if route.answers == EVENTS:
        return {"text/event-stream": {"schema": _EVENT}}
    if route.answers == PAGE:
        return {"text/html": {"schema": {"type": "string"}}}
    model = _model_of(route)
    if model is None:
        return {"application/json": {"schema": {"type": "object"}}}
    schema = known[model, "serialization"]
    if get_origin(route.returns) is Listing:
        schema = {
            "type": "object",
            "required": ["object", "data"],
            "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": schema}},
        }
    content: Json = {"application/json": {"schema": schema}}
    if EVENTS in route.answers:
        content["text/event-stream"] = {"schema": _EVENT}
    return content


def _failures() -> Json:
    content = {"application/json": {"schema": {"$ref": _REFERENCES.format(model="Error")}}}
    return {
        "4XX": {"description": "The request is wrong; nothing was changed.", "content": content},
        "5XX": {"description": "The server failed.", "content": content},
    }
