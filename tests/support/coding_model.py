"""A model endpoint whose model runs the code in the user's message, block after block.

A message with ```python blocks makes it call ``run_python`` with each of them, one at a time; then
it answers with what stands behind the last block, or "Done.". Instead of code, a block ```arguments
has the text that the model sends as arguments. A message without any is answered by
the reply that ``answers`` has for a word in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jupyter_assistants.models.notebook_block import without_context
from support.upstream import Reply, Upstream, refused, streamed

FAILS = "(the endpoint refuses to go on)"
"""As an answer: what the endpoint does instead of answering."""

_BLOCK = re.compile(r"```(?:python|arguments)\n(?:.*?)```", re.DOTALL)


def coding(answers: Mapping[str, str] | None = None) -> Upstream:
    """Return the endpoint, which starts as a context manager."""

    def choose(body: dict[str, Any]) -> Reply:
        messages = body["messages"]
        at = max(i for i, each in enumerate(messages) if each["role"] == "user")
        text = without_context(_text(messages[at]))
        done = sum(m["role"] == "tool" for m in messages[at:])
        for word, answer in (answers or {}).items():
            if word in text:
                return streamed({"content": answer})
        blocks = _BLOCK.findall(text)
        if done < len(blocks):
            return _calling(_arguments(blocks[done]), f"call_{at}_{done}")
        rest = re.split(r"\[attached files\]", _BLOCK.split(text)[-1])[0].strip()
        if FAILS in rest:
            return refused(400, "The endpoint refuses to go on.")
        rest = rest if blocks else ""
        return streamed({"content": rest or "Done."})

    return Upstream(streamed({"content": "Done."}), choose=choose)


def blocks(*codes: str, answer: str = "") -> str:
    """Return a message that makes the model run these codes."""
    return "\n".join([*(f"```python\n{code}\n```" for code in codes), answer]).rstrip()


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _arguments(block: str) -> str:
    kind, _, text = block.removeprefix("```").removesuffix("```").partition("\n")
    return json.dumps({"code": text.rstrip()}) if kind == "python" else text.rstrip()


def _calling(arguments: str, id: str) -> Reply:
    function = {"name": "run_python", "arguments": arguments}
    called = {"index": 0, "id": id, "type": "function", "function": function}
    return streamed({"tool_calls": [called]}, finish="tool_calls")
