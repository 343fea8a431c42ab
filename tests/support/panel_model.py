"""A model for tests of the panel: it does what its prompt says, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

from jupyter_assistants.models.notebook_block import without_context
from support.upstream import Reply, chunk, events, streamed

MARKDOWN = """# A heading

Some **bold** text with `code`, and $e^{i\\pi} = -1$.

| name | value |
|------|-------|
| one  | 1     |

```python
answer = 42
```

- first
- second
"""
LONG = "".join(
    f"Paragraph {number} has some words in it, **bold** ones and `code` too.\n\n"
    for number in range(150)
)[:10_000]


def choose(body: dict[str, Any]) -> Reply:
    """Answer the last user message by its first word."""
    messages = body["messages"]
    last = max(i for i, message in enumerate(messages) if message["role"] == "user")
    # What is told of the notebook stands before the prompt.
    text = without_context(_text(messages[last]))
    told = [_text(message) for message in messages[last + 1 :] if message["role"] == "tool"]
    word, _, rest = text.partition(" ")
    if told and word == "run":
        return streamed({"content": f"The code gave: {told[-1][:200]}"})
    if told and word == "functions":
        return streamed({"content": "They gave: " + ", ".join(told)})
    if word == "run":
        return _calls({"name": "run_python", "arguments": {"code": rest}})
    if word == "functions":
        return _calls(*json.loads(rest))
    if word == "markdown":
        return streamed({"content": MARKDOWN})
    if word == "long":
        pieces: list[Any] = []
        for at in range(0, len(LONG), 20):
            pieces += [chunk({"content": LONG[at : at + 20]}), 0.004]
        return events(*pieces, chunk({}, "stop"))
    if word == "slow":
        words: list[Any] = []
        for number in range(600):
            words += [chunk({"content": f"word{number} "}), 0.1]
        return events(*words, chunk({}, "stop"))
    return streamed({"content": f"You said: {text}"})


def _text(message: dict[str, Any]) -> str:
    content = message["content"] or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _calls(*functions: dict[str, Any]) -> Reply:
    calls = [
        {
            "index": number,
            "id": f"call_{number + 1}",
            "type": "function",
            "function": {"name": each["name"], "arguments": json.dumps(each["arguments"])},
        }
        for number, each in enumerate(functions)
    ]
    return streamed({"tool_calls": calls}, finish="tool_calls")
