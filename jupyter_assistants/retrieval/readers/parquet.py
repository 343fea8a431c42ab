"""Parquet: the schema and the first rows. The rest is data to compute with, not to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.tabular import rows_of

SAMPLE_ROWS = 20
_MOST_COLUMNS = 500
_MOST_GROUP_BYTES = 256 * 1024 * 1024


class ParquetReader(Reader):
    """Parquet tables: the number of rows, the columns with their types, and some rows."""

    extensions = ("parquet",)

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
        try:
            import pyarrow
            from pyarrow import parquet as format
        except ImportError:
            message = (
                "Parquet files need pyarrow, which is not installed. "
                "Run `pip install 'jupyter-assistants[parquet]'`."
            )
            raise Unreadable("unsupported_file", message) from None
        pyarrow.set_cpu_count(1)
        pyarrow.set_io_thread_count(1)
        try:
            file = format.ParquetFile(stream, memory_map=False, pre_buffer=False)
            schema = file.schema_arrow
            lines = [f"{file.metadata.num_rows:,} rows, {len(schema):,} columns"]
            lines += [f"{field.name}: {field.type}" for field in list(schema)[:_MOST_COLUMNS]]
            yield Block("\n".join(lines), Location(headings=("Schema",)))
            yield from _sample(file)
        except (pyarrow.ArrowException, OSError, ValueError, EOFError) as error:
            if "ncrypt" in str(error):
                message = "The Parquet file is encrypted. Save it anew without encryption."
                raise Unreadable("unsupported_file", message) from None
            raise Unreadable("invalid_file", "The file is no readable Parquet file.") from None


def _sample(file: object) -> Iterator[Parsed]:
    data: object = file
    groups = data.metadata.num_row_groups  # type: ignore[attr-defined]
    if not groups or data.metadata.row_group(0).total_byte_size > _MOST_GROUP_BYTES:  # type: ignore[attr-defined]
        # To see twenty rows, a whole group would be unpacked.
        return
    names = list(data.schema_arrow.names)[:_MOST_COLUMNS]  # type: ignore[attr-defined]
    for batch in data.iter_batches(SAMPLE_ROWS, row_groups=[0], use_threads=False):  # type: ignore[attr-defined]
        rows = [[row.get(name) for name in names] for row in batch.to_pylist()]
        yield from rows_of([names, *rows], None)
        return
