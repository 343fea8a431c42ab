"""What stands on a sheet of Excel besides its cells: comments and text boxes.

openpyxl reads comments only where it holds the whole workbook in memory, and text boxes never.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.office_package import (
    drawn_paragraphs,
    name_of,
    parsed_part,
)
from jupyter_assistants.retrieval.readers.tabular import column

_WORKBOOK = "xl/workbook.xml"
_CELL = re.compile(r"[A-Z]{1,3}[0-9]{1,7}")
_THREADED = "[Threaded comment]"
"""Begins the copy of a threaded comment that older programs show."""


class SheetParts:
    """The comments and text boxes of a workbook's sheets."""

    def __init__(self, content: BinaryIO) -> None:
        self._package = zipfile.ZipFile(content)
        self._names = frozenset(self._package.namelist())
        ids = {id: part for id, _, part in self._related(_WORKBOOK)}
        self._sheets: Mapping[str, str] = {
            sheet.get("name", ""): ids.get(_relation_id(sheet), "")
            for sheet in (self._root(_WORKBOOK).iter("{*}sheet") if ids else ())
        }

    def blocks(self, sheet: str) -> Iterator[Block]:
        """Yield a block for each comment and each text box of a sheet."""
        for _, kind, part in self._related(self._sheets.get(sheet, "")):
            if kind in ("comments", "threadedComment"):
                found = _comments(self._root(part))
            elif kind == "drawing":
                found = _boxes(self._root(part))
            else:
                continue
            for cell, name, text in found:
                place = Location(sheet=sheet, cells=f"{cell}:{cell}", headings=(name,))
                yield Block(" ".join(text.split()), place, "table")

    def _root(self, part: str) -> Any:
        return parsed_part(self._package.read(part))

    def _related(self, part: str) -> list[tuple[str, str, str]]:
        """Return id, kind and part of everything that a part of the package refers to."""
        folder, name = posixpath.split(part)
        relations = f"{folder}/_rels/{name}.rels"
        if relations not in self._names:
            return []
        found = []
        for each in self._root(relations):
            target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", "")))[1:]
            if each.get("TargetMode") != "External" and target in self._names:
                kind = each.get("Type", "").rpartition("/")[2]
                found.append((each.get("Id", ""), kind, target))
        return found


def _relation_id(sheet: Any) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


def _comments(root: Any) -> Iterator[tuple[str, str, str]]:
    for comment in root.iter("{*}comment", "{*}threadedComment"):
        # Of Japanese text the reading is given as well, which is no part of it.
        pieces = [
            each.text or ""
            for each in comment.iter("{*}t", "{*}text")
            if name_of(each.getparent()) != "rPh"
        ]
        text = "".join(pieces).strip()
        cell = comment.get("ref", "")
        if text and _CELL.fullmatch(cell) and not text.startswith(_THREADED):
            yield cell, "Comment", text


def _boxes(root: Any) -> Iterator[tuple[str, str, str]]:
    for anchor in root:
        text = "\n".join(drawn_paragraphs(anchor))
        start = anchor.find("{*}from")
        if text:
            row, col = (
                (int(start.findtext(f"{{*}}{name}", "0")) for name in ("row", "col"))
                if start is not None
                else (0, 0)
            )
            yield f"{column(col + 1)}{row + 1}", "Text box", text
