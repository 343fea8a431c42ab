"""The two wires behind one port, and what they have in common.

A wire gives the body of a request and folds the chunks of its answer. Which one an endpoint
speaks is a setting; with ``auto`` it is known by its host, and learnt from its refusals
(models.md section 2.3).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Literal, Protocol

from jupyter_assistants.models.base import FunctionCall, Image, ModelEvent, ModelRequest, StreamEnd
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.protocol.tools import NamedToolChoice

WireName = Literal["auto", "chat", "responses"]

CODE_TOOL = "run_python"
"""The code interpreter's name on the wire: a function named ``python`` breaks gpt-oss."""

NO_OUTPUT = "no output"
"""Stands for the answer of a call that has none: every endpoint wants one for each call."""

_RESPONSES_FIRST = frozenset({"openai", "azure", "xai"})
_OTHER_WIRE = re.compile(r"v1/responses|use the responses api", re.IGNORECASE)
_NO_SUCH_PATH = (404, 405, 501)


class Accumulator(Protocol):
    """Takes the chunks of one answer, gives events, and in the end the whole answer."""

    @property
    def begun(self) -> bool:
        """Return whether the model talks, so that a long silence is a fault."""

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Take one chunk; a whole answer that was not streamed counts as one."""

    def finished(self, prompt_tokens: int) -> StreamEnd:
        """Return the last event; ``prompt_tokens`` is the estimate for endpoints that do not count.

        Raises
        ------
        Trouble
            If nothing came, or if the answer stops in the middle.
        """


class Wire(Protocol):
    """How one endpoint is asked."""

    @property
    def name(self) -> str:
        """Return ``chat`` or ``responses``."""

    def body(
        self, request: ModelRequest, repairs: AbstractSet[str], *, stream: bool
    ) -> dict[str, Any]:
        """Return the JSON body.

        Parameters
        ----------
        repairs
            What the endpoint refused earlier: left out, or replaced.
        """

    def accumulator(self, request: ModelRequest) -> Accumulator:
        """Return what folds the answer."""

    def prompt_tokens(self, body: Mapping[str, Any]) -> int:
        """Estimate what the prompt counts, for endpoints that do not say."""

    def repair(
        self, error: EndpointError, body: Mapping[str, Any], made: AbstractSet[str]
    ) -> str | None:
        """Return the repair that may make a refused request good, or None.

        Parameters
        ----------
        made
            Repairs that are made already; none is made twice.
        """


def first_wire(family: str) -> str:
    """Return the wire that an endpoint of this kind is asked on first."""
    return "responses" if family in _RESPONSES_FIRST else "chat"


def other_wire(name: str, error: EndpointError) -> str | None:
    """Return the wire that a refusal points to, or None."""
    if name == "responses":
        return "chat" if error.status in _NO_SUCH_PATH else None
    refused = error.kind in ("refused", "input", "no_model", "no_path")
    return "responses" if refused and _OTHER_WIRE.search(error.detail) else None


def named_repair(error: EndpointError, open_to: AbstractSet[str]) -> str | None:
    """Return the first parameter that a refusal names and that can be done without, or None."""
    if error.kind not in ("refused", "input"):
        return None
    named = re.findall(r"\w+", f"{error.param or ''} {error.detail}")
    return next((name for name in named if name in open_to), None)


def chosen(choice: str | NamedToolChoice) -> str:
    """Return ``none``, ``auto``, ``required``, or the name of the function that is wanted."""
    if isinstance(choice, str):
        return choice
    if choice.type == "code_interpreter":
        return CODE_TOOL
    return choice.function.name if choice.function else choice.type


def order(choice: str) -> str:
    """Say in words what ``tool_choice`` says where the endpoint does not take it."""
    if choice == "none":
        return "Do not call any tool now; answer with what you have."
    which = "one of the tools" if choice == "required" else f"the tool {choice}"
    return f"You must call {which} now, before you answer."


def valid_arguments(call: FunctionCall) -> str:
    """Return arguments that are a JSON object: Ollama and vLLM parse the history and refuse others."""
    try:
        if isinstance(json.loads(call.arguments or "{}"), dict):
            return call.arguments or "{}"
    except ValueError:
        pass
    return json.dumps({"code" if call.name == CODE_TOOL else "input": call.arguments})


def data_url(image: Image) -> str:
    """Return an image as the address that holds it."""
    return f"data:{image.mime};base64,{base64.b64encode(image.data).decode('ascii')}"
