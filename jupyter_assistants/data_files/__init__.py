"""Data files: which pandas call reads one, and what its reader should know.

The decision is made from a bounded beginning of the file, in time that is linear in it, and without
pandas. The demo model, which has a kernel run the call, and the preview of files share it.
"""

from jupyter_assistants.data_files.description import describe
from jupyter_assistants.data_files.first_rows import FirstRows, first_rows_of, has_first_rows
from jupyter_assistants.data_files.formats import FileFormat, format_of
from jupyter_assistants.data_files.pandas_call import Reading

__all__ = [
    "FileFormat",
    "FirstRows",
    "Reading",
    "describe",
    "first_rows_of",
    "format_of",
    "has_first_rows",
]
