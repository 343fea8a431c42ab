"""Words in SQLite: which chunks share some with a query, by FTS5."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence

from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.base import Chunk
from jupyter_assistants.retrieval.sqlite_connections import SqliteConnections, marks
from jupyter_assistants.retrieval.sqlite_documents import scope_of
from jupyter_assistants.retrieval.sqlite_tables import SAMPLED
from jupyter_assistants.retrieval.words import QueryWord

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

_K1, _B = 1.2, 0.75
"""BM25's, as FTS5 has them."""

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

    def keyword(
        self,
        words: Sequence[QueryWord],
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
            if any(len(word.terms) > 1 for word in words):
                found = _ranked_by_words(database, words, found)
        return [rows.KeywordMatch(number, content, -rank) for number, content, rank in found]

    def shares(self, words: Sequence[QueryWord], chunks: Sequence[int]) -> Mapping[int, float]:
        """See :meth:`.rows.Rows.shares`."""
        with self._read() as database:
            found = database.execute(
                f"SELECT rowid, title, text FROM words WHERE rowid IN ({marks(chunks)})",
                tuple(chunks),
            ).fetchall()
        shares = dict.fromkeys(chunks, 0.0)
        for number, title, text in found:
            terms = frozenset(title.split()).union(text.split())
            shares[number] = sum(word.is_in(terms) for word in words) / len(words)
        return shares

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """See :meth:`.rows.Rows.chunks`."""
        with self._read() as database:
            found = database.execute(
                f"SELECT id, content_id, chunk, text FROM chunks WHERE id IN ({marks(numbers)})",
                tuple(numbers),
            ).fetchall()
            return rows.unpacked_chunks(found)


def _ranked_by_words(
    database: sqlite3.Connection,
    words: Sequence[QueryWord],
    found: Sequence[tuple[int, int, float]],
) -> list[tuple[int, int, float]]:
    """Rank matches again, with all terms of a word as one.

    FTS5 ranks each term by how rare it is. A stem of a language of which the index has few texts would
    count more than the same word in the others.
    """
    texts = database.execute(
        f"SELECT rowid, title, text FROM words WHERE rowid IN ({marks(found)})",
        tuple(number for number, _, _ in found),
    ).fetchall()
    lengths = {number: title.count(" ") + text.count(" ") + 2 for number, title, text in texts}
    usual = sum(lengths.values()) / max(1, len(lengths))
    (chunks,) = database.execute("SELECT count(*) FROM sample_docsize").fetchone()
    table, step = ("sample", SAMPLED) if chunks * SAMPLED > SMALL else ("words", 1)
    if step == 1:
        (chunks,) = database.execute("SELECT count(*) FROM words_docsize").fetchone()
    ranks = dict.fromkeys(lengths, 0.0)
    terms = {number: (title.split(), text.split()) for number, title, text in texts}
    for word in words:
        having = _count(database, word, table)
        rareness = math.log(1 + (max(chunks - having, 0) + 0.5) / (having + 0.5))
        for number, (title, text) in terms.items():
            frequency = TITLE_WEIGHT * word.count_in(title) + word.count_in(text)
            length = _K1 * (1 - _B + _B * lengths[number] / usual)
            ranks[number] += rareness * frequency * (_K1 + 1) / (frequency + length)
    contents = {number: content for number, content, _ in found if number in ranks}
    best = sorted(contents, key=lambda number: (-ranks[number], number))
    # As FTS5 has it, a lower rank is better.
    return [(number, contents[number], -ranks[number]) for number in best]


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


def _match_expression(database: sqlite3.Connection, words: Sequence[QueryWord]) -> str:
    """Return the query for the words, without ranking every chunk that has a frequent one.

    Chunks with the rarest words are ranked. Frequent words count where they stand beside these;
    what more than half of the chunks have counts for nothing in BM25, and is left out of large
    indexes. In small ones that would save nothing, and the sample is too small to say so.
    """
    (sampled,) = database.execute("SELECT count(*) FROM sample_docsize").fetchone()
    half = sampled * SAMPLED / 2 if sampled * SAMPLED > SMALL else math.inf
    counted = sorted(
        (_count(database, word, "sample") * SAMPLED, word.terms, word) for word in words
    )
    rare: list[QueryWord] = []
    ranked = skimmed = 0
    beside: list[QueryWord] = []
    for count, _, word in counted:
        if not rare or ranked + count <= RANKED:
            rare.append(word)
            ranked += count
        elif count < half and skimmed + count <= SKIMMED:
            beside.append(word)
            skimmed += count
    if not beside:
        return _joined_by_or(rare)
    return f"({_joined_by_or(rare)}) OR (({_joined_by_or(rare)}) AND ({_joined_by_or(beside)}))"


def _count(database: sqlite3.Connection, word: QueryWord, table: str) -> int:
    (count,) = database.execute(
        f"SELECT count(*) FROM {table} WHERE {table} MATCH ?",
        (f"{{title text}} : ({_joined_by_or([word])})",),
    ).fetchone()
    return int(count)


def _joined_by_or(words: Sequence[QueryWord]) -> str:
    prefix = {True: " *", False: ""}
    return " OR ".join(f'"{term}"{prefix[word.is_prefix]}' for word in words for term in word.terms)
