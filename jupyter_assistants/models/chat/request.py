"""From a model request to the body of ``POST /chat/completions``.

What endpoints take differs; the rules are those of models.md section 3.3. A parameter that the
endpoint refused once is listed in ``repairs`` and left out, or replaced, from then on.
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
from jupyter_assistants.models.chat.accumulator import ChatAccumulator
from jupyter_assistants.models.chat.history import messages, tokens_of
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.protocol.tools import JsonSchemaFormat

NO_EFFORT = "reasoning_effort=none"
"""The repair for models that take tools on this wire only without reasoning."""

_OLD_LIMIT = frozenset({"openrouter", "deepseek", "ollama", "mistral", "together", "anthropic"})
_STRICT = frozenset({"openai", "azure", "vllm"})
_LIMITS = {"max_completion_tokens", "max_tokens"}
_DROPPABLE = {
    "stream_options",
    "parallel_tool_calls",
    "temperature",
    "top_p",
    "reasoning_effort",
    "response_format",
    "tool_choice",
    "strict",
    *_LIMITS,
}


@dataclass(frozen=True)
class ChatWire:
    """Chat Completions as one endpoint wants it; a :class:`~.wire.Wire`.

    Parameters
    ----------
    backend
        The id under which extras of earlier calls belong to this endpoint.
    family
        The kind of server, as :func:`.endpoints.family_of` names it.
    """

    backend: str
    family: str

    name = "chat"

    def body(
        self, request: ModelRequest, repairs: AbstractSet[str], *, stream: bool
    ) -> dict[str, Any]:
        """Return the JSON body."""
        orders: list[str] = []
        body: dict[str, Any] = {"model": request.model, **_sampling(request)}
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        self._limit(body, request, repairs)
        self._tools(body, request, repairs, orders)
        self._format(body, request, repairs, orders)
        if NO_EFFORT in repairs:
            body["reasoning_effort"] = "none"
        for name in repairs - _LIMITS - {"tool_choice", "response_format"}:
            body.pop(name, None)
        instructions = "\n\n".join(filter(None, [request.instructions, *orders]))
        body["messages"] = messages(instructions, request.history, self.backend, self.family)
        return body

    def accumulator(self, request: ModelRequest) -> ChatAccumulator:
        """Return what folds the answer."""
        taken = {e.call_id for e in request.history if isinstance(e, FunctionCall | FunctionOutput)}
        return ChatAccumulator(self.backend, taken, self.keeps_reasoning(request.model))

    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate what the prompt counts, for endpoints that do not say."""
        return tokens_of(body)

    def repair(
        self, error: EndpointError, body: Mapping[str, Any], made: AbstractSet[str]
    ) -> str | None:
        """Return the repair that may make a refused request good, or None."""
        effort = "reasoning_effort" in error.detail and NO_EFFORT not in made
        if error.kind == "refused" and effort and re.search(r"to '?\"?none", error.detail):
            return NO_EFFORT
        strict = {"strict"} if '"strict"' in json.dumps(body.get("tools", [])) else set()
        return named_repair(error, _DROPPABLE & {*body, *strict} - made)

    def keeps_reasoning(self, model: str) -> bool:
        """Return whether ``reasoning_content`` of a call must be sent back."""
        return self.family == "deepseek" or bool(re.search(r"deepseek|kimi|moonshot", model, re.I))

    def _limit(
        self, body: dict[str, Any], request: ModelRequest, repairs: AbstractSet[str]
    ) -> None:
        if request.max_output_tokens is None:
            return
        old = self.family in _OLD_LIMIT
        if (repairs & _LIMITS) == {"max_tokens" if old else "max_completion_tokens"}:
            old = not old
        body["max_tokens" if old else "max_completion_tokens"] = request.max_output_tokens

    def _tools(
        self,
        body: dict[str, Any],
        request: ModelRequest,
        repairs: AbstractSet[str],
        orders: list[str],
    ) -> None:
        choice = chosen(request.tool_choice)
        if not request.tools or (choice == "none" and self.family == "ollama"):
            return
        strict = self.family in _STRICT and "strict" not in repairs
        body["tools"] = [_tool(spec, strict) for spec in request.tools]
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
        if choice == "auto":
            return
        if self._takes_choice(choice, request.model) and "tool_choice" not in repairs:
            body["tool_choice"] = self._choice(choice)
        else:
            orders.append(order(choice))

    def _takes_choice(self, choice: str, model: str) -> bool:
        if choice == "none":
            return True
        if self.family in ("ollama", "deepseek") or "gpt-oss" in model:
            return False
        return self.family != "mistral" or choice == "required"

    def _choice(self, choice: str) -> Any:
        if choice == "required":
            return "any" if self.family == "mistral" else "required"
        if choice == "none":
            return choice
        return {"type": "function", "function": {"name": choice}}

    def _format(
        self,
        body: dict[str, Any],
        request: ModelRequest,
        repairs: AbstractSet[str],
        orders: list[str],
    ) -> None:
        wanted = request.response_format
        if wanted is None or isinstance(wanted, str) or wanted.type == "text":
            return
        sent = wanted.model_dump(mode="json", by_alias=True)
        if isinstance(wanted, JsonSchemaFormat) and (
            self.family == "deepseek" or "response_format" in repairs
        ):
            schema = json.dumps(wanted.json_schema.schema_ or {}, ensure_ascii=False)
            orders.append(f"Answer with one JSON object that fits this JSON schema: {schema}")
            sent = {"type": "json_object"}
        elif "response_format" in repairs:
            orders.append("Answer with one JSON object and nothing else.")
            return
        body["response_format"] = sent


def _sampling(request: ModelRequest) -> dict[str, Any]:
    effort = request.reasoning_effort
    if effort is not None and effort != "none":
        return {"reasoning_effort": effort}
    given: dict[str, Any] = {
        "temperature": request.temperature,
        # 1 is what it is without; some models refuse it together with a temperature.
        "top_p": None if request.top_p == 1 else request.top_p,
        "reasoning_effort": effort,
    }
    return {name: value for name, value in given.items() if value is not None}


def _tool(spec: ToolSpec, strict: bool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    if spec.strict and strict:
        function["strict"] = True
    return {"type": "function", "function": function}
