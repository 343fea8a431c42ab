"""Some 250 broken and hostile files, made from good ones and from nothing."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from support.paths import DOCUMENTS

CANARY = "canary-7f3a91"
MEGABYTE = 1024 * 1024

Case = tuple[str, str, bytes]
"""What is wrong, the file's name, its content."""


def cases(folder: Path) -> Iterator[Case]:
    """Yield every file.

    Parameters
    ----------
    folder
        Where a secret lies that external entities point to.
    """
    (folder / "secret.txt").write_text(CANARY)
    good = seeds()
    for extension, content in good.items():
        yield from mutations(extension, content)
        yield from ((f"{extension} as {other}", f"a.{other}", content) for other in OTHERS)
    yield from zips(good, f"file://{folder}/secret.txt")
    yield from pdfs()
    yield from texts()
    yield from old_word(good["doc"])


OTHERS = ("pdf", "docx", "xlsx", "pptx", "ipynb", "parquet")


def seeds() -> dict[str, bytes]:
    """Return a good file of each type."""
    import openpyxl
    import pyarrow
    from pyarrow import parquet

    book = openpyxl.Workbook()
    for number in range(50):
        book.active.append([number, f"duck {number}", number / 3])
    sheet, table = io.BytesIO(), io.BytesIO()
    book.save(sheet)
    parquet.write_table(pyarrow.table({"n": list(range(50)), "s": ["duck"] * 50}), table)
    cells = [{"cell_type": "code", "source": "1 + 1", "outputs": []}] * 5
    return {
        "pdf": (DOCUMENTS / "four_pages.pdf").read_bytes(),
        "docx": (DOCUMENTS / "rich_cells.docx").read_bytes(),
        "doc": (DOCUMENTS / "rich_cells.doc").read_bytes(),
        "pptx": (DOCUMENTS / "powerpoint_sample.pptx").read_bytes(),
        "xlsx": sheet.getvalue(),
        "parquet": table.getvalue(),
        "ipynb": json.dumps({"cells": cells, "nbformat": 4}).encode(),
        "html": b"<html><body><h1>Ducks</h1><p>They &amp; swim</p></body></html>" * 20,
        "md": b"# Ducks\n\nThey swim.\n\n```\ncode\n```\n" * 20,
        "csv": b'name,mass\nduck,"1,0"\ngoose,2\n' * 20,
    }


def mutations(extension: str, content: bytes) -> Iterator[Case]:
    """Yield the content cut short, with wrong bits, with holes."""
    name = f"a.{extension}"
    for share in (0.0, 0.001, 0.1, 0.5, 0.9, 0.999):
        yield f"{extension} cut at {share}", name, content[: int(len(content) * share)]
    for seed in range(6):
        yield f"{extension} with flipped bits {seed}", name, flipped(content, seed)
    third = len(content) // 3
    yield f"{extension} with a hole", name, content[:third] + bytes(third) + content[2 * third :]
    yield f"{extension} without a middle", name, content[:third] + content[2 * third :]
    yield f"{extension} twice", name, content * 2
    yield f"{extension} with a lead", name, b"\x00" * 100 + content
    yield f"{extension} backwards", name, content[::-1]


