"""What the formats of office programs have in common: they are ZIP files with XML inside.

What a hostile one can do: unpack to terabytes, nest a million elements, name entities that grow or
that point to files and addresses. The sizes are looked at before anything is unpacked, entities
are not resolved by the libraries, macros are never run, and the process is limited.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Unreadable

MOST_PARTS = 10_000
MOST_UNPACKED = 512 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 0x1


def opened(stream: BinaryIO, program: str) -> BinaryIO:
    """Return a file of an office program, looked at from outside.

    Raises
    ------
    Unreadable
        If it is protected, or would unpack to too much.
    """
    content = stream.read()
    if content.startswith(_OLE):
        message = (
            f"The file is protected by a password, or in the format of {program} before 2007. "
            "Save it anew without a password."
        )
        raise Unreadable("unsupported_file", message)
    packed = io.BytesIO(content)
    parts = zipfile.ZipFile(packed).infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        message = (
            f"The file would unpack to {unpacked / 1024**2:,.0f} MB in {len(parts):,} parts; the "
            f"limits are {MOST_UNPACKED // 1024**2} MB and {MOST_PARTS:,} parts."
        )
        raise Unreadable("invalid_file", message)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        message = "Parts of the file are protected by a password. Save it anew without one."
        raise Unreadable("unsupported_file", message)
    packed.seek(0)
    return packed


@contextlib.contextmanager
def readable(extension: str, program: str) -> Iterator[None]:
    """Turn what the libraries raise on broken files into one clear error."""
    from lxml.etree import LxmlError

    wrong: list[type[Exception]] = [zipfile.BadZipFile, zlib.error, LxmlError, SyntaxError]
    wrong += [LookupError, ValueError, AttributeError, TypeError, NotImplementedError, OSError]
    wrong += [AssertionError, RecursionError, OverflowError, EOFError]
    try:
        yield
    except tuple(wrong) as error:
        message = f"The file is no readable {program} file (.{extension})."
        raise Unreadable("invalid_file", message) from error


def parsed_part(content: bytes) -> Any:
    """Return the root of a part's XML. Entities are not resolved, and nothing is loaded."""
    from lxml import etree

    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def name_of(element: Any) -> str:
    """Return an element's name without its namespace; nothing for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def drawn_paragraphs(root: Any) -> list[str]:
    """Return the text of each paragraph of a drawing: text boxes, SmartArt, titles of charts."""
    texts = (
        "".join(run.text or "" for run in paragraph.iter("{*}t"))
        for paragraph in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p")
    )
    return [text for text in texts if text.strip()]


def joined_row(cells: Iterator[str]) -> str:
    """Return the cells of a row of a table as a line."""
    # Merged cells come once for each column that they span.
    texts = [" ".join(text.split()) for text in cells]
    return " | ".join(text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1])
