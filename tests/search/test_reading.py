"""Every supported type of file is read, and what cannot be read says why."""

from __future__ import annotations

import asyncio
import io
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from jupyter_assistants.search import parsers, reading
from jupyter_assistants.search.blocks import Block, Unreadable
from jupyter_assistants.search.reading import FileReader

DOCUMENTS = Path(__file__).parent.parent / "data" / "documents"
DOCUMENTED = "c cpp cs css docx go html java js json md pdf php pptx py rb sh tex ts txt"


async def read(tmp_path: Path, name: str, content: bytes | str) -> list[Block]:
    """Read a file with this content."""
    raw = content.encode() if isinstance(content, str) else content
    path = tmp_path / "content"
    path.write_bytes(raw)
    with path.open("rb") as stream:
        return list(await FileReader().read(name, stream))


async def refused(tmp_path: Path, name: str, content: bytes | str) -> tuple[str, str]:
    with pytest.raises(Unreadable) as error:
        await read(tmp_path, name, content)
    return error.value.kind, error.value.message


@pytest.mark.parametrize("extension", DOCUMENTED.split())
def test_every_documented_type_but_old_word_is_supported(extension: str) -> None:
    assert FileReader().supports(f"A file.{extension.upper()}")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.doc", "a.png", "a.zip", "txt", ".txt"])
def test_other_types_are_not(name: str) -> None:
    assert not FileReader().supports(name)


@pytest.mark.parametrize(
    "raw",
    [
        b"Gr\xc3\xbc\xc3\x9fe",
        b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe",
        "Grüße".encode("utf-16"),
        "Grüße".encode("utf-16-le"),
        "Grüße".encode("utf-16-be"),
    ],
)
async def test_text_is_read_in_every_documented_encoding(tmp_path: Path, raw: bytes) -> None:
    assert await read(tmp_path, "a.txt", raw) == [Block("Grüße")]


@pytest.mark.parametrize("raw", [b"Gr\xfc\xdfe", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"a\x00b"])
async def test_other_bytes_are_no_text(tmp_path: Path, raw: bytes) -> None:
    kind, message = await refused(tmp_path, "a.md", raw)
    assert kind == "invalid_file" and "UTF-8" in message


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
async def test_an_empty_file_is_invalid(tmp_path: Path, name: str) -> None:
    assert await refused(tmp_path, name, " \n") == ("invalid_file", "The file is empty.")


async def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    blocks = await read(tmp_path, "a.pdf", (DOCUMENTS / "four_pages.pdf").read_bytes())
    assert [block.place.label for block in blocks] == ["page 1", "page 2", "page 3", "page 4"]
    assert blocks[0].text.startswith("Hello, here is some text without a meaning.")


async def test_a_protected_pdf_says_so(tmp_path: Path) -> None:
    content = (DOCUMENTS / "password.pdf").read_bytes()
    kind, message = await refused(tmp_path, "a.pdf", content)
    assert kind == "unsupported_file" and "password" in message


async def test_a_pdf_without_text_says_that_it_may_be_a_scan(tmp_path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    raw = io.BytesIO()
    document.save(raw)
    kind, message = await refused(tmp_path, "a.pdf", raw.getvalue())
    assert kind == "unsupported_file" and "scan" in message


async def test_a_word_file_is_read_with_its_tables(tmp_path: Path) -> None:
    (block,) = await read(tmp_path, "a.docx", (DOCUMENTS / "rich_cells.docx").read_bytes())
    assert block.text.startswith("Table with rich cells\nColumn A | Column B\n")


async def test_slides_are_read_one_by_one(tmp_path: Path) -> None:
    content = (DOCUMENTS / "powerpoint_sample.pptx").read_bytes()
    blocks = await read(tmp_path, "a.pptx", content)
    assert [block.place.label for block in blocks] == ["slide 1", "slide 2", "slide 3"]
    assert "Class1" in blocks[0].text


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx"])
@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing more", b"%PDF-1.7 nothing more", b"\x00"])
async def test_a_broken_file_is_invalid(tmp_path: Path, name: str, content: bytes) -> None:
    kind, message = await refused(tmp_path, name, content)
    assert kind == "invalid_file" and "no readable" in message


async def test_an_office_file_of_before_2007_is_unsupported(tmp_path: Path) -> None:
    kind, message = await refused(tmp_path, "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100)
    assert kind == "unsupported_file" and "before 2007" in message


async def test_html_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    page = (
        "<html><head><title>T</title><style>p {}</style></head><body><h1>Ducks</h1>"
        "<p>They&nbsp;eat <b>bread</b> &amp; corn.</p><script>evil()</script>"
        "<table><tr><td>1</td><td>2</td></tr></table></body></html>"
    )
    (block,) = await read(tmp_path, "a.html", page)
    assert block.text == "Ducks\nThey eat bread & corn.\n1 2"


async def test_a_parser_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<p>text</p>")
    started = time.monotonic()
    with path.open("rb") as stream, pytest.raises(Unreadable, match="within 0 seconds"):
        await FileReader(seconds=0.01).read("a.html", stream)
    assert time.monotonic() - started < 5


async def test_a_parser_that_dies_fails_its_file_alone(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="the parser gave up"):
        reading._blocks("pdf", b"")


async def test_reading_is_ended_with_its_task(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes((DOCUMENTS / "four_pages.pdf").read_bytes())

    async def work(stream: BinaryIO) -> None:
        await FileReader().read("a.pdf", stream)

    with path.open("rb") as stream:
        task = asyncio.create_task(work(stream))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait({task}, timeout=5)
    assert task.cancelled()


def test_the_parsers_can_be_used_without_their_process() -> None:
    with (DOCUMENTS / "four_pages.pdf").open("rb") as stream:
        assert len(parsers.parse("pdf", stream)) == 4
