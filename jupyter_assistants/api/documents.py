"""Texts of files by location: what a citation leads to. Extension beyond the hosted API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.protocol.documents import (
    MOST_BLOCKS,
    MOST_CHARACTERS,
    DocumentBlock,
    DocumentQuery,
    DocumentText,
)
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.locations import FilePlace
from jupyter_assistants.retrieval.base import Block, FileText, Unreadable
from jupyter_assistants.retrieval.ingestion.queue import Ingestion

_BEFORE = 3
"""Blocks before a citation that are shown along with it."""


@dataclass(frozen=True)
class Documents:
    """Operations on the texts of files."""

    ingestion: Ingestion

    async def get(self, file: File, query: DocumentQuery) -> DocumentText:
        """Return a file's text as it was parsed, by location. Extension.

        Raises
        ------
        InvalidRequest
            If the file is of a type without text, or cannot be read.
        """
        try:
            blocks = await self.ingestion.parsed(file)
        except Unreadable as error:
            text = f"The text of {file.filename} cannot be shown: {error.message}"
            raise InvalidRequest(text, code=error.kind) from None
        return await asyncio.to_thread(_document, file, blocks, query)

    async def view(self, file: File, query: DocumentQuery) -> DocumentText:
        """Show a file's text in a browser, at a location, with a citation highlighted. Extension."""
        return await self.get(file, query)


def _document(file: File, blocks: Sequence[Block], query: DocumentQuery) -> DocumentText:
    text = FileText(blocks)
    first = query.first
    if first is None:
        first = _first(text, query.start or 0)
    shown: list[DocumentBlock] = []
    characters = 0
    for number in range(max(0, first), min(len(blocks), first + MOST_BLOCKS)):
        characters += len(blocks[number].text)
        if shown and characters > MOST_CHARACTERS:
            break
        shown.append(_block(blocks[number], text.start_of(number)))
    return DocumentText(
        file_id=file.id,
        filename=file.filename,
        bytes=file.bytes,
        data=shown,
        first=first,
        total=len(blocks),
        has_more=first + len(shown) < len(blocks),
        quote_start=query.start,
        quote_end=query.end,
    )


def _first(text: FileText, start: int) -> int:
    """Return the first block of a part that shows ``start``: the file's first, if possible."""
    cited, at = text.at(start)
    fits = cited < MOST_BLOCKS and at + len(text.blocks[cited].text) <= MOST_CHARACTERS
    return 0 if fits else max(0, cited - _BEFORE)


def _block(block: Block, start: int) -> DocumentBlock:
    return DocumentBlock(
        place=FilePlace.model_validate(block.location.to_json()),
        label=block.location.label or None,
        kind=block.kind,
        head=block.head or None,
        text=block.text,
        start=start,
    )
