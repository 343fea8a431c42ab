"""A long thread with all that a thread can have, put straight into the store of a JupyterLab.

Making it by runs would take minutes; the store is the same, and so is what the panel reads.
"""

from __future__ import annotations

from typing import Any

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.storage.sql import SqlStorage
from support.lab import Lab
from support.panel_page import ask

_WORDS = "Some **words** and `code`, as models write them. " * 4
_ANSWERS = (
    f"{_WORDS}\n\n```python\nimport math\nprint(math.pi * %d)\n```\n\n- one\n- two",
    f"# Heading %d\n\n{_WORDS}\n\n{_WORDS}\n\n1. first\n2. second\n3. third",
    "The area is $\\pi r^2$ for %d, and\n\n$$\\int_0^1 x^2 dx = \\frac{1}{3}$$\n\nas it should be.",
    "| name | value |\n|---|---|\n| one | %d |\n| two | 2 |\n\n" + _WORDS,
)
_HTML = (
    "<table><tr><th></th><th>a</th></tr>"
    + "".join(f"<tr><td>{row}</td><td>{row * row}</td></tr>" for row in range(6))
    + "</table>"
)


def stored_thread(lab: Lab, messages: int) -> str:
    """Make a thread of so many messages, every second one written by a run; gives its title.

    Answers have Markdown, code, mathematics and tables; every second run ran code before.
    """
    title = f"{messages} messages of runs"
    thread_id = ask(lab, "POST", "/threads", {"metadata": {"title": title}})["id"]
    (database,) = (lab.root.parent / "home").rglob("assistants.db")
    storage = SqlStorage(f"sqlite:///{database}", database.parent / "files")
    try:
        objects: list[WireObject] = []
        for number in range(messages):
            objects += _objects(thread_id, number)
        storage.save(*objects, owner=storage.owner_of(thread_id))
    finally:
        storage.close()
    return title


def _objects(thread_id: str, number: int) -> list[WireObject]:
    """Return one message, and the run and the steps that wrote it if it is an answer."""
    ids = {"thread_id": thread_id, "created_at": 1_700_000_000 + number}
    name = f"{thread_id[7:]}_{number}"
    if number % 2 == 0:
        return [_message(ids, name, "user", f"message {number}\n\nPlease do it.")]
    by = {**ids, "assistant_id": "asst_1", "run_id": f"run_{name}"}
    text = f"message {number}\n\n" + _ANSWERS[number // 2 % len(_ANSWERS)] % number
    message = _message({**by, "status": "completed"}, name, "assistant", text)
    written = {"type": "message_creation", "message_creation": {"message_id": message.id}}
    run = Run.model_validate(
        {
            **ids,
            "id": f"run_{name}",
            "assistant_id": "asst_1",
            "model": "scripted",
            "status": "completed",
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }
    )
    steps = [_step(by, f"step_{name}_b", written)]
    if number % 4 == 1:
        steps.insert(0, _code(by, name, number))
    return [run, *steps, message]


def _message(ids: dict[str, Any], name: str, role: str, text: str) -> Message:
    content = [{"type": "text", "text": {"value": text, "annotations": []}}]
    return Message.model_validate({**ids, "id": f"msg_{name}", "role": role, "content": content})


def _step(by: dict[str, Any], id: str, details: dict[str, Any]) -> RunStep:
    return RunStep.model_validate(
        {
            **by,
            "id": id,
            "type": details["type"],
            "status": "completed",
            "step_details": details,
        }
    )


def _code(by: dict[str, Any], name: str, number: int) -> RunStep:
    call = f"call_{name}"
    body = {"input": f"import pandas as pd\nvalue = {number}\nprint(value)", "outputs": []}
    details = {
        "type": "tool_calls",
        "tool_calls": [{"id": call, "type": "code_interpreter", "code_interpreter": body}],
    }
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": f"{number}\n"},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/plain": "a table", "text/html": _HTML},
        },
    ]
    step = _step(by, f"step_{name}_a", details)
    extension = {"calls": {call: {"outputs": outputs, "seconds": 0.4, "status": "ok"}}}
    return RunStep.model_validate({**step.stored(), "jupyter": extension})
