"""Assistants, threads and runs, found by the names that people use for them."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import quote

from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.notebook_keys import KERNEL
from jupyter_assistants.protocol.transcript import Transcript, View

DEFAULT_ASSISTANT = "notebook"


async def every(client: Client, path: str, **query: Any) -> AsyncIterator[Json]:
    """Yield all objects of a list, page by page."""
    after: str | None = None
    while True:
        page = await client.request("GET", path, query={"limit": 100, **query, "after": after})
        for item in page["data"]:
            yield item
        if not page.get("has_more"):
            return
        after = page["last_id"]


async def find_assistant(client: Client, name: str, *, model: str | None = None) -> Json:
    """Return the assistant with this id or name; create the default one if it is missing.

    Raises
    ------
    NotFound
        If there is none; the text suggests similar names.
    """
    known = []
    async for assistant in every(client, "/assistants"):
        if name in (assistant["id"], assistant.get("name")):
            return assistant
        known.append(assistant.get("name") or assistant["id"])
    if name == DEFAULT_ASSISTANT:
        return await new_assistant(client, name, model=model)
    raise NotFound(
        f"There is no assistant {name!r}{suggestion(name, known)} `%assistant list` shows all."
    )


async def new_assistant(
    client: Client, name: str, *, model: str | None = None, instructions: str | None = None
) -> Json:
    """Create an assistant that can run code; without instructions it follows the server's."""
    body: Json = {
        "name": name,
        "model": model or "default",
        "tools": [{"type": "code_interpreter"}],
    }
    if instructions:
        body["instructions"] = instructions
    return await client.request("POST", "/assistants", body=body)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that suggests similar names."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else "."


PASSAGES = "step_details.tool_calls[*].file_search.results[*].content"
"""The value of ``include`` that adds the texts of search results."""


def thread_path(thread_id: str) -> str:
    """Return the path of a thread, whose id a person may have typed."""
    return f"/threads/{quote(thread_id, safe='')}"


def run_path(thread_id: str, run_id: str) -> str:
    """Return the path of a run."""
    return f"{thread_path(thread_id)}/runs/{quote(run_id, safe='')}"


async def thread_of_kernel(client: Client, kernel_id: str | None) -> str | None:
    """Return the newest thread of a kernel's notebook, begun by the panel or an earlier cell."""
    if kernel_id is None:
        return None
    query = {"limit": 1, f"metadata[{KERNEL}]": kernel_id}
    page = await client.request("GET", "/threads", query=query)
    return page["data"][0]["id"] if page["data"] else None


async def read_thread(client: Client, thread_id: str) -> View:
    """Return a whole thread, folded from its objects."""
    path = thread_path(thread_id)
    transcript = Transcript()
    runs = [run async for run in every(client, f"{path}/runs", order="asc")]
    async for message in every(client, f"{path}/messages", order="asc"):
        while runs and _before(runs[0], message):
            await _fold_run(client, transcript, runs.pop(0))
        transcript.fold("thread.message.completed", message)
    for run in runs:
        await _fold_run(client, transcript, run)
    return transcript.view()


def _before(run: Json, message: Json) -> bool:
    """Return whether a run's steps come before a message: its own, or one that was added later."""
    return bool(run["id"] == message.get("run_id") or run["created_at"] < message["created_at"])


async def _fold_run(client: Client, transcript: Transcript, run: Json) -> None:
    transcript.fold("thread.run.completed", run)
    path = f"{run_path(run['thread_id'], run['id'])}/steps"
    async for step in every(client, path, order="asc", include=PASSAGES):
        transcript.fold("thread.run.step.completed", step)
