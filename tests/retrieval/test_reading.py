"""Every supported type of file is read, and what cannot be read says why."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from support.paths import DOCUMENTS

from jupyter_assistants.redaction import MASKED, DocumentMasker
from jupyter_assistants.retrieval import file_reader
from jupyter_assistants.retrieval.blocks import Block, FileText, Unreadable
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.locations import Location

DOCUMENTED = "c cpp cs css doc docx go html java js json md pdf php pptx py rb sh tex ts txt"


# One for all tests: a process of its own for each would import the libraries each time.
READER = FileReader()


async def read(tmp_path: Path, name: str, content: bytes | str) -> list[Block]:
    """Read a file with this content."""
    raw = content.encode() if isinstance(content, str) else content
    path = tmp_path / "content"
    path.write_bytes(raw)
    with path.open("rb") as stream:
        return list(await READER.read(name, stream))


async def refused(tmp_path: Path, name: str, content: bytes | str) -> tuple[str, str]:
    with pytest.raises(Unreadable) as error:
        await read(tmp_path, name, content)
    return error.value.kind, error.value.message


@pytest.mark.parametrize("extension", DOCUMENTED.split())
def test_every_documented_type_is_supported(extension: str) -> None:
    assert FileReader().supports(f"A file.{extension.upper()}")


@pytest.mark.parametrize("name", ["a.xls", "a.ppt", "a.png", "a.zip", "txt", ".txt"])
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
    assert await read(tmp_path, "a.txt", raw) == [Block("Grüße", Location(lines=(1, 1)))]


@pytest.mark.parametrize("raw", [b"Gr\xfc\xdfe", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"a\x00b"])
async def test_other_bytes_are_no_text(tmp_path: Path, raw: bytes) -> None:
    kind, message = await refused(tmp_path, "a.md", raw)
    assert kind == "invalid_file" and "UTF-8" in message


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
async def test_an_empty_file_is_invalid(tmp_path: Path, name: str) -> None:
    assert await refused(tmp_path, name, " \n") == ("invalid_file", "The file is empty.")


async def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    blocks = await read(tmp_path, "a.pdf", (DOCUMENTS / "four_pages.pdf").read_bytes())
    assert [block.location.label for block in blocks] == ["page 1", "page 2", "page 3", "page 4"]
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
    blocks = await read(tmp_path, "a.docx", (DOCUMENTS / "rich_cells.docx").read_bytes())
    assert blocks[0].text.startswith("Table with rich cells")
    assert blocks[1].kind == "table" and blocks[1].text.startswith("Column A | Column B\n")


async def test_an_old_word_file_is_read_with_its_table_and_without_its_fields(
    tmp_path: Path,
) -> None:
    text, table, rest = await read(tmp_path, "a.doc", (DOCUMENTS / "word_sample.doc").read_bytes())
    assert text.text.startswith("Summer activities\nSwimming in the lake\nDuck\n")
    # A field counts the figures; what it shows stays, what makes it does not.
    assert "Figure 1: This is a cute duckling\nLet’s swim!" in text.text
    assert table.kind == "table" and "Leaves | Ash, Elm, Maple | 50\n" in table.text
    assert rest.text == "And let’s add another list in the end:\nLeaves\nBerries\nGrain"
    # A paragraph or a row is a line, counted through the document.
    begin, rows, end = (block.location.lines for block in (text, table, rest))
    assert begin and rows and end and begin[0] == 1 and begin[1] < rows[0] <= rows[1] < end[0]
    assert end[1] - end[0] == 3 and FileText([text, table, rest]).within(rest.location) == rest.text
    assert not any(ord(c) < 32 and c not in "\n\t" for b in (text, table, rest) for c in b.text)


def old_word(*pieces: tuple[str, bool], flags: int = 0, version: int = 0xC1) -> tuple[bytes, bytes]:
    """Return the two streams of an old Word file whose text lies in these pieces, wide or not."""
    raw, bounds, places = bytearray(1024), [0], []
    for text, wide in reversed(pieces):
        places.insert(0, len(raw) if wide else len(raw) * 2 | 0x40000000)
        raw += text.encode("utf-16-le" if wide else "cp1252")
    for text, _ in pieces:
        bounds.append(bounds[-1] + len(text.encode("utf-16-le")) // 2)
    table = struct.pack("<BHHB", 1, 2, 0, 2) + struct.pack("<I", 4 + 12 * len(pieces))
    table += struct.pack(f"<{len(bounds)}I", *bounds)
    table += b"".join(struct.pack("<HIH", 0, place, 0) for place in places)
    struct.pack_into("<HH", raw, 0, 0xA5EC, version)
    struct.pack_into("<H", raw, 10, flags)
    struct.pack_into("<H", raw, 32, 14)
    struct.pack_into("<H", raw, 62, 22)
    struct.pack_into("<i", raw, 64 + 4 * 3, bounds[-1])
    struct.pack_into("<H", raw, 152, 136)
    struct.pack_into("<II", raw, 154 + 8 * 33, 0, len(table))
    return bytes(raw), table


def written(document: bytes, table: bytes) -> bytes:
    """Return the good old Word file with other streams in it, of the sizes that it had."""
    import olefile

    raw = io.BytesIO((DOCUMENTS / "rich_cells.doc").read_bytes())
    with olefile.OleFileIO(raw, write_mode=True) as container:
        for name, content in (("WordDocument", document), ("1Table", table)):
            container.write_stream(name, content.ljust(container.get_size(name), b"\0"))
    return raw.getvalue()


async def test_pieces_of_old_word_come_in_their_order_and_in_both_widths(tmp_path: Path) -> None:
    document, table = old_word(
        ("Ducks “eat” 5 €.\r", False), ("鴨 🦆 ", True), ("swim.", False), flags=0x200
    )
    (block,) = await read(tmp_path, "a.doc", written(document, table))
    assert block.text == "Ducks “eat” 5 €.\n鴨 🦆 swim."


@pytest.mark.parametrize(
    ("flags", "version", "reason"),
    [(0x300, 0xC1, "protected by a password"), (0x200, 0x68, "of Word before 1997")],
)
async def test_old_word_that_cannot_be_read_says_why(
    tmp_path: Path, flags: int, version: int, reason: str
) -> None:
    streams = old_word(("Ducks.", False), flags=flags, version=version)
    kind, message = await refused(tmp_path, "a.doc", written(*streams))
    assert kind == "unsupported_file" and reason in message


async def test_slides_are_read_one_by_one(tmp_path: Path) -> None:
    content = (DOCUMENTS / "powerpoint_sample.pptx").read_bytes()
    blocks = await read(tmp_path, "a.pptx", content)
    labels = [block.location.label for block in blocks]
    assert labels == ["slide 1", "slide 2", "slide 2, Notes", "slide 3", "slide 3, Notes"]
    assert "Class1" in blocks[0].text


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.doc", "a.pptx"])
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


async def test_html_has_the_headings_above_a_text_as_its_place(tmp_path: Path) -> None:
    page = "<h1>A</h1>one<h2>B <b>C</b></h2>two<h1>D</h1><p>three</p>"
    places = [block.location.headings for block in await read(tmp_path, "a.html", page)]
    assert places == [("A",), ("A", "B C"), ("D",)]


async def test_html_is_read_whole_however_deep_it_nests(tmp_path: Path) -> None:
    page = "<div>" * 20_000 + "<p>deep</p>" + "</div>" * 20_000 + "<p>after</p>"
    (block,) = await read(tmp_path, "a.html", page)
    assert block.text == "deep\nafter"


async def test_html_that_names_another_encoding_is_read_as_what_it_is(tmp_path: Path) -> None:
    page = '<meta charset="iso-8859-1"><p>Grüße, 鴨</p>'
    assert [block.text for block in await read(tmp_path, "a.html", page)] == ["Grüße, 鴨"]


HOSTILE_HTML = ["<b>", "<!--", "<script>", "<", "<a b='", "<![", "<?", "&", "<table><tr><td>"]


@pytest.mark.parametrize("piece", [*HOSTILE_HTML, "<b>" * 100_000 + "</i>" * 100_000])
async def test_a_megabyte_of_hostile_html_ends(tmp_path: Path, piece: str) -> None:
    page = piece * (1_000_000 // len(piece)) + "<p>end</p>"
    try:
        assert all("<b>" not in block.text for block in await read(tmp_path, "a.html", page))
    except Unreadable as error:
        assert error.message == "The file is empty."


async def test_markdown_is_read_by_sections_with_their_lines(tmp_path: Path) -> None:
    text = "intro\n\n# A\none\n```\n# no heading\n```\n## B #\ntwo\n# C\n"
    blocks = await read(tmp_path, "a.md", text)
    assert [(block.location.headings, block.location.lines) for block in blocks] == [
        ((), (1, 1)),
        (("A",), (3, 7)),
        (("A", "B"), (8, 9)),
        (("C",), (10, 10)),
    ]


async def test_code_and_text_have_lines(tmp_path: Path) -> None:
    (block,) = await read(tmp_path, "a.py", "\r\n\ndef f():\r\n    pass\n\n")
    assert block == Block("def f():\n    pass", Location(lines=(3, 4)), "code")
    (block,) = await read(tmp_path, "a.txt", "one\ntwo")
    assert block == Block("one\ntwo", Location(lines=(1, 2)))


async def test_a_long_text_comes_in_blocks_that_know_their_lines(tmp_path: Path) -> None:
    lines = [f"line {n} " + "x" * 50 for n in range(1, 20_000)]
    lines[4999] = ""
    blocks = await read(tmp_path, "a.txt", "\n".join(lines))
    assert len(blocks) > 2
    for block in blocks:
        assert block.location.lines is not None
        first, last = block.location.lines
        assert block.text == "\n".join(lines[first - 1 : last])


async def test_csv_is_read_by_rows_with_the_columns_as_head(tmp_path: Path) -> None:
    text = 'name;note\nduck;"eats\nbread; corn"\n;\ngoose;\n'
    one, two = await read(tmp_path, "a.csv", text)
    assert one == Block(
        "name | note\nduck | eats bread; corn", Location(cells="A1:B2"), "table", "name | note"
    )
    assert two == Block("goose", Location(cells="A4:A4"), "table", "name | note")


async def test_sheets_are_read_with_their_cells(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Birds"
    for row in (["name", "mass", "seen"], ["duck", 1.0, datetime.datetime(2026, 1, 2)], [None]):
        book.active.append(row)
    book.active["B5"] = True
    book.create_sheet("Empty")
    raw = io.BytesIO()
    book.save(raw)
    one, two = await read(tmp_path, "a.xlsx", raw.getvalue())
    assert one.text == "name | mass | seen\nduck | 1 | 2026-01-02"
    assert one.location.label == "Birds!A1:C2" and one.head == "name | mass | seen"
    assert two.location.label == "Birds!A5:B5" and two.text == " | True"


async def test_a_notebook_is_read_by_cells_with_what_they_printed(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {
            "cell_type": "code",
            "source": "1 + 1",
            "outputs": [
                {"output_type": "stream", "text": ["printed\n"]},
                {"output_type": "execute_result", "data": {"text/plain": "2", "image/png": "AA"}},
            ],
        },
    ]
    blocks = await read(tmp_path, "a.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    assert blocks == [
        Block("# Title\ntext", Location(cell=1, lines=(1, 2))),
        Block("1 + 1", Location(cell=2, lines=(1, 1)), "code"),
        Block("printed\n\n2", Location(cell=2), "code"),
    ]


async def test_parquet_gives_its_schema_and_a_sample(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    raw = io.BytesIO()
    frame = pandas.DataFrame({"n": range(100), "name": [f"duck {n}" for n in range(100)]})
    frame.to_parquet(raw)
    schema, sample = await read(tmp_path, "a.parquet", raw.getvalue())
    assert schema.text.splitlines()[:2] == ["100 rows, 2 columns", "n: int64"]
    assert sample.text.splitlines()[:2] == ["n | name", "0 | duck 0"]
    assert len(sample.text.splitlines()) == 21 and "duck 20" not in sample.text


async def test_word_sections_have_their_headings(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Birds", 1)
    document.add_paragraph("They fly.")
    document.add_heading("Ducks", 2)
    document.add_table(2, 2).cell(1, 1).text = "quack"
    document.add_paragraph("They swim.")
    raw = io.BytesIO()
    document.save(raw)
    blocks = await read(tmp_path, "a.docx", raw.getvalue())
    assert [(block.text, block.location.label, block.kind) for block in blocks] == [
        ("Birds\nThey fly.", "Birds", "text"),
        ("Ducks", "Birds › Ducks", "text"),
        (" | quack", "Birds › Ducks", "table"),
        ("They swim.", "Birds › Ducks", "text"),
    ]


def long_files() -> Iterator[tuple[str, bytes, int]]:
    """Yield files of many parts, and how many these are."""
    for name, pages in (("four_pages.pdf", 4), ("powerpoint_sample.pptx", 3)):
        yield name, (DOCUMENTS / name).read_bytes(), pages
    yield "many.csv", b"a,b\n" * 3000, 3001
    yield "many.html", b"<p>ducks</p>" * 50_000, 3
    cells = [{"cell_type": "markdown", "source": f"cell {at}"} for at in range(50)]
    yield "many.ipynb", json.dumps({"cells": cells}).encode(), 50
    made = io.BytesIO()
    book = openpyxl.Workbook()
    for _ in range(1500):
        book.active.append(["ducks", 1])
    book.create_sheet("more").append(["geese", 2])
    book.save(made)
    yield "many.xlsx", made.getvalue(), 1501
    made = io.BytesIO()
    document = docx.Document()
    for at in range(450):
        document.add_paragraph(f"paragraph {at}")
    document.save(made)
    # What says how pages look is counted with the paragraphs.
    yield "many.docx", made.getvalue(), 451


@pytest.mark.parametrize(
    ("name", "content", "total"), [pytest.param(*each, id=each[0]) for each in long_files()]
)
async def test_the_parts_of_a_long_file_are_counted_while_they_are_read(
    name: str, content: bytes, total: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reader, "PROGRESS_SECONDS", 0.0)
    told: list[tuple[int, int]] = []
    await READER.read(name, io.BytesIO(content), lambda done, of: told.append((done, of)))
    await asyncio.sleep(0)
    assert len(told) > 1 and {of for _, of in told} == {total} and told == sorted(told)
    assert 0 < told[0][0] < told[-1][0] <= total


# Put together here, so that no scanner of repositories takes them for real.
TOKEN = "ghp_" + "a1B2" * 9
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + ("MIIEow0a" * 8 + "\n") * 3
    + "-----END RSA PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", f"first\nthe token is {TOKEN}\n{KEY}\nlast line"),
        ("settings.py", f'TOKEN = \'{TOKEN}\'\n\n\nKEY = """{KEY}"""\nlast = 1'),
        ("table.csv", f"name,{TOKEN}\nada,{TOKEN}\nbob,hunter\n"),
        ("page.html", f"<h1>Log {TOKEN}</h1><p>curl -H 'Authorization: Bearer {TOKEN}'</p>"),
        ("cells.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": f"k = '{TOKEN}'"}]})),
    ],
)
async def test_secrets_in_a_file_are_neither_indexed_nor_embedded(
    tmp_path: Path, name: str, content: str
) -> None:
    blocks = await read(tmp_path, name, content)
    everything = json.dumps([block.to_json() for block in blocks])
    assert "a1B2" not in everything and "MIIEow" not in everything
    assert MASKED in everything


async def test_lines_behind_a_secret_are_cited_as_they_are_in_the_file(tmp_path: Path) -> None:
    content = f"first\n{KEY}\nlast line"
    file = FileText(await read(tmp_path, "notes.txt", content))
    at = file.text.index("last line")
    number = content.split("\n").index("last line") + 1
    assert file.locate(at, at + 9).lines == (number, number)


async def test_a_private_key_in_paragraphs_of_a_document_is_masked(tmp_path: Path) -> None:
    document, out = docx.Document(), io.BytesIO()
    for line in ["Before.", *KEY.splitlines(), "After it comes text."]:
        document.add_paragraph(line)
    document.save(out)
    text = FileText(await read(tmp_path, "key.docx", out.getvalue())).text
    assert "MIIEow" not in text
    assert text.startswith("Before.") and text.endswith("After it comes text.")


def test_text_behind_the_mention_of_a_key_stays() -> None:
    masker = DocumentMasker()
    parts = ["A key begins with -----BEGIN PRIVATE KEY-----", "It is a file, as you know.", "Yes."]
    assert [masker.text(part) for part in parts][1:] == parts[1:]


async def test_values_of_the_servers_variables_are_masked_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "correct horse\nbattery staple seven")
    content = "It is correct horse\nbattery staple seven, see?\nlast"
    (block,) = await read(tmp_path, "notes.txt", content)
    assert block.text == f"It is {MASKED}\n, see?\nlast"
