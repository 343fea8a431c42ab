"""Words in SQLite: which chunks share some with a query, by FTS5."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.base import Chunk
from jupyter_assistants.retrieval.sqlite_connections import SqliteConnections, marks
from jupyter_assistants.retrieval.sqlite_documents import scope_of
from jupyter_assistants.retrieval.sqlite_tables import IN_MEMORY, SAMPLED, TOKENS, LockedConnection

TITLE_WEIGHT = 2.0
"""How much more a word counts in the file's name and the headings above a chunk."""
RANKED = 5000
"""About so many chunks are ranked for one query: those with its rarest words."""
SKIMMED = 150_000
"""With more frequent words, so many more places are looked at, where they stand beside rare ones."""
SMALL = 20_000
"""Up to so many chunks every word counts."""
MOST_RANKED = 20_000
"""More are never ranked, however frequent the rarest word is: of equals, the first ones."""

# Ranks come first and rows are looked up for the best: a look-up costs as much as a rank.
_KEYWORD = """
SELECT number, content_id, rank FROM (
    SELECT number, rank FROM (
        SELECT rowid AS number, bm25(words, 0.0, ?, 1.0) AS rank
        FROM words WHERE words MATCH ?{only} LIMIT ?
    ) ORDER BY rank LIMIT ?
) JOIN chunks ON chunks.id = number ORDER BY rank
"""
_ONLY = """
AND +rowid IN (SELECT id FROM chunks WHERE content_id IN (SELECT value FROM json_each(?)))
"""


class SqliteWords(SqliteConnections):
    """The part of the index in SQLite that searches by words."""

    def __init__(self, path: Path | str, *, journal_mode: str = "wal") -> None:
        super().__init__(path, journal_mode=journal_mode)
        self._few = LockedConnection(IN_MEMORY)
        self._few.database.execute(f"CREATE VIRTUAL TABLE few USING fts5 (title, text, {TOKENS})")

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        super().close()
        with self._few.lock:
            self._few.database.close()

    def keyword(
        self,
        words: Sequence[str],
        vector_store_ids: Sequence[str],
        contents: rows.Numbers | None,
        limit: int,
    ) -> Sequence[rows.KeywordMatch]:
        """See :meth:`.rows.Rows.keyword`."""
        scope = " OR ".join(sorted({scope_of(each) for each in vector_store_ids}))
        only, values = "", []
        if contents is not None:
            only, values = _ONLY, [json.dumps(contents.tolist())]
        with self._read() as database:
            wanted = f"{{title text}} : ({_match_expression(database, words)})"
            if not _is_only_store(database, vector_store_ids):
                wanted = f"{{scope}} : ({scope}) AND {wanted}"
            found = database.execute(
                _KEYWORD.format(only=only), (TITLE_WEIGHT, wanted, *values, MOST_RANKED, limit)
            ).fetchall()
        return [rows.KeywordMatch(number, content, -rank) for number, content, rank in found]

    def shares(self, words: Sequence[str], chunks: Sequence[int]) -> Mapping[int, float]:
        """See :meth:`.rows.Rows.shares`."""
        found = dict.fromkeys(chunks, 0)
        with self._read() as database:
            texts = database.execute(
                f"SELECT rowid, title, text FROM words WHERE rowid IN ({marks(chunks)})",
                tuple(chunks),
            ).fetchall()
        # Among a few texts a word is found at once; among all of them, each text costs a search.
        with self._few.lock:
            few = self._few.database
            few.execute("BEGIN")
            try:
                few.executemany("INSERT INTO few (rowid, title, text) VALUES (?, ?, ?)", texts)
                for word in words:
                    for (number,) in few.execute(
                        "SELECT rowid FROM few(?)", (_joined_by_or([word]),)
                    ):
                        found[number] += 1
            finally:
                few.execute("ROLLBACK")
        return {number: count / len(words) for number, count in found.items()}

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """See :meth:`.rows.Rows.chunks`."""
        with self._read() as database:
            found = database.execute(
                "SELECT chunks.id, content_id, chunk, text FROM chunks"
                f" JOIN words ON words.rowid = chunks.id WHERE chunks.id IN ({marks(numbers)})",
                tuple(numbers),
            ).fetchall()
            return rows.unpacked_chunks(found)


def _is_only_store(database: sqlite3.Connection, vector_store_ids: Sequence[str]) -> bool:
    """Return whether there is one vector store and it is searched: then no word has to narrow it."""
    if len(vector_store_ids) != 1:
        return False
    other = database.execute(
        "SELECT 1 FROM documents WHERE vector_store_id < ?1"
        " UNION ALL SELECT 1 FROM documents WHERE vector_store_id > ?1 LIMIT 1",
        tuple(vector_store_ids),
    ).fetchone()
    return other is None


def _match_expression(database: sqlite3.Connection, words: Sequence[str]) -> str:
    """Return the query for the words, without ranking every chunk that has a frequent one.

    Chunks with the rarest words are ranked. Frequent words count where they stand beside these;
    what more than half of the chunks have counts for nothing in BM25, and is left out of large
    indexes. In small ones that would save nothing, and the sample is too small to say so.
    """
    (sampled,) = database.execute("SELECT count(*) FROM sample_docsize").fetchone()
    half = sampled * SAMPLED / 2 if sampled * SAMPLED > SMALL else math.inf
    counted = sorted((_count_in_sample(database, word) * SAMPLED, word) for word in words)
    rare: list[str] = []
    ranked = skimmed = 0
    beside: list[str] = []
    for count, word in counted:
        if not rare or ranked + count <= RANKED:
            rare.append(word)
            ranked += count
        elif count < half and skimmed + count <= SKIMMED:
            beside.append(word)
            skimmed += count
    if not beside:
        return _joined_by_or(rare)
    return f"({_joined_by_or(rare)}) OR (({_joined_by_or(rare)}) AND ({_joined_by_or(beside)}))"


def _count_in_sample(database: sqlite3.Connection, word: str) -> int:
    (count,) = database.execute(
        "SELECT count(*) FROM sample WHERE sample MATCH ?", (_joined_by_or([word]),)
    ).fetchone()
    return int(count)


def _joined_by_or(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)
