"""From a model request to the body of ``POST /responses``, always without state at the endpoint.

The whole input goes along each time and nothing is stored there: many servers of this wire keep
nothing, and a thread stays with whoever runs this program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.api_choice import chosen, named_repair, order
from jupyter_assistants.models.base import FunctionCall, FunctionOutput, ModelRequest, ToolSpec
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.responses.accumulator import ResponsesAccumulator
from jupyter_assistants.models.responses.history import input_items, tokens_of
from jupyter_assistants.protocol.tools import JsonSchemaFormat

NO_THOUGHTS = "thoughts"
"""The repair for reasoning that the endpoint cannot read any more, after its keys changed."""

LEAST_LIMIT = 16
"""The vendor refuses smaller limits of the answer."""

_NO_CHOICE = frozenset({"ollama"})
_DROPPABLE = {
    "include",
    "max_output_tokens",
    "parallel_tool_calls",
    "reasoning",
    "strict",
    "temperature",
    "text",
    "tool_choice",
    "top_p",
}
_NAMES = {"reasoning_effort": "reasoning", "effort": "reasoning", "format": "text"}
_UNREADABLE = re.compile(r"encrypted.content|reasoning.{0,20} item|'?rs_\w+", re.IGNORECASE)


@dataclass(frozen=True)
class ResponsesWire:
    """Responses as one endpoint wants it; a :class:`~.wire.Wire`.

    Parameters
    ----------
    backend
        The id under which extras of earlier answers belong to this endpoint.
    family
        The kind of server, as :func:`.known.family_of` names it.
    """

    backend: str
    family: str

    name = "responses"

    def body(
        self, request: ModelRequest, repairs: AbstractSet[str], *, stream: bool
    ) -> dict[str, Any]:
        """Return the JSON body."""
        orders: list[str] = []
        body: dict[str, Any] = {
            "model": request.model,
            "store": False,
            "include": ["reasoning.encrypted_content"],
            **_sampling(request),
        }
        if stream:
            body["stream"] = True
        if request.max_output_tokens is not None:
            body["max_output_tokens"] = max(LEAST_LIMIT, request.max_output_tokens)
        self._tools(body, request, repairs, orders)
        _format(body, request, repairs, orders)
        for name in repairs - {"text"}:
            body.pop(name, None)
        instructions = "\n\n".join(filter(None, [request.instructions, *orders]))
        if instructions:
            body["instructions"] = instructions
        keep = NO_THOUGHTS not in repairs
        body["input"] = input_items(request.history, self.backend, request.model, thoughts=keep)
        return body

    def accumulator(self, request: ModelRequest) -> ResponsesAccumulator:
        """Return what folds the answer."""
        taken = {e.call_id for e in request.history if isinstance(e, FunctionCall | FunctionOutput)}
        return ResponsesAccumulator(self.backend, request.model, taken)

    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate what the prompt counts, for endpoints that do not say."""
        return tokens_of(body)

    def repair(
        self, error: EndpointError, body: Mapping[str, Any], made: AbstractSet[str]
    ) -> str | None:
        """Return the repair that may make a refused request good, or None."""
        if error.kind not in ("refused", "input", "no_model", "no_path"):
            return None
        text = f"{error.param or ''} {error.detail}"
        if _UNREADABLE.search(text):
            supported = "not supported" not in text.lower()
            echoed = any(item.get("type") == "reasoning" for item in body["input"])
            if supported and echoed and NO_THOUGHTS not in made:
                return NO_THOUGHTS
            if "include" in body:
                return "include"
        words = " ".join(_NAMES.get(word, word) for word in re.findall(r"\w+", text))
        strict = {"strict"} if any(tool.get("strict") for tool in body.get("tools", ())) else set()
        named = EndpointError(error.kind, words)
        return named_repair(named, _DROPPABLE & {*body, *strict} - made)

    def _tools(
        self,
        body: dict[str, Any],
        request: ModelRequest,
        repairs: AbstractSet[str],
        orders: list[str],
    ) -> None:
        choice = chosen(request.tool_choice)
        if not request.tools or (choice == "none" and self.family in _NO_CHOICE):
            return
        body["tools"] = [_tool(spec, "strict" not in repairs) for spec in request.tools]
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
        if choice == "auto":
            return
        forced = self.family in _NO_CHOICE or "gpt-oss" in request.model
        if "tool_choice" in repairs or (forced and choice != "none"):
            orders.append(order(choice))
        elif choice in ("none", "required"):
            body["tool_choice"] = choice
        else:
            body["tool_choice"] = {"type": "function", "name": choice}


def _sampling(request: ModelRequest) -> dict[str, Any]:
    effort = request.reasoning_effort
    reasoning: dict[str, Any] = {} if effort is None else {"reasoning": {"effort": effort}}
    if effort not in (None, "none"):
        return reasoning
    given = {
        "temperature": request.temperature,
        "top_p": None if request.top_p == 1 else request.top_p,
    }
    return reasoning | {name: value for name, value in given.items() if value is not None}


def _format(
    body: dict[str, Any], request: ModelRequest, repairs: AbstractSet[str], orders: list[str]
) -> None:
    wanted = request.response_format
    if wanted is None or isinstance(wanted, str) or wanted.type == "text":
        return
    if not isinstance(wanted, JsonSchemaFormat):
        if "text" in repairs:
            orders.append("Answer with one JSON object and nothing else.")
        else:
            body["text"] = {"format": {"type": "json_object"}}
        return
    if "text" in repairs:
        schema = json.dumps(wanted.json_schema.schema_ or {}, ensure_ascii=False)
        orders.append(f"Answer with one JSON object that fits this JSON schema: {schema}")
        return
    sent = wanted.json_schema.model_dump(mode="json", by_alias=True)
    body["text"] = {"format": {"type": "json_schema", **sent}}


def _tool(spec: ToolSpec, strict: bool) -> dict[str, Any]:
    return {
        "type": "function",
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
        # Left out, it counts as true on this wire, and most schemas are not made for that.
        "strict": spec.strict and strict,
    }
