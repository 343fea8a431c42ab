"""What stands beside a file's text is read as well, and says where it stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_assistants.retrieval.base import IndexedDocument
from jupyter_assistants.retrieval.blocks import Block, FileText
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.sqlite import IN_MEMORY, SqliteRows

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


async def read(tmp_path: Path, name: str, content: bytes) -> list[Block]:
    (tmp_path / name).write_bytes(content)
    reader = FileReader()
    try:
        with (tmp_path / name).open("rb") as stream:
            return list(await reader.read(name, stream))
    finally:
        reader.close()


def saved(document: Any) -> bytes:
    raw = io.BytesIO()
    document.save(raw)
    return raw.getvalue()


def changed(content: bytes, parts: Mapping[str, str], **replaced: tuple[str, str]) -> bytes:
    """Return a package with further parts, and with a text in some of its parts replaced."""
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(raw, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("latin-1")
            for part, (before, after) in replaced.items():
                if name.replace("/", "_").replace(".", "_").endswith(part):
                    assert before in data, name
                    data = data.replace(before, after, 1)
            new.writestr(name, data.encode("latin-1"))
        for name, text in parts.items():
            new.writestr(name, text)
    return raw.getvalue()


def labels(blocks: list[Block]) -> dict[str, str]:
    return {block.text: block.location.label for block in blocks}


def answers(blocks: list[Block], query: str) -> list[tuple[str, str]]:
    """Return text and location of the best chunk for a query."""
    index = HybridIndex(SqliteRows(IN_MEMORY))
    cut = chunks(blocks, None)
    index.add(IndexedDocument("vs_1", "file-1", "a", blocks, cut))
    hits = index.search([query], ["vs_1"], limit=1)
    return [(hit.text, hit.location.label) for hit in hits]


async def test_headers_and_footers_of_word_are_read_once(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("The body.")
    document.sections[0].header.paragraphs[0].text = "Confidential memorandum"
    document.sections[0].footer.paragraphs[0].text = "Acme Ltd"
    second = document.add_section()
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "Confidential memorandum"
    second.footer.is_linked_to_previous = False
    second.footer.paragraphs[0].text = "Appendix of 2024"
    blocks = await read(tmp_path, "a.docx", saved(document))
    assert labels(blocks) == {
        "The body.": "",
        "Confidential memorandum": "Header",
        "Acme Ltd": "Footer",
        "Appendix of 2024": "Footer",
    }
    assert len(blocks) == 4


def word_with_notes() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Report", 1)
    document.add_paragraph("BODY")
    box = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>Boxed penguin</w:t></w:r></w:p>"
        "</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r>"
        "<w:t>Boxed penguin</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>"
        '</mc:AlternateContent></w:r><w:ins w:id="9" w:author="A"><w:r><w:t> inserted</w:t></w:r></w:ins>'
        '<w:del w:id="8" w:author="A"><w:r><w:delText> deleted</w:delText></w:r></w:del>'
        "</w:p><w:sdt><w:sdtContent><w:p><w:r><w:t>Controlled walrus</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p>"
    )
    note = "<w:{0} w:id='{1}' {3}><w:p><w:r><w:t>{2}</w:t></w:r></w:p></w:{0}>"
    head = "<?xml version='1.0' encoding='UTF-8'?>"
    separator = note.format("footnote", 0, "-", "w:type='separator'")
    parts = {
        "word/footnotes.xml": f"{head}<w:footnotes {W}>{separator}"
        + note.format("footnote", 2, "Measured on Torgersen", "")
        + note.format("footnote", 3, "In March", "")
        + "</w:footnotes>",
        "word/endnotes.xml": f"{head}<w:endnotes {W}>"
        + note.format("endnote", 2, "See the atlas", "")
        + "</w:endnotes>",
        "word/comments.xml": f"{head}<w:comments {W}>"
        + note.format("comment", 0, "Check this albatross", "w:author='Ada'")
        + "</w:comments>",
    }
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    kinds = ("footnotes", "endnotes", "comments")
    overrides = "".join(
        f'<Override PartName="/word/{kind}.xml" ContentType="{types}.{kind}+xml"/>'
        for kind in kinds
    )
    relations = "".join(
        f'<Relationship Id="rIdX{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>'
        for kind in kinds
    )
    return changed(
        saved(document),
        parts,
        Content_Types__xml=("</Types>", f"{overrides}</Types>"),
        word__rels_document_xml_rels=("</Relationships>", f"{relations}</Relationships>"),
        word_document_xml=("<w:t>BODY</w:t></w:r>", f"<w:t>BODY</w:t></w:r>{box}"),
    )


async def test_notes_comments_boxes_and_controls_of_word_are_read(tmp_path: Path) -> None:
    content = word_with_notes().replace(b"[Content_Types]", b"[Content_Types]")
    blocks = await read(tmp_path, "a.docx", content)
    assert labels(blocks) == {
        "Report\nBODY inserted\nBoxed penguin\nControlled walrus": "Report",
        "Measured on Torgersen": "Footnote 1",
        "In March": "Footnote 2",
        "See the atlas": "Endnote 1",
        "Ada: Check this albatross": "Comment 1",
    }


async def test_notes_of_slides_have_a_location_of_their_own(tmp_path: Path) -> None:
    from pptx import Presentation

    show = Presentation()
    for number in range(2):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = f"Slide on ducks {number}"
        slide.notes_slide.notes_text_frame.text = f"Remember the albatross {number}"
    blocks = await read(tmp_path, "a.pptx", saved(show))
    assert [(block.text, block.location.label) for block in blocks] == [
        ("Slide on ducks 0", "slide 1"),
        ("Remember the albatross 0", "slide 1, Notes"),
        ("Slide on ducks 1", "slide 2"),
        ("Remember the albatross 1", "slide 2, Notes"),
    ]


async def test_comments_and_smart_art_of_slides_are_read(tmp_path: Path) -> None:
    from pptx import Presentation

    show = Presentation()
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "Ducks"
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    parts = {
        "ppt/comments/comment1.xml": f'<p:cmLst xmlns:p="{p}"><p:cm authorId="0" idx="1"><p:text>'
        "Ask the ranger</p:text></p:cm></p:cmLst>",
        "ppt/diagrams/data1.xml": f"<x {A}><a:p><a:r><a:t>First hatch, </a:t></a:r><a:r><a:t>then fly"
        "</a:t></a:r></a:p></x>",
    }
    relations = "".join(
        f'<Relationship Id="rIdX{kind}" Type="{OFFICE}/{kind}" Target="../{target}"/>'
        for kind, target in (
            ("comments", "comments/comment1.xml"),
            ("diagramData", "diagrams/data1.xml"),
        )
    )
    content = changed(
        saved(show),
        parts,
        slides__rels_slide1_xml_rels=("</Relationships>", f"{relations}</Relationships>"),
    )
    blocks = await read(tmp_path, "a.pptx", content)
    assert labels(blocks) == {
        "Ducks\nFirst hatch, then fly": "slide 1",
        "Ask the ranger": "slide 1, Comments",
    }


async def test_comments_and_text_boxes_of_sheets_have_their_cells(tmp_path: Path) -> None:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.active.title = "Birds"
    for row in (["name", "mass"], ["duck", 1.0], ["goose", 3.5]):
        book.active.append(row)
    book.active["B3"].comment = Comment("Weighed by\nTorgersen", "Ada")
    other = book.create_sheet("Other & more")
    other["A1"] = "x"
    other["A1"].comment = Comment("An albatross", "Ada")
    blocks = await read(tmp_path, "a.xlsx", saved(book))
    assert labels(blocks) == {
        "name | mass\nduck | 1\ngoose | 3.5": "Birds!A1:B3",
        "Weighed by Torgersen": "Birds!B3:B3, Comment",
        "x": "Other & more!A1:A1",
        "An albatross": "Other & more!A1:A1, Comment",
    }
    assert answers(blocks, "albatross")[0][1].startswith("Other & more!A1:A1")
    text = FileText(blocks)
    for block in blocks:
        assert block.text in text.within(block.location)


async def test_text_boxes_and_threaded_comments_of_sheets_are_read(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "S"
    book.active["A1"] = "x"
    d = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    content = changed(
        saved(book),
        {
            "xl/drawings/drawing1.xml": f"<xdr:wsDr {d} {A}><xdr:twoCellAnchor><xdr:from><xdr:col>2"
            "</xdr:col><xdr:row>4</xdr:row></xdr:from><xdr:sp><a:p><a:r><a:t>Boxed penguin</a:t></a:r>"
            "</a:p></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>",
            "xl/threadedComments/threadedComment1.xml": "<ThreadedComments xmlns='urn:x'>"
            "<threadedComment ref='B2'><text>Why so heavy?</text></threadedComment></ThreadedComments>",
            "xl/worksheets/_rels/sheet1.xml.rels": "<Relationships "
            "xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
            f"<Relationship Id='r1' Type='{OFFICE}/drawing' Target='../drawings/drawing1.xml'/>"
            "<Relationship Id='r2' Type='http://schemas.microsoft.com/office/2017/10/relationships/"
            "threadedComment' Target='../threadedComments/threadedComment1.xml'/></Relationships>",
        },
    )
    assert labels(await read(tmp_path, "a.xlsx", content)) == {
        "x": "S!A1:A1",
        "Boxed penguin": "S!C5:C5, Text box",
        "Why so heavy?": "S!B2:B2, Comment",
    }


async def test_a_page_is_found_by_its_title(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Albatross &amp; co</title><meta name='Description' content='Seabirds'>"
        "</head><body><h1>Wings</h1><p>They are long.</p><img src='x' alt='a gliding bird'>"
        "<svg><title>Icon</title></svg></body></html>"
    )
    blocks = await read(tmp_path, "a.html", page.encode())
    for query in ("albatross", "seabirds", "gliding", "wings"):
        ((text, label),) = answers(blocks, query)
        assert text.startswith("Wings\nThey are long.") and label == "Wings"
    assert answers(blocks, "icon") == []


async def test_a_page_with_nothing_but_a_title_is_its_title(tmp_path: Path) -> None:
    blocks = await read(tmp_path, "a.html", b"<title>Albatross</title><body></body>")
    assert [block.text for block in blocks] == ["Albatross"]


@pytest.mark.parametrize("part", ["word/footnotes.xml", "word/comments.xml"])
async def test_entities_in_notes_are_not_resolved(tmp_path: Path, part: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    content = word_with_notes()
    raw = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(raw, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
                data = data.replace(b"?>", b"?>" + doctype, 1).replace(b"<w:t>", b"<w:t>&e;", 3)
            new.writestr(name, data)
    blocks = await read(tmp_path, "a.docx", raw.getvalue())
    assert not any("hunter2" in block.text for block in blocks)
