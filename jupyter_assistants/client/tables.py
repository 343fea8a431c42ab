"""Tables of assistants, threads, files and vector stores: their columns, rows and two renderings."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.citations import where
from jupyter_assistants.client.text import file_size, one_line, plain, plain_line

SHOWN = 50
_MAX_TEXT = 240

ASSISTANT_COLUMNS = ("Name", "Model", "Tools", "Id")
THREAD_COLUMNS = ("Title", "Begun", "Id")
STORE_COLUMNS = ("Name", "Files", "State", "Size", "Id")
STORE_FILE_COLUMNS = ("Name", "State", "Size", "Id")
RESULT_COLUMNS = ("Score", "Where", "Text")
FILE_COLUMNS = ("Name", "Size", "Stored", "Purpose", "Id")


def assistant_row(item: Json) -> list[str]:
    """Return the cells of an assistant."""
    tools = ", ".join(tool["type"] for tool in item["tools"])
    return [item.get("name") or "", item["model"], tools, item["id"]]


def thread_row(item: Json) -> list[str]:
    """Return the cells of a thread."""
    return [item["metadata"].get("title", ""), local_time(item["created_at"]), item["id"]]


def file_row(item: Json) -> list[str]:
    """Return the cells of a file."""
    stored = local_time(item["created_at"])
    return [item["filename"], file_size(item["bytes"]), stored, item["purpose"], item["id"]]


def store_row(item: Json) -> list[str]:
    """Return the cells of a vector store."""
    counts = item["file_counts"]
    files = f"{counts['completed']} of {counts['total']}" if counts["total"] else "0"
    state = item["status"].replace("_", " ")
    if counts["failed"]:
        state += f", {counts['failed']} failed"
    return [item["name"], files, state, file_size(item["usage_bytes"]), item["id"]]


def store_file_row(item: Json) -> list[str]:
    """Return the cells of a vector store's file, whose ``name`` the caller has added."""
    reason = (item.get("last_error") or {}).get("message")
    state = item["status"].replace("_", " ")
    return [
        item["name"],
        f"{state}: {reason}" if reason else state,
        file_size(item["usage_bytes"]),
        item["id"],
    ]


def result_row(item: Json) -> list[str]:
    """Return the cells of a passage."""
    text = " ".join(" ".join(part["text"] for part in item["content"]).split())
    shown = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]} …"
    return [f"{item['score']:.2f}", where(item["filename"], item), shown]


def local_time(seconds: int) -> str:
    """Return a time in seconds since the epoch for people, in their time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


async def newest_objects(client: Client, path: str) -> list[Json]:
    """Return the newest objects of a list."""
    page = await client.request("GET", path, query={"limit": SHOWN})
    data: list[Json] = page["data"]
    return data


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    """Return a table as aligned text, or the sentence ``empty`` if it has no rows."""
    if not rows:
        return plain(empty)
    clean = [list(map(plain_line, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *clean, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [columns, *clean]
    )


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    """Return a table as Markdown, or the sentence ``empty`` if it has no rows."""
    if not rows:
        return one_line(empty)
    head = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*head, *(f"| {' | '.join(map(one_line, row))} |" for row in rows)])
