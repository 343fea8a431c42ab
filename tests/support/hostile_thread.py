"""Threads in which everything that can be shown is an attack, and a model that writes more of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import openai

from support.browser import expect
from support.lab import Lab
from support.panel_page import PanelPage, ask
from support.upstream import Reply, refused, streamed
from support.waiting import until

TYPES = ("text/markdown", "image/svg+xml", "text/latex", "text/plain", "application/json")
PIECE = 97
"""Characters of a delta; no attack begins or ends with one."""


@dataclass(frozen=True)
class HostileThread:
    """A thread that is full of attacks.

    Parameters
    ----------
    beside
        Paths of the files, vector stores and assistants that were made for it.
    """

    id: str
    run_id: str
    title: str
    beside: Sequence[str] = ()

    def delete(self, lab: Lab) -> None:
        """Delete it with all that was made for it, so that lists do not grow from batch to batch."""
        for path in (f"/threads/{self.id}", *self.beside):
            ask(lab, "DELETE", path)


def hostile_reply(body: dict[str, Any], batches: Sequence[Sequence[str]]) -> Reply:
    """Answer with the attacks of the batch that the last question names.

    ``please-stream N`` asks for an answer, ``please-batch N`` for code, and then for an error.
    """
    users = [each for each in body["messages"] if each["role"] == "user"]
    (found,) = re.findall(r"please-(stream|batch) (\d+)", str(users[-1]["content"]))[-1:]
    batch = batches[int(found[1])]
    if found[0] == "stream":
        # What opens a block of code goes last, so that it hides no other attack.
        text = "\n\n".join(sorted(batch, key=lambda each: "```" in each or "~~~" in each))
        pieces = (text[at : at + PIECE] for at in range(0, len(text), PIECE))
        return streamed(*({"content": piece} for piece in pieces))
    if body["messages"][-1]["role"] == "user":
        call = {"name": "run_python", "arguments": json.dumps({"code": "\n".join(batch)})}
        wanted = {"index": 0, "id": "call_1", "type": "function", "function": call}
        return streamed({"tool_calls": [wanted]}, finish="tool_calls")
    return refused(400, "\n".join(batch))


def fill_thread(lab: Lab, batch: Sequence[str], number: int) -> HostileThread:
    """Put each attack of a batch into a message, a citation, an output, a name and an error."""
    client = openai.OpenAI(base_url=f"{lab.url}/assistants/v1", api_key=lab.token)
    title = f"thread {number:03}: {batch[0]}"[:500]
    beside = []
    for text in batch:
        beside.append(f"/files/{_upload(client, text)}")
        store = ask(lab, "POST", "/vector_stores", {"name": text[:256]})
        beside.append(f"/vector_stores/{store['id']}")
    file_id = _upload(client, "a.txt")
    entries = [_message(text, file_id) for text in batch]
    body = {
        "object": "thread.export",
        "version": 1,
        "thread": {"metadata": {"title": title}},
        "entries": entries,
    }
    thread = ask(lab, "POST", "/threads/import", body)["id"]
    assistants = [ask(lab, "POST", "/assistants", each)["id"] for each in _assistants(batch)]
    beside += [f"/assistants/{each}" for each in assistants]
    run = {
        "assistant_id": assistants[0],
        "additional_messages": [{"role": "user", "content": f"please-batch {number}"}],
        "jupyter": {"place": "caller", "approval": "auto"},
    }
    run = ask(lab, "POST", f"/threads/{thread}/runs", run)
    run = _wait_for(lab, run, "requires_action")
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    given = {
        "status": "ok",
        "outputs": list(_outputs(batch)),
        "files": [{"name": text, "file_id": file_id} for text in batch],
        "note": "\n".join(batch),
        "seconds": 0.1,
    }
    outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "", "jupyter": given}]}
    path = f"/threads/{thread}/runs/{run['id']}/submit_tool_outputs"
    _wait_for(lab, ask(lab, "POST", path, outputs), "failed")
    return HostileThread(thread, run["id"], title, beside)


CODE = {"type": "code_interpreter"}


def _message(text: str, file_id: str) -> dict[str, Any]:
    value = f"{text} 【1:0†source】"
    place = {"place": {"headings": [text]}, "label": text, "start": 0, "end": 4}
    annotation = {
        "type": "file_citation",
        "text": "【1:0†source】",
        "start_index": len(text) + 1,
        "end_index": len(value),
        "file_citation": {"file_id": file_id},
        "jupyter": {**place, "quote": text, "score": 1.0},
    }
    return {
        "id": "msg_1",
        "object": "thread.message",
        "created_at": 1,
        "thread_id": "thread_1",
        "role": "assistant",
        "content": [{"type": "text", "text": {"value": value, "annotations": [annotation]}}],
    }


def _outputs(batch: Sequence[str]) -> Iterator[dict[str, Any]]:
    for at, text in enumerate(batch):
        yield {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}
        kind = at % (len(TYPES) + 2)
        if kind < len(TYPES):
            data = {TYPES[kind]: {text: text} if TYPES[kind].endswith("json") else text}
            yield {"output_type": "display_data", "data": data, "metadata": {}}
        elif kind == len(TYPES):
            yield {"output_type": "stream", "name": "stderr", "text": text}
        else:
            yield {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}


def _assistants(batch: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Attack by every field of an assistant; the first one, which runs, has all attacks in it."""
    function = {"name": "f", "description": "\n".join(batch)[:1024]}
    for text in batch:
        first = text is batch[0]
        yield {
            "name": text,
            "description": text[:512],
            "model": "attacker" if first else text,
            "instructions": "\n".join(batch) if first else text,
            "metadata": {"note": text[:512]},
            "tools": [CODE, {"type": "function", "function": function}] if first else [CODE],
        }


def _upload(client: openai.OpenAI, name: str) -> str:
    return client.files.create(file=(name, b"text"), purpose="assistants").id


def _wait_for(lab: Lab, run: dict[str, Any], status: str) -> dict[str, Any]:
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"

    def reached() -> dict[str, Any] | None:
        now: dict[str, Any] = ask(lab, "GET", path)
        return now if now["status"] == status else None

    return until(reached)


_DRAW_ALL = """async root => {
  for (const each of root.querySelectorAll('article.jp-mod-assistant')) {
    const id = each.dataset.messageId;
    const drawn = () => root.querySelector(`[data-message-id="${id}"] .jp-Assistants-markdown`);
    while (!drawn()) {
      root.querySelector(`[data-message-id="${id}"]`).scrollIntoView();
      await new Promise(requestAnimationFrame);
    }
    drawn().dispatchEvent(new Event('input', {bubbles: true}));
  }
}"""


def open_thread(panel: PanelPage, title: str, count: int) -> None:
    """Open the thread of a batch and draw every one of its messages."""
    panel.panel.get_by_role("button", name="Show all threads").click()
    start = title[:11]
    panel.panel.locator(".jp-Assistants-threadOpen").filter(has_text=start).click()
    expect(panel.answer).to_have_attribute("data-status", "failed")
    # The newest part is read at first; what is above comes when one scrolls there.
    panel.thread.evaluate("node => { node.scrollTop = 0; }")
    expect(panel.thread.get_by_role("article", name="Assistant")).to_have_count(count)
    # What is far from what is seen is drawn when one comes near, and stays so if it was used.

    def all_drawn() -> bool:
        panel.thread.evaluate(_DRAW_ALL)
        return panel.thread.locator(".jp-Assistants-markdown").count() >= count

    until(all_drawn)
