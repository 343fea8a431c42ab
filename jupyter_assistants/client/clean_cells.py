"""The clean cells of a run, and their check in a fresh kernel."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_assistants.client.assistants import every, run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import NotFound

MAX_UPLOAD = 64 * 1024 * 1024


async def newest_cells(client: Client, thread_id: str, run_id: str = "") -> Json:
    """Return the clean cells of a run; without a run's id, of the thread's newest run that has any.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    if run_id:
        return await client.request("GET", f"{run_path(thread_id, run_id)}/cells")
    async for run in every(client, f"{thread_path(thread_id)}/runs"):
        try:
            return await client.request("GET", f"{run_path(thread_id, run['id'])}/cells")
        except NotFound:
            continue
    raise NotFound(f"No run of {thread_id} has run code that worked.")


async def check(client: Client, cells: Json, folder: Path) -> Json:
    """Run cells in a fresh kernel of the service, with the files of this folder that they name."""
    sources = [cell["source"] for cell in cells["cells"]]
    ids = [
        (await client.upload(folder / name, purpose="assistants", filename=name))["id"]
        for name in _named_files(sources, folder)
    ]
    path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells/check"
    return await client.request("POST", path, body={"file_ids": ids})


def missing_files(cells: Json, notebook: Path) -> str:
    """Return a sentence on files that the cells read and that are not where they look; or nothing."""
    # A notebook's kernel works in the folder of the notebook.
    missing = [name for name in cells.get("files") or [] if not (notebook.parent / name).exists()]
    if not missing:
        return ""
    return f"To run it, put beside it what it reads: {', '.join(missing)}."


def verdicts(checked: Json) -> list[list[str]]:
    """Return a row for each checked cell: which it is, how it ended, what differs."""
    rows = []
    for number, cell in enumerate(checked["cells"], 1):
        first = next((line for line in cell["source"].splitlines() if line.strip()), "")
        remarks = [*cell["differences"], *cell["notes"]]
        verdict = "agrees" if cell["agrees"] else "differs"
        rows.append([str(number), first[:60], verdict, "; ".join(remarks)])
    return rows


VERDICT_COLUMNS = ("Cell", "Begins", "Outputs", "What is different")


def _named_files(sources: Sequence[str], folder: Path) -> Iterator[str]:
    """Yield the files of the folder that the code names in its strings, and that it only reads."""
    named: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named[node.value.removeprefix("./")] = None
    for name in named:
        hidden = any(part == "" or part.startswith(".") for part in name.split("/"))
        if hidden or "\\" in name or len(name) > 200:
            continue
        path = folder / name
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_UPLOAD:
            yield name
