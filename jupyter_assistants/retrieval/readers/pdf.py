"""PDF, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block, PartCount, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader

MOST_PAGES = 20_000
_MOST_BROKEN = 100


class PdfReader(Reader):
    """PDF documents: a block for each page with text."""

    extensions = ("pdf",)
    # The texts of pages are in this encoding, whose module is loaded with the first one.
    libraries = ("pypdfium2", "encodings.utf_16_le")
    opens_files = False

    def read(self, stream: BinaryIO) -> Iterator[Block | PartCount]:
        """See :meth:`.base.Reader.read`."""
        import pypdfium2

        try:
            document = pypdfium2.PdfDocument(stream.read())
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                message = "The PDF is protected by a password. Remove it and upload the file again."
                raise Unreadable("unsupported_file", message) from None
            raise Unreadable("invalid_file", "The file is no readable PDF.") from None
        pages = len(document)
        if pages > MOST_PAGES:
            message = f"The PDF says that it has {pages:,} pages; {MOST_PAGES:,} is the limit."
            raise Unreadable("invalid_file", message)
        yield PartCount(pages)
        broken = found = 0
        for number in range(pages):
            try:
                text = _text(document, number)
            except pypdfium2.PdfiumError:
                broken += 1
                if broken > _MOST_BROKEN and not found:
                    break
                continue
            if text:
                found += 1
                yield Block(text, Location(page=number + 1))
        if not found and broken:
            raise Unreadable("invalid_file", "The PDF's pages are broken.")
        if not found:
            message = "The PDF holds no text; it may be a scan. Run a text recognition on it first."
            raise Unreadable("unsupported_file", message)


def _text(document: object, number: int) -> str:
    page = document[number]  # type: ignore[index]
    words = page.get_textpage()
    text = str(words.get_text_bounded())
    # Thousands of open pages hold hundreds of megabytes.
    words.close()
    page.close()
    return text.replace("\r\n", "\n").replace("\0", "").strip()
