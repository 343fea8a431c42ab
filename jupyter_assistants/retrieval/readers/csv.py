"""CSV: rows, numbered as a spreadsheet does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Parsed, PartCount, Unreadable
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.tabular import rows_of
from jupyter_assistants.retrieval.readers.text import read_text


class CsvReader(Reader):
    """Tables in text."""

    extensions = (
        "csv",
        "tsv",
    )

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
        text = read_text(stream).replace("\0", "")
        csv.field_size_limit(10_000_000)
        try:
            dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
        except csv.Error:
            dialect = csv.excel
        yield PartCount(text.count("\n") + 1)
        try:
            yield from rows_of(csv.reader(io.StringIO(text, newline=""), dialect), None)
        except csv.Error as error:
            raise Unreadable("invalid_file", f"The file is no readable table: {error}.") from None
