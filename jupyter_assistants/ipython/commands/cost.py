"""``cost``: what a thread has used."""

from __future__ import annotations

from jupyter_assistants.client.assistants import thread_path
from jupyter_assistants.client.base import Json
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    thread_id = state.thread_of(line)
    usage = await (await state.client()).request("GET", f"{thread_path(thread_id)}/usage")
    rows = [[m["model"], *_figures(m)] for m in usage["models"]]
    rows += [["All", *_figures(usage)]] if len(rows) > 1 else []
    blocks = [
        table_block(("Model", "Runs", "Prompt", "Answer", "Tokens", "Cost"), rows, "No runs yet.")
    ]
    if rows and usage["cost"] is None:
        blocks.append(
            text_block("The cost is unknown without prices; set c.JupyterAssistantsApp.prices.")
        )
    return blocks


def _figures(usage: Json) -> list[str]:
    counts = [usage[n] for n in ("runs", "prompt_tokens", "completion_tokens", "total_tokens")]
    cost = usage["cost"]
    return [*(f"{count:,}" for count in counts), "unknown" if cost is None else f"${cost:,.4f}"]


WORD = MagicWord(
    "cost",
    "cost [THREAD]",
    "show what a thread used: runs, tokens, money",
    _run,
    completes=("threads",),
)
