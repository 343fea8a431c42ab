"""A model provider: it calls the tool that the question names, and repeats what came back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    FunctionOutput,
    ModelEvent,
    ModelProvider,
    ModelRequest,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.notebook_block import without_context


class ToyProvider(ModelProvider):
    """Reads a question like ``clock {}`` as a call; says the instructions for ``briefing``."""

    id = "toy"

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Call, or repeat the tool's output."""
        last = request.history[-1]
        # The panel adds what it says of the notebook below the question.
        question = without_context(str(getattr(last, "text", ""))).partition("\n")[0]
        name, _, arguments = question.partition(" ")
        if isinstance(last, FunctionOutput):
            yield TextDelta(f"The tool says: {last.output}")
        elif name in {tool.name for tool in request.tools}:
            json.loads(arguments)
            call = FunctionCall(f"call_{len(request.history)}", name, arguments)
            yield CallDelta(0, arguments, call.call_id, name)
            yield StreamEnd("tool_calls", [call])
            return
        else:
            yield TextDelta(request.instructions if name == "briefing" else "toy")
        yield StreamEnd("stop")
