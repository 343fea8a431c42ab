"""Requests of ``POST /chat/completions``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Literal

from jupyter_assistants.models.base import ModelRequest, ToolSpec
from jupyter_assistants.models.chat.accumulator import ChatAccumulator
from jupyter_assistants.models.chat.history import messages, tokens_of
from jupyter_assistants.models.model_names import returns_reasoning
from jupyter_assistants.models.reasoning_tags import HiddenOpening
from jupyter_assistants.models.wire import Draft, Wire, known_call_ids
from jupyter_assistants.models.workarounds import (
    ALTERNATE,
    NO_EFFORT,
    NO_SYSTEM,
    PLAIN_TOOLS,
    TEMPLATE_RULES,
    RefusalRule,
    Workarounds,
)
from jupyter_assistants.protocol.tools import JsonObjectFormat, JsonSchemaFormat

_LIMITS = frozenset({"max_completion_tokens", "max_tokens"})


class ChatWire(Wire):
    """Chat Completions as one endpoint wants it."""

    name: ClassVar[Literal["chat", "responses"]] = "chat"
    format_field = "response_format"
    schemaless_format: ClassVar[Mapping[str, Any]] = {"response_format": {"type": "json_object"}}
    replaced: ClassVar[AbstractSet[str]] = _LIMITS | {"tool_choice", "response_format"}
    workarounds = Workarounds(
        _LIMITS
        | {
            "stream_options",
            "parallel_tool_calls",
            "temperature",
            "top_p",
            "reasoning_effort",
            "response_format",
            "tool_choice",
            "strict",
        },
        (
            *TEMPLATE_RULES,
            RefusalRule(
                NO_EFFORT,
                (re.compile("reasoning_effort"), re.compile(r"to '?\"?none")),
                kinds=("refused",),
            ),
        ),
    )

    def accumulator(
        self, request: ModelRequest, hidden_opening: HiddenOpening = "no"
    ) -> ChatAccumulator:
        """Return an accumulator for the answer to a request."""
        keeps = self.dialect.returns_reasoning or returns_reasoning(request.model)
        return ChatAccumulator(
            self.backend,
            known_call_ids(request),
            keep_reasoning=keeps,
            hidden_opening=hidden_opening,
        )

    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate the prompt's tokens, for endpoints that do not count them."""
        return tokens_of(body)

    def _write_options(self, draft: Draft, stream: bool) -> None:
        if stream:
            draft.body["stream"] = True
            draft.body["stream_options"] = {"include_usage": True}
        if draft.request.max_output_tokens is not None:
            draft.body[self._limit_field(draft.workarounds)] = draft.request.max_output_tokens
        if NO_EFFORT in draft.workarounds:
            draft.body["reasoning_effort"] = "none"

    def _limit_field(self, workarounds: AbstractSet[str]) -> str:
        """Return the dialect's field, or the other one once the dialect's alone was refused."""
        field: str = self.dialect.limit_field
        if workarounds & _LIMITS == {field}:
            (field,) = _LIMITS - {field}
        return field

    def _write_history(self, draft: Draft, instructions: str) -> None:
        draft.body["messages"] = messages(
            instructions,
            draft.request.history,
            self.backend,
            tool_images=self.dialect.tool_images,
            alternate=ALTERNATE in draft.workarounds,
            system=NO_SYSTEM not in draft.workarounds,
            plain_tools=PLAIN_TOOLS in draft.workarounds,
        )

    def _reasoning(self, effort: str) -> dict[str, Any]:
        return {"reasoning_effort": effort}

    def _tool(self, spec: ToolSpec, strict: bool) -> dict[str, Any]:
        function: dict[str, Any] = {
            "name": spec.name,
            "description": spec.description,
            "parameters": spec.parameters,
        }
        if spec.strict and strict and self.dialect.strict:
            function["strict"] = True
        return {"type": "function", "function": function}

    def _takes_choice(self, choice: str) -> bool:
        return ("required" if choice == "required" else "function") in self.dialect.tool_choices

    def _tool_choice(self, choice: str) -> Any:
        if choice == "none":
            return choice
        if choice == "required":
            return self.dialect.required_choice
        return {"type": "function", "function": {"name": choice}}

    def _takes_schema(self) -> bool:
        return self.dialect.json_schema

    def _format(self, wanted: JsonObjectFormat | JsonSchemaFormat) -> dict[str, Any]:
        return wanted.model_dump(mode="json", by_alias=True)
