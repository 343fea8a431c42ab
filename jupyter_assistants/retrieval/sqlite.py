"""Texts, chunks and vectors in SQLite, with FTS5 for the words.

It is a database of its own beside that of the objects; docs/file-search.md says why.
"""

from __future__ import annotations

from jupyter_assistants.retrieval.sqlite_documents import SqliteDocuments
from jupyter_assistants.retrieval.sqlite_tables import IN_MEMORY
from jupyter_assistants.retrieval.sqlite_vectors import SqliteVectors
from jupyter_assistants.retrieval.sqlite_words import SqliteWords

__all__ = ["IN_MEMORY", "SqliteRows"]


class SqliteRows(SqliteDocuments, SqliteWords, SqliteVectors):
    """See :class:`.rows.Rows`; each subject has a file of its own."""
