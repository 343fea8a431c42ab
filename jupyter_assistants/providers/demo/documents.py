"""Questions about text files: the demo model searches them, and quotes what fits best."""

from __future__ import annotations

import re

from jupyter_assistants.providers.base import ModelRequest
from jupyter_assistants.providers.demo.history import RUN_PYTHON, Turn
from jupyter_assistants.providers.demo.requests import is_wish
from jupyter_assistants.providers.demo.sources import kind_of
from jupyter_assistants.schema.tools import NamedToolChoice

FILE_SEARCH = "file_search"
NOTHING = (
    "I searched the files and found no passage that shares a word with your question. The demo "
    "model compares words only; ask in the words of the files."
)
_RESULT = re.compile(
    r"^(?P<mark>【\d+:\d+†(?P<name>[^【】]*)】)(?: \((?P<place>[^()\n]*)\))?\n", re.M
)
_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LONGEST = 400


def wants_search(request: ModelRequest, turn: Turn) -> bool:
    """Tell whether this question is to be looked up in files."""
    names = {tool.name for tool in request.tools}
    if FILE_SEARCH not in names or turn.exchanges or not turn.question:
        return False
    choice = request.tool_choice
    if isinstance(choice, NamedToolChoice):
        return choice.type == FILE_SEARCH
    if choice == "none":
        return False
    has_table = any(kind_of(name) for name in turn.files)
    return RUN_PYTHON not in names or not (has_table or is_wish(turn.question))


def quote(question: str, output: str) -> str:
    """Give the sentence of the best passage that fits best, with its mark."""
    results = list(_RESULT.finditer(output))
    if not results:
        return NOTHING
    first = results[0]
    end = results[1].start() if len(results) > 1 else output.rfind("\n\n")
    sentences = [each.strip() for each in _END.split(output[first.end() : end]) if each.strip()]
    asked = _stems(question)
    best = max(sentences, key=lambda each: len(asked & _stems(each)), default="")
    place = f", {first['place']}" if first["place"] else ""
    return f"{first['name']}{place}: “{best[:_LONGEST]}” {first['mark']}"


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w{3,}", text.lower())}
