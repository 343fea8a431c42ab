"""What the two APIs share in asking a model: the parts of a request, and what replaces them.

A wire writes the body of a request and folds the chunks of the answer. :mod:`.chat.request` and
:mod:`.responses.request` add the names and shapes of their API; which of a request's parts an
endpoint accepts is in its :class:`~.dialects.EndpointDialect`, and what it refused before in the
workarounds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from jupyter_assistants.models.accumulator import Accumulator
from jupyter_assistants.models.base import FunctionCall, FunctionOutput, ModelRequest, ToolSpec
from jupyter_assistants.models.dialects import EndpointDialect
from jupyter_assistants.models.history import CODE_TOOL
from jupyter_assistants.models.model_names import refuses_forced_calls
from jupyter_assistants.models.reasoning_tags import HiddenOpening
from jupyter_assistants.models.workarounds import Workarounds
from jupyter_assistants.protocol.tools import (
    JsonObjectFormat,
    JsonSchemaFormat,
    NamedToolChoice,
)


@dataclass
class Draft:
    """A request's body while it is written.

    Parameters
    ----------
    orders
        Sentences for the prompt, in place of fields that the endpoint does not accept.
    """

    request: ModelRequest
    workarounds: AbstractSet[str]
    body: dict[str, Any]
    orders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wire(ABC):
    """One API as one endpoint wants it.

    Parameters
    ----------
    backend
        The id under which extras of earlier answers belong to this endpoint.
    dialect
        What the endpoint wants.
    """

    backend: str
    dialect: EndpointDialect

    name: ClassVar[Literal["chat", "responses"]]
    workarounds: ClassVar[Workarounds]
    format_field: ClassVar[str]
    schemaless_format: ClassVar[Mapping[str, Any]]
    """Fields that remain of the response format while its schema stands in the prompt."""
    replaced: ClassVar[AbstractSet[str]]
    """Fields that a workaround replaces; all others it leaves out."""

    def body(
        self, request: ModelRequest, workarounds: AbstractSet[str], *, stream: bool
    ) -> dict[str, Any]:
        """Return the JSON body.

        Parameters
        ----------
        workarounds
            Names of the workarounds for what the endpoint refused earlier.
        """
        draft = Draft(request, workarounds, {"model": request.model, **self._sampling(request)})
        self._write_options(draft, stream)
        self._write_tools(draft)
        self._write_format(draft)
        for name in workarounds - self.replaced:
            draft.body.pop(name, None)
        instructions = "\n\n".join(filter(None, [request.instructions, *draft.orders]))
        self._write_history(draft, instructions)
        return draft.body

    @abstractmethod
    def accumulator(self, request: ModelRequest, hidden_opening: HiddenOpening) -> Accumulator:
        """Return an accumulator for the answer to a request."""

    @abstractmethod
    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate the prompt's tokens, for endpoints that do not count them."""

    # -- an API's own names and shapes --------------------------------------------------------

    @abstractmethod
    def _write_options(self, draft: Draft, stream: bool) -> None:
        """Write the fields for streaming, for the answer's length and for the endpoint's state."""

    @abstractmethod
    def _write_history(self, draft: Draft, instructions: str) -> None:
        """Write the instructions and the history."""

    @abstractmethod
    def _reasoning(self, effort: str) -> dict[str, Any]:
        """Return the field for the effort of reasoning."""

    @abstractmethod
    def _tool(self, spec: ToolSpec, strict: bool) -> dict[str, Any]:
        """Return the declaration of a function."""

    @abstractmethod
    def _tool_choice(self, choice: str) -> Any:
        """Return ``tool_choice`` for ``none``, ``required`` or the name of a function."""

    @abstractmethod
    def _format(self, wanted: JsonObjectFormat | JsonSchemaFormat) -> dict[str, Any]:
        """Return the value of the field for the response format."""

    def _takes_choice(self, choice: str) -> bool:
        """Return whether the endpoint accepts this ``tool_choice``."""
        return bool(self.dialect.tool_choices)

    def _takes_schema(self) -> bool:
        """Return whether the endpoint accepts a JSON schema as the response format."""
        return True

    # -- parts that both APIs have ------------------------------------------------------------

    def _sampling(self, request: ModelRequest) -> dict[str, Any]:
        effort = request.reasoning_effort
        fields = {} if effort is None else self._reasoning(effort)
        if effort not in (None, "none"):
            # Models refuse the others while they reason.
            return fields
        if request.temperature is not None:
            fields["temperature"] = request.temperature
        # 1 is the default, and some models refuse it together with a temperature.
        if request.top_p not in (None, 1):
            fields["top_p"] = request.top_p
        return fields

    def _write_tools(self, draft: Draft) -> None:
        request, body = draft.request, draft.body
        choice = wanted_choice(request.tool_choice)
        if not request.tools or (choice == "none" and not self.dialect.tool_choices):
            return
        strict = "strict" not in draft.workarounds
        body["tools"] = [self._tool(spec, strict) for spec in request.tools]
        if not request.parallel_tool_calls:
            body["parallel_tool_calls"] = False
        if choice == "auto":
            return
        accepted = choice == "none" or (
            self._takes_choice(choice) and not refuses_forced_calls(request.model)
        )
        if accepted and "tool_choice" not in draft.workarounds:
            body["tool_choice"] = self._tool_choice(choice)
        else:
            draft.orders.append(choice_in_words(choice))

    def _write_format(self, draft: Draft) -> None:
        wanted = draft.request.response_format
        if wanted is None or isinstance(wanted, str) or wanted.type == "text":
            return
        refused = self.format_field in draft.workarounds
        if isinstance(wanted, JsonSchemaFormat) and (refused or not self._takes_schema()):
            schema = json.dumps(wanted.json_schema.schema_ or {}, ensure_ascii=False)
            order = f"Answer with one JSON object that fits this JSON schema: {schema}"
            draft.orders.append(order)
            draft.body |= self.schemaless_format
        elif refused:
            draft.orders.append("Answer with one JSON object and nothing else.")
        else:
            draft.body[self.format_field] = self._format(wanted)


def known_call_ids(request: ModelRequest) -> set[str]:
    """Return the call ids of a request's history."""
    calls = (FunctionCall, FunctionOutput)
    return {entry.call_id for entry in request.history if isinstance(entry, calls)}


def wanted_choice(choice: str | NamedToolChoice) -> str:
    """Return ``none``, ``auto``, ``required``, or the name of the wanted function."""
    if isinstance(choice, str):
        return choice
    if choice.type == "code_interpreter":
        return CODE_TOOL
    return choice.function.name if choice.function else choice.type


def choice_in_words(choice: str) -> str:
    """Return the sentence that stands for ``tool_choice`` where an endpoint does not accept it."""
    if choice == "none":
        return "Do not call any tool now; answer with what you have."
    which = "one of the tools" if choice == "required" else f"the tool {choice}"
    return f"You must call {which} now, before you answer."
