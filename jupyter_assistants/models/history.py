"""What the histories of both APIs share: outputs by call, valid arguments, images as addresses."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import string
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_assistants.models.base import FunctionCall, FunctionOutput, HistoryEntry, Image
from jupyter_assistants.models.tokens import IMAGE_TOKENS, estimate
from jupyter_assistants.protocol.json_text import parse_untrusted

CODE_TOOL = "run_python"
"""The code interpreter's name on the wire: a function named ``python`` breaks gpt-oss."""

TOOL_TYPES = {CODE_TOOL: "code_interpreter"}
"""What people call tools that have another name on the wire."""

NO_OUTPUT = "no output"
"""The output of a call that has none: every endpoint requires one for each call."""

AFTER_RESULTS = "I have the results."
"""Said by the model between its tools' results and a message of the user, where roles must alternate."""

BEFORE_ANSWER = "(The assistant begins.)"
"""Said by the user before a thread that begins with the model, where roles must alternate."""

CALL_ID_LENGTH = 9
"""Of letters and digits: the templates of Mistral's models accept no other ids, whoever serves them."""
_LETTERS = string.ascii_letters + string.digits
_WIRE_ID = re.compile(rf"[a-zA-Z0-9]{{{CALL_ID_LENGTH}}}")

ANSWER_IMAGES = "Images of this answer:"
"""Introduces the images of the model's own messages, which only a user may send."""

TOOL_IMAGES = "[output of the tools above, not from the user: the images that they displayed]"
"""Introduces the images of tools on a wire whose tool messages hold text only."""


class OutputQueue:
    """The outputs of a history, by call id.

    A call id may occur twice (some servers count from ``call_0`` in every answer), so that each
    call takes the next output of its id.
    """

    def __init__(self, history: Sequence[HistoryEntry]) -> None:
        self._outputs: dict[str, deque[FunctionOutput]] = defaultdict(deque)
        for entry in history:
            if isinstance(entry, FunctionOutput):
                self._outputs[entry.call_id].append(entry)

    def next_output(self, call: FunctionCall) -> FunctionOutput:
        """Return the output of a call, or an empty one if it has none."""
        queue = self._outputs[call.call_id]
        return queue.popleft() if queue else FunctionOutput(call.call_id, NO_OUTPUT)


def wire_id(call_id: str) -> str:
    """Return a call's id as every endpoint accepts it, the same for the same call."""
    if _WIRE_ID.fullmatch(call_id):
        return call_id
    digest = hashlib.sha256(call_id.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:CALL_ID_LENGTH])


def joined_content(one: Any, other: Any, text_type: str) -> Any:
    """Return the contents of two messages as that of one; each is text, None, or parts.

    Parameters
    ----------
    text_type
        The ``type`` of a part that is text.
    """
    if not one or not other:
        return one or other
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    first = [{"type": text_type, "text": one}] if isinstance(one, str) else one
    second = [{"type": text_type, "text": other}] if isinstance(other, str) else other
    if "text" in first[-1] and "text" in second[0]:
        between = {**first[-1], "text": f"{first[-1]['text']}\n\n{second[0]['text']}"}
        return [*first[:-1], between, *second[1:]]
    return [*first, *second]


def called_in_words(name: str, arguments: str) -> str:
    """Return what stands for a call where a template knows none."""
    return f"[call of {name}]\n{arguments}"


def result_in_words(name: str) -> str:
    """Return what introduces a call's result where a template knows none."""
    return f"[result of {name}, not from the user]"


def valid_arguments(call: FunctionCall) -> str:
    """Return the arguments as a JSON object: some servers parse the history and refuse others."""
    try:
        if isinstance(parse_untrusted(call.arguments or "{}"), dict):
            return call.arguments or "{}"
    except ValueError:
        pass
    # What was refused because it was nearly JSON is not shown to the model as code.
    is_code = call.name == CODE_TOOL and not call.arguments.lstrip().startswith("{")
    return json.dumps({"code" if is_code else "input": call.arguments})


def data_url(image: Image) -> str:
    """Return an image as an address that contains it."""
    return f"data:{image.mime};base64,{base64.b64encode(image.data).decode('ascii')}"


def content_tokens(content: Any) -> int:
    """Estimate the tokens of a message's content: text, or parts of text and images."""
    parts: Sequence[Mapping[str, Any]]
    parts = content if isinstance(content, list) else [{"text": content or ""}]
    return sum(estimate(part["text"]) if "text" in part else IMAGE_TOKENS for part in parts)
