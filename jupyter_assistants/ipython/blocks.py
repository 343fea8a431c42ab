"""Display blocks: what a magic shows, in the forms that notebooks, exports and terminals read."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.client.tables import markdown_table, plain_table
from jupyter_assistants.client.text import one_line, plain

Json = dict[str, Any]


@dataclass(frozen=True)
class DisplayBlock:
    """One output of a cell: a mime bundle and its metadata."""

    data: Json
    metadata: Json = field(default_factory=dict)


# An output cannot be removed from a cell, only emptied. nbconvert warns about a bundle without
# any type.
EMPTY_BUNDLE = {"text/html": "", "text/plain": ""}


def text_block(text: str) -> DisplayBlock:
    """Return a sentence as a block."""
    return DisplayBlock({"text/markdown": one_line(text), "text/plain": plain(text)})


def table_block(
    columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str = ""
) -> DisplayBlock:
    """Return a table as a block; the sentence ``empty`` if it has no rows."""
    return DisplayBlock(
        {
            "text/markdown": markdown_table(columns, rows, empty),
            "text/plain": plain_table(columns, rows, empty),
        }
    )


def without_empty_lines(escaped: str) -> str:
    """Return escaped HTML without empty lines: in Markdown files, they would end the HTML."""
    return re.sub(r"\n(?=[ \t]*(?:\n|$))", "&#10;", escaped)


def preformatted(text: str) -> str:
    """Return plain text as escaped HTML for the inside of ``<pre>``."""
    return without_empty_lines(html.escape(text))
