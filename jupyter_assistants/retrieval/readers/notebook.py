"""Notebooks, cell by cell, with the text of their outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.retrieval.blocks import Block, PartCount, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.text import read_text

_LONGEST_OUTPUT = 4000


class NotebookReader(Reader):
    """Notebooks: each cell's source, and what it printed or showed as text."""

    extensions = ("ipynb",)

    def read(self, stream: BinaryIO) -> Iterator[Block | PartCount]:
        """See :meth:`.base.Reader.read`."""
        # Read as plain JSON: a notebook that is not quite valid can be searched as well.
        try:
            notebook = parse_untrusted(read_text(stream))
        except ValueError:
            raise Unreadable("invalid_file", "The file is no readable notebook.") from None
        cells = _cells(notebook)
        if cells is None:
            raise Unreadable("invalid_file", "The file is no readable notebook: it has no cells.")
        yield PartCount(len(cells))
        for number, cell in enumerate(cells, 1):
            if not isinstance(cell, dict):
                continue
            source = _joined(cell.get("source", cell.get("input"))).rstrip()
            if source.strip():
                kind = "code" if cell.get("cell_type") == "code" else "text"
                place = Location(cell=number, lines=(1, source.count("\n") + 1))
                yield Block(source, place, kind)  # type: ignore[arg-type]
            outputs = cell.get("outputs")
            shown = "\n".join(_output_texts(outputs if isinstance(outputs, list) else [])).strip()
            if shown:
                yield Block(shown[:_LONGEST_OUTPUT], Location(cell=number), "code")


def _cells(notebook: Any) -> list[Any] | None:
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        # Notebooks of before 2014.
        sheets = [each for each in notebook["worksheets"] if isinstance(each, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
    return cells if isinstance(cells, list) else None


def _output_texts(outputs: list[Any]) -> Iterator[str]:
    for output in outputs:
        if isinstance(output, dict):
            data = output.get("data")
            plain = data.get("text/plain") if isinstance(data, dict) else None
            yield _joined(output.get("text", plain))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""
