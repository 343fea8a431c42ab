"""Opening files at a place: what a citation leads to. Extension beyond the hosted API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jupyter_assistants.api.base import Operations
from jupyter_assistants.protocol.documents import (
    MOST_BLOCKS,
    MOST_CHARACTERS,
    DocumentBlock,
    DocumentPage,
    DocumentQuery,
    DocumentText,
)
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.locations import FilePlace
from jupyter_assistants.retrieval.base import Block, FileText, Unreadable

_BEFORE = 3
"""How many blocks in front of a citation are shown along with it."""


class DocumentOperations(Operations):
    """Gives the text of files, by place."""

    async def get_file_text(self, owner: str, file_id: str, query: DocumentQuery) -> DocumentText:
        """Return a file's text as it was parsed, by place. Extension.

        Raises
        ------
        InvalidRequest
            If the file is of a type without text, or cannot be read.
        """
        file = await self.get(File, file_id, owner)
        try:
            blocks = await self.ingestion.parsed(file)
        except Unreadable as error:
            text = f"The text of {file.filename} cannot be shown: {error.message}"
            raise InvalidRequest(text, code=error.kind) from None
        return await asyncio.to_thread(_document, file, blocks, query)

    async def view_file(self, owner: str, file_id: str, query: DocumentQuery) -> DocumentPage:
        """Show a file's text in a browser, at a place, with a citation highlighted. Extension."""
        return DocumentPage(text=await self.get_file_text(owner, file_id, query))


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
    """Return the block to begin with so that the one at ``start`` is shown: the file's, if possible."""
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
