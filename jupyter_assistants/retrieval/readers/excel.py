"""Excel workbooks, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Parsed, PartCount
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import opened, readable
from jupyter_assistants.retrieval.readers.sheet_parts import SheetParts
from jupyter_assistants.retrieval.readers.tabular import MOST_ROWS, rows_of


class ExcelReader(Reader):
    """Workbooks: the rows of every sheet, with the values of when the file was saved.

    Behind a sheet's rows come its comments and text boxes, with the cells that they belong to.
    """

    extensions = ("xlsx",)
    libraries = ("openpyxl",)

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
        import openpyxl

        with readable("xlsx", "Excel"):
            content = opened(stream, "Excel")
            book = openpyxl.load_workbook(content, read_only=True, data_only=True)
            beside = SheetParts(content)
            sizes = [min(sheet.max_row or 0, MOST_ROWS) for sheet in book.worksheets]
            if all(sizes):
                yield PartCount(sum(sizes))
            for number, sheet in enumerate(book.worksheets):
                # What the file says of its size may be a lie that fills the memory.
                sheet.reset_dimensions()
                before = sum(sizes[:number])
                yield from rows_of(sheet.iter_rows(values_only=True), str(sheet.title), before)
                yield from beside.blocks(str(sheet.title))
