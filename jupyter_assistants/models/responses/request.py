"""Requests of ``POST /responses``, always without state at the endpoint.

The whole history goes along each time and nothing is stored there: many servers of this API keep
nothing, and a thread stays with whoever runs this program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Literal

from jupyter_assistants.models.base import HistoryMessage, ModelRequest, ToolSpec
from jupyter_assistants.models.reasoning_tags import HiddenOpening
from jupyter_assistants.models.responses.accumulator import ResponsesAccumulator
from jupyter_assistants.models.responses.history import input_items, tokens_of
from jupyter_assistants.models.wire import Draft, Wire, known_call_ids
from jupyter_assistants.models.workarounds import (
    ALTERNATE,
    ANY_REFUSAL,
    NO_REASONING_ITEMS,
    NO_SYSTEM,
    PLAIN_TOOLS,
    TEMPLATE_RULES,
    RefusalRule,
    Workarounds,
)
from jupyter_assistants.protocol.tools import JsonObjectFormat, JsonSchemaFormat

SMALLEST_LIMIT = 16
"""OpenAI refuses smaller limits of the answer's tokens."""

_UNREADABLE = re.compile(r"encrypted.content|reasoning.{0,20} item|'?rs_\w+", re.IGNORECASE)


def _has_reasoning(body: Mapping[str, Any]) -> bool:
    return any(item.get("type") == "reasoning" for item in body["input"])


def _includes(body: Mapping[str, Any]) -> bool:
    return "include" in body


class ResponsesWire(Wire):
    """Responses as one endpoint wants it."""

    name: ClassVar[Literal["chat", "responses"]] = "responses"
    format_field = "text"
    schemaless_format: ClassVar[Mapping[str, Any]] = {}
    replaced: ClassVar[AbstractSet[str]] = frozenset({"text", "tool_choice"})
    workarounds = Workarounds(
        frozenset(
            {
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
        ),
        (
            *TEMPLATE_RULES,
            RefusalRule(
                NO_REASONING_ITEMS,
                (_UNREADABLE,),
                kinds=ANY_REFUSAL,
                unless=re.compile("not supported", re.IGNORECASE),
                applies=_has_reasoning,
            ),
            RefusalRule("include", (_UNREADABLE,), kinds=ANY_REFUSAL, applies=_includes),
        ),
        {"reasoning_effort": "reasoning", "effort": "reasoning", "format": "text"},
    )

    def accumulator(
        self, request: ModelRequest, hidden_opening: HiddenOpening = "no"
    ) -> ResponsesAccumulator:
        """Return an accumulator for the answer to a request."""
        return ResponsesAccumulator(
            self.backend,
            known_call_ids(request),
            model=request.model,
            hidden_opening=hidden_opening,
        )

    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate the prompt's tokens, for endpoints that do not count them."""
        return tokens_of(body)

    def _write_options(self, draft: Draft, stream: bool) -> None:
        draft.body |= {"store": False, "include": ["reasoning.encrypted_content"]}
        if stream:
            draft.body["stream"] = True
        if draft.request.max_output_tokens is not None:
            limit = max(SMALLEST_LIMIT, draft.request.max_output_tokens)
            draft.body["max_output_tokens"] = limit

    def _write_history(self, draft: Draft, instructions: str) -> None:
        history = draft.request.history
        if instructions and NO_SYSTEM in draft.workarounds:
            history = [HistoryMessage("user", instructions), *history]
        elif instructions:
            draft.body["instructions"] = instructions
        draft.body["input"] = input_items(
            history,
            self.backend,
            draft.request.model,
            reasoning=NO_REASONING_ITEMS not in draft.workarounds,
            alternate=ALTERNATE in draft.workarounds,
            plain_tools=PLAIN_TOOLS in draft.workarounds,
        )

    def _reasoning(self, effort: str) -> dict[str, Any]:
        return {"reasoning": {"effort": effort}}

    def _tool(self, spec: ToolSpec, strict: bool) -> dict[str, Any]:
        return {
            "type": "function",
            "name": spec.name,
            "description": spec.description,
            "parameters": spec.parameters,
            # Left out, it counts as true in this API, and most schemas are not made for that.
            "strict": spec.strict and strict,
        }

    def _tool_choice(self, choice: str) -> Any:
        known = choice in ("none", "required")
        return choice if known else {"type": "function", "name": choice}

    def _format(self, wanted: JsonObjectFormat | JsonSchemaFormat) -> dict[str, Any]:
        if not isinstance(wanted, JsonSchemaFormat):
            return {"format": {"type": "json_object"}}
        schema = wanted.json_schema.model_dump(mode="json", by_alias=True)
        return {"format": {"type": "json_schema", **schema}}