def flipped(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    raw = bytearray(content)
    for _ in range(max(1, len(raw) // 200) if seed % 2 else 3):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw)


# -- Word of before 2007 ------------------------------------------------------------------------


def old_word(content: bytes) -> Iterator[Case]:
    """Yield hostile Word files of before 2007: heads and piece tables that lie."""
    import olefile

    def changed(what: str, stream: str, at: int, value: int) -> Case:
        raw = io.BytesIO(content)
        with olefile.OleFileIO(raw, write_mode=True) as container:
            inside = bytearray(container.openstream(stream).read())
            struct.pack_into("<I", inside, at, value)
            container.write_stream(stream, bytes(inside))
        return f"doc: {what}", "a.doc", raw.getvalue()

    with olefile.OleFileIO(io.BytesIO(content)) as container:
        head = container.openstream("WordDocument").read()
    pieces = struct.unpack_from("<I", head, 154 + 8 * 33)[0]
    yield changed("a password", "WordDocument", 10, 0x01000300)
    yield changed("pieces that are nowhere", "WordDocument", 154 + 8 * 33, 2**32 - 1)
    yield changed("pieces of no size", "WordDocument", 154 + 8 * 33 + 4, 0)
    yield changed("a head without an end", "WordDocument", 62, 2**32 - 1)
    yield changed("more text than bytes", "1Table", pieces + 9, 2**31)
    yield changed("a million pieces", "1Table", pieces + 1, 12_000_004)
    yield changed("pieces that run backwards", "1Table", pieces + 9, 0)
    yield changed("a piece that is nowhere", "1Table", pieces + 15, 0x3FFFFFFF)
    loop = bytearray(content)
    # The chain of the file's own table of sectors leads back to its beginning.
    loop[512 : 512 + 400] = struct.pack("<I", 0) * 100
    yield "doc: sectors that run in a circle", "a.doc", bytes(loop)
    large = bytearray(content)
    for at in range(len(large) - 128):
        if large[at : at + 24] == "WordDocument".encode("utf-16-le"):
            struct.pack_into("<Q", large, at + 120, 2**31 - 1)
    yield "doc: a stream that says it is large", "a.doc", bytes(large)


# -- office -------------------------------------------------------------------------------------


def repacked(content: bytes, **changed: bytes) -> bytes:
    """Return a ZIP file with other content of some parts; ``__`` stands for ``/``."""
    parts = {name.replace("__", "/").replace("_xml", ".xml"): raw for name, raw in changed.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for info in old.infolist():
            if info.filename not in parts:
                new.writestr(info.filename, old.read(info))
        for name, raw in parts.items():
            new.writestr(name, raw)
    return target.getvalue()


def lying(content: bytes, offset: int, value: int) -> bytes:
    """Return a ZIP file whose directory says something else of its first part."""
    raw = bytearray(content)
    at = raw.index(b"PK\x01\x02") + offset
    raw[at : at + 4] = struct.pack("<I", value)
    return bytes(raw)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def sheet(rows: str, head: str = "", dimension: str = "A1:B2") -> bytes:
    text = f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>{rows}'
    return f"{head}{text}</sheetData></worksheet>".encode()


def word(body: str, head: str = "") -> bytes:
    return f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'.encode()


def inline(text: str, cell: str = "A1") -> str:
    row = "".join(filter(str.isdigit, cell))
    return f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def zips(good: dict[str, bytes], secret: str) -> Iterator[Case]:
    """Yield hostile files of office programs."""
    bomb = packed({"bomb.xml": bytes(600 * MEGABYTE)}, level=1)
    for extension in ("docx", "pptx", "xlsx"):
        name, content = f"a.{extension}", good[extension]
        yield f"{extension} that is a bomb", name, bomb
        yield (
            f"{extension} of too many parts",
            name,
            packed(dict.fromkeys(map(str, range(10_500)), b"")),
        )
        yield f"{extension} that says it is large", name, lying(content, 24, 2**32 - 2)
        yield f"{extension} that says it is small", name, lying(content, 24, 1)
        yield f"{extension} that says it is elsewhere", name, lying(content, 42, 2**31)
        yield f"{extension} with a password", name, lying(content, 8, 0x00080001)
        yield f"{extension} of before 2007", name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + content
        yield f"{extension} that climbs out", name, packed({"../../../tmp/out.xml": b"x"})
        yield f"{extension} without its parts", name, packed({"[Content_Types].xml": b"<Types/>"})
        yield f"{extension} with broken parts", name, packed({"[Content_Types].xml": b"<Types"})
        macro = repacked(content, word__vbaProject=b"Sub AutoOpen()")
        yield f"{extension} with a macro", name, macro
    entity = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "{secret}">]>'
    remote = '<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">'
    text = "<w:p><w:r><w:t>%s</w:t></w:r></w:p>"
    for what, document in {
        "laughs": word(text % "&a11;", LAUGHS),
        "an external entity": word(text % "&x;", entity),
        "a remote document type": word(text % "duck", remote),
        "a deep tree": word("<w:sdt>" * 200_000),
        "deep tables": word("<w:tbl><w:tr><w:tc>" * 20_000 + "</w:tc></w:tr></w:tbl>" * 20_000),
        "a huge paragraph": word(text % ("duck " * 4_000_000)),
        "many paragraphs": word(text % "duck" * 5_000),
        "a huge attribute": word(f'<w:p w:x="{"x" * 20_000_000}"/>'),
    }.items():
        yield f"docx with {what}", "a.docx", repacked(good["docx"], word__document_xml=document)
    for what, rows in {
        "laughs": sheet(inline("&a11;"), LAUGHS),
        "an external entity": sheet(inline("&x;"), entity),
        "a lie about its size": sheet(inline("duck"), dimension="A1:XFD1048576"),
        "a row far away": sheet(inline("duck", "A1048576")),
        "a row out of this world": sheet(inline("duck", "A2147483647")),
        "a column out of this world": sheet(inline("duck", "ZZZZZZ1")),
        "a huge cell": sheet(inline("duck" * 10_000_000)),
        "a wrong type": sheet('<row r="1"><c r="A1" t="n"><v>duck</v></c></row>'),
        "a wrong string": sheet('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'),
    }.items():
        changed = repacked(good["xlsx"], xl__worksheets__sheet1_xml=rows)
        yield f"xlsx with {what}", "a.xlsx", changed


def packed(parts: dict[str, bytes], level: int = 6) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new:
        for name, raw in parts.items():
            new.writestr(name, raw)
    return target.getvalue()


# -- PDF ----------------------------------------------------------------------------------------


def pdf(*objects: bytes) -> bytes:
    """Return a PDF of these objects; the first one is its catalogue."""
    raw = b"%PDF-1.7\n"
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(raw)
    size = len(objects) + 1
    raw += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return raw + b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


CATALOGUE = b"<</Type /Catalog /Pages 2 0 R>>"
ONE_PAGE = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
PAGE = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R>>"


def pdfs() -> Iterator[Case]:
    """Yield hostile PDFs."""
    pages = b"<</Type /Pages /Kids [3 0 R] /Count 2147483647>>"
    flate = b"/Filter /FlateDecode"
    zeros = zlib.compress(bytes(300 * MEGABYTE), 1)
    twice = zlib.compress(zlib.compress(bytes(100 * MEGABYTE), 1), 9)
    nested = b"[" * 100_000
    for what, raw in {
        "without end": pdf(CATALOGUE, pages, PAGE, stream(b"")),
        "with pages in a circle": pdf(CATALOGUE, b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 9>>"),
        "with a negative count": pdf(CATALOGUE, b"<</Type /Pages /Kids [] /Count -5>>"),
        "without pages": pdf(CATALOGUE),
        "that is a bomb": pdf(CATALOGUE, ONE_PAGE, PAGE, stream(zeros, flate)),
        "that is a bomb twice": pdf(
            CATALOGUE, ONE_PAGE, PAGE, stream(twice, b"/Filter [/FlateDecode /FlateDecode]")
        ),
        "with many filters": pdf(
            CATALOGUE, ONE_PAGE, PAGE, stream(b"x", b"/Filter [" + b"/A85 " * 50_000 + b"]")
        ),
        "with a giant page": pdf(
            CATALOGUE, ONE_PAGE, PAGE.replace(b"200 200", b"9e37 9e37"), stream(b"")
        ),
        "with a stream in a circle": pdf(CATALOGUE, ONE_PAGE, PAGE.replace(b"4 0 R", b"3 0 R")),
        "with endless brackets": pdf(CATALOGUE, ONE_PAGE, PAGE, stream(nested)),
        "with endless brackets as its pages": pdf(CATALOGUE, nested),
        "with a wrong length": pdf(CATALOGUE, ONE_PAGE, PAGE, b"<</Length 999999999>>stream\n"),
        "with a script": pdf(
            b"<</Type /Catalog /Pages 2 0 R /OpenAction <</S /JavaScript /JS (while(1);)>>>>",
            ONE_PAGE,
            PAGE,
            stream(b""),
        ),
        "that is a scan": pdf(CATALOGUE, ONE_PAGE, PAGE, stream(b"0 0 100 100 re f")),
        "with a wrong table": pdf(CATALOGUE, ONE_PAGE, PAGE, stream(b"")).replace(b"0000", b"9999"),
    }.items():
        yield f"pdf {what}", "a.pdf", raw
    yield "pdf with a password", "a.pdf", (DOCUMENTS / "password.pdf").read_bytes()


# -- text ---------------------------------------------------------------------------------------


def texts() -> Iterator[Case]:
    """Yield hostile text, HTML, tables and notebooks."""
    million = 1_000_000
    for what, name, raw in (
        ("deep html", "html", b"<div>" * 50_000),
        ("html of open tags", "html", b"<a " * 300_000),
        ("html of open comments", "html", b"<!--" * 300_000),
        ("html of open attributes", "html", b'<a b="' * 300_000),
        ("html of ampersands", "html", b"&" * million),
        ("html of open scripts", "html", b"<script>" * 300_000),
        ("html of declarations", "html", b"<![" * 300_000),
        (
            "html with an entity",
            "html",
            b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
        ),
        ("headings without end", "md", b"#" * million),
        ("a heading of spaces", "md", b"# " + b" " * million + b"x"),
        ("many headings", "md", b"###### a\n# b\n" * 5_000),
        ("fences", "md", b"```\n~~~\n" * 100_000),
        ("an open quote", "csv", b'a,"' + b"b,\n" * million),
        ("a huge field", "csv", b"a," + b"b" * (20 * million)),
        ("many columns", "csv", b"a," * (2 * million)),
        ("many rows", "csv", b"a\n" * 1_100_000),
        ("nulls", "csv", b"a,\0b\n" * 1000),
        ("no table", "csv", bytes(range(256)) * 100),
        ("a deep notebook", "ipynb", b"[" * million),
        ("a deep dictionary", "ipynb", b'{"cells":' * 200_000),
        ("a notebook of wrong types", "ipynb", b'{"cells": [1, null, {"source": {"a": 1}}]}'),
        ("a notebook without cells", "ipynb", b"{}"),
        ("a notebook of one number", "ipynb", b"9" * million),
        ("an endless number", "ipynb", b'{"cells": [{"source": ' + b"9" * 100_000 + b"}]}"),
        ("a huge output", "ipynb", notebook("x" * (30 * million))),
        ("one endless word", "txt", b"a" * (10 * million)),
        ("empty lines", "txt", b"\n" * (10 * million)),
        ("too much text", "txt", b"duck\n" * (14 * million)),
        ("half a UTF-16", "txt", b"\xff\xfea\x00b"),
        ("half a character", "txt", b"duck \xe2\x82"),
        ("code that is a picture", "py", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
        (
            "a footer that lies",
            "parquet",
            b"PAR1" + b"x" * 100 + struct.pack("<I", 2**31) + b"PAR1",
        ),
        ("a footer of zeros", "parquet", b"PAR1" + bytes(1000) + struct.pack("<I", 900) + b"PAR1"),
        ("an encrypted footer", "parquet", b"PARE" + bytes(100) + struct.pack("<I", 90) + b"PARE"),
    ):
        yield f"{name}: {what}", f"a.{name}", raw


def notebook(text: str) -> bytes:
    output = {"output_type": "stream", "text": text}
    cell = {"cell_type": "code", "source": "print(x)", "outputs": [output]}
    return json.dumps({"cells": [cell]}).encode()
