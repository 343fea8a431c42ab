"""The parsers' process: ``python -m jupyter_assistants.search.parsers KIND < file``.

Prints ``{"blocks": […]}`` or ``{"error": {…}}``. It ends by itself when the file takes too much
memory or computing time. Nothing here opens a network connection or follows a link in a file.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, BinaryIO

from jupyter_assistants.search.blocks import Block, Unreadable
from jupyter_assistants.search.encodings import decoded
from jupyter_assistants.search.places import Place

MOST_MEMORY = 4 * 1024**3
MOST_SECONDS = 120

_OLE = b"\xd0\xcf\x11\xe0"
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head"})
_LINES = (
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tr ul"
)


def pdf(stream: BinaryIO) -> Iterator[Block]:
    """Give a block for each page with text."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(stream.read())
        for number in range(len(document)):
            text = document[number].get_textpage().get_text_bounded().replace("\r\n", "\n")
            if text.strip():
                yield Block(text.strip(), Place(page=number + 1))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            message = "The PDF is protected by a password. Remove it and upload the file again."
            raise Unreadable("unsupported_file", message) from None
        raise Unreadable("invalid_file", "The file is no readable PDF.") from None


def docx(stream: BinaryIO) -> Iterator[Block]:
    """Give one block: paragraphs and the rows of tables in their order."""
    import docx as python_docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    lines: list[str] = []
    with _office("docx", "Word"):
        document = python_docx.Document(_office_file(stream, "Word"))
        for part in document.iter_inner_content():
            if isinstance(part, Paragraph):
                lines.append(part.text)
            elif isinstance(part, Table):
                lines += [_row(cell.text for cell in row.cells) for row in part.rows]
    yield Block("\n".join(lines).strip())


def pptx(stream: BinaryIO) -> Iterator[Block]:
    """Give a block for each slide with text, its notes included."""
    from pptx import Presentation

    with _office("pptx", "PowerPoint"):
        slides = Presentation(_office_file(stream, "PowerPoint")).slides
        for number, slide in enumerate(slides, 1):
            lines = [text for shape in slide.shapes for text in _shape(shape)]
            if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                lines.append(slide.notes_slide.notes_text_frame.text)
            text = "\n".join(line for line in lines if line.strip())
            if text:
                yield Block(text, Place(slide=number))


def _shape(shape: Any) -> Iterator[str]:
    if getattr(shape, "has_text_frame", False):
        yield shape.text_frame.text
    if getattr(shape, "has_table", False):
        yield from (_row(cell.text for cell in row.cells) for row in shape.table.rows)
    for inner in getattr(shape, "shapes", ()):
        yield from _shape(inner)


def _row(cells: Iterator[str]) -> str:
    # Merged cells come once for each column that they span.
    texts = [text.strip().replace("\n", " ") for text in cells]
    return " | ".join(text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1])


def _office_file(stream: BinaryIO, program: str) -> BinaryIO:
    content = stream.read()
    if content.startswith(_OLE):
        message = (
            f"The file is protected by a password, or in the format of {program} before 2007. "
            "Save it anew without a password."
        )
        raise Unreadable("unsupported_file", message)
    return io.BytesIO(content)


@contextlib.contextmanager
def _office(extension: str, program: str) -> Iterator[None]:
    import zipfile

    from lxml.etree import XMLSyntaxError

    wrong: list[type[Exception]] = [zipfile.BadZipFile, XMLSyntaxError]
    wrong += [KeyError, ValueError, IndexError, AttributeError, NotImplementedError, OSError]
    try:
        yield
    except tuple(wrong) as error:
        message = f"The file is no readable {program} file (.{extension})."
        raise Unreadable("invalid_file", message) from error


class _Text(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []
        self._lines = frozenset(_LINES.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            # An unclosed head ends here at the latest.
            self._silent.clear()
        if tag in self._lines:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        if tag in self._lines:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def html(stream: BinaryIO) -> Iterator[Block]:
    """Give one block: the page's text without its scripts and styles."""
    parser = _Text()
    parser.feed(decoded(stream.read()))
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).splitlines())
    yield Block("\n".join(line for line in lines if line))


PARSERS: dict[str, Callable[[BinaryIO], Iterator[Block]]] = {
    "docx": docx,
    "html": html,
    "pdf": pdf,
    "pptx": pptx,
}


def parse(kind: str, stream: BinaryIO) -> list[Block]:
    """Read a file.

    Raises
    ------
    Unreadable
        If it is broken, protected, or holds no text.
    """
    blocks = list(PARSERS[kind](stream))
    if kind == "pdf" and not blocks:
        message = "The PDF holds no text; it may be a scan. Run a text recognition on it first."
        raise Unreadable("unsupported_file", message)
    return blocks


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit of the caller stays.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def main(kind: str) -> None:
    """Read standard input and print what is in it."""
    _limit()
    try:
        answer: dict[str, Any] = {"blocks": [each.wire() for each in parse(kind, sys.stdin.buffer)]}
    except Unreadable as error:
        answer = {"error": {"code": error.kind, "message": error.message}}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1])
