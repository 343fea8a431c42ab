"""``status``, ``doctor``, ``vars`` and ``cost``: what a question goes through, sends and takes."""

from __future__ import annotations

from urllib.parse import quote

from jupyter_assistants.client.assistants import thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.listing import table, text_block
from jupyter_assistants.ipython.commands.threads import thread_of
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.untrusted import fenced, plain
from jupyter_assistants.kernels.variables import summary
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.redaction import Masker


async def _status(state: State, line: str) -> list[Block]:
    client = await state.client()
    assert state.found is not None
    models = await client.request("GET", "/models")
    default = models["data"][0]["id"] if models["data"] else "none"
    rows = [
        ["Runs go through", client.where],
        ["Because", state.found.why],
        ["Assistant", await _name_of(client, state.assistant)],
        ["Default model", state.model or default],
        ["Thread", state.thread_id or "none yet"],
        ["Notebook folder", str(state.home)],
    ]
    return [table(("", ""), rows, "")]


async def _name_of(client: Client, assistant: str) -> str:
    if not assistant.startswith("asst_"):
        return assistant
    try:
        found = await client.request("GET", f"/assistants/{quote(assistant, safe='')}")
    except NotFound:
        return f"{assistant} (deleted)"
    return str(found.get("name") or assistant)


async def _doctor(state: State, line: str) -> list[Block]:
    from jupyter_assistants.client.doctor import examine, text

    client = await state.client()
    assert state.found is not None
    return [Block({"text/plain": text(await examine(client, state.found.why))})]


async def _vars(state: State, line: str) -> list[Block]:
    shell = state.shell
    found = summary(shell.user_ns, hidden=shell.user_ns_hidden, rows=state.context_rows)
    if not found:
        return [text_block("No variables yet, so nothing of them is sent.")]
    sent = (
        "Models are told this of your variables:"
        if state.context
        else "Models are told nothing (AssistantMagics.context is off); it would be:"
    )
    masked = Masker().text(found)
    return [
        Block(
            {
                "text/markdown": f"{sent}\n\n{fenced(masked, 'text')}",
                "text/plain": f"{sent}\n{plain(masked)}",
            }
        )
    ]


async def _cost(state: State, line: str) -> list[Block]:
    thread_id = thread_of(state, line)
    usage = await (await state.client()).request("GET", f"{thread_path(thread_id)}/usage")
    rows = [[m["model"], *_figures(m)] for m in usage["models"]]
    rows += [["All", *_figures(usage)]] if len(rows) > 1 else []
    blocks = [table(("Model", "Runs", "Prompt", "Answer", "Tokens", "Cost"), rows, "No runs yet.")]
    if rows and usage["cost"] is None:
        blocks.append(
            text_block("Without prices there is no sum: c.JupyterAssistantsApp.prices sets them.")
        )
    return blocks


def _figures(usage: Json) -> list[str]:
    counts = [usage[n] for n in ("runs", "prompt_tokens", "completion_tokens", "total_tokens")]
    cost = usage["cost"]
    return [*(f"{count:,}" for count in counts), "unknown" if cost is None else f"${cost:,.4f}"]


WORDS = (
    Word("status", "status", "show which server and model answer, and why", _status),
    Word("doctor", "doctor", "look for what does not work, and say what to do", _doctor),
    Word("vars", "vars", "show what models are told of your variables", _vars, here=True),
    Word(
        "cost",
        "cost [THREAD]",
        "show what a thread took: runs, tokens, money",
        _cost,
        completes=("threads",),
    ),
)
