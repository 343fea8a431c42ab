"""The tables of the search index in PostgreSQL, and its longer statements."""

from __future__ import annotations

VERSION = 7
"""Of the tables and of what readers make of files. It is all derived: another version is dropped."""

PREPARE = f"""
CREATE TABLE IF NOT EXISTS search_texts (
    id BIGSERIAL PRIMARY KEY, key TEXT NOT NULL UNIQUE, blocks TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS search_contents (
    id BIGSERIAL PRIMARY KEY, key TEXT NOT NULL UNIQUE, text_id BIGINT NOT NULL,
    bytes BIGINT NOT NULL, language TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS search_contents_of_text ON search_contents (text_id);
CREATE TABLE IF NOT EXISTS search_documents (
    id BIGSERIAL PRIMARY KEY, vector_store_id TEXT NOT NULL, file_id TEXT NOT NULL,
    filename TEXT NOT NULL, attributes TEXT NOT NULL, content_id BIGINT NOT NULL,
    attempt TEXT NOT NULL, UNIQUE (vector_store_id, file_id)
);
CREATE INDEX IF NOT EXISTS search_documents_of_content ON search_documents (content_id);
CREATE TABLE IF NOT EXISTS search_chunks (
    id BIGSERIAL PRIMARY KEY,
    content_id BIGINT NOT NULL REFERENCES search_contents ON DELETE CASCADE,
    chunk TEXT NOT NULL, head TEXT NOT NULL, text TEXT NOT NULL,
    model_id BIGINT
);
CREATE INDEX IF NOT EXISTS search_chunks_of_content ON search_chunks (content_id);
CREATE INDEX IF NOT EXISTS search_chunks_by_model ON search_chunks (model_id);
CREATE TABLE IF NOT EXISTS search_postings (
    term TEXT COLLATE "C" NOT NULL,
    chunk_id BIGINT NOT NULL REFERENCES search_chunks ON DELETE CASCADE,
    content_id BIGINT NOT NULL, frequency REAL NOT NULL, length REAL NOT NULL,
    PRIMARY KEY (term, chunk_id)
);
CREATE INDEX IF NOT EXISTS search_postings_of_chunk ON search_postings (chunk_id);
CREATE TABLE IF NOT EXISTS search_models (
    id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS search_vectors (
    id BIGSERIAL PRIMARY KEY,
    chunk_id BIGINT NOT NULL REFERENCES search_chunks ON DELETE CASCADE,
    content_id BIGINT NOT NULL, model_id BIGINT NOT NULL, vector BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS search_vectors_of_chunk ON search_vectors (chunk_id);
CREATE TABLE IF NOT EXISTS search_state (
    one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    generation BIGINT NOT NULL DEFAULT 0, removed BOOLEAN NOT NULL DEFAULT false,
    identity TEXT NOT NULL DEFAULT gen_random_uuid()::text,
    version INTEGER NOT NULL DEFAULT {VERSION}
);
ALTER TABLE search_state ADD COLUMN IF NOT EXISTS version INTEGER NOT NULL DEFAULT 0;
INSERT INTO search_state DEFAULT VALUES ON CONFLICT DO NOTHING;
"""

TABLES = (
    *("search_texts", "search_contents", "search_documents", "search_chunks"),
    *("search_postings", "search_models", "search_vectors", "search_state"),
)

COUNT_TABLES = (
    f"SELECT count(*) FROM unnest('{{{','.join(TABLES)}}}'::text[]) AS name"
    " WHERE to_regclass(name) IS NOT NULL"
)

IS_OLD = f"SELECT 1 FROM search_state WHERE version <> {VERSION}"

DROP = f"DROP TABLE IF EXISTS {', '.join(TABLES)}"

VACUUM = (
    "VACUUM search_texts, search_contents, search_documents, search_chunks, search_postings, "
    "search_vectors"
)

KEYWORD = """
WITH asked AS (
    SELECT number, term COLLATE "C" AS term, last COLLATE "C" AS last
    FROM unnest(%(numbers)s::int[], %(terms)s::text[], %(last)s::text[]) AS each (number, term, last)
), posting AS (
    SELECT number, chunk_id, content_id, frequency, length
    FROM asked JOIN search_postings USING (term) WHERE term = last
    UNION ALL
    SELECT number, chunk_id, content_id, frequency, length
    FROM asked JOIN search_postings AS each ON each.term >= asked.term AND each.term <= asked.last
    WHERE asked.term < asked.last
), found AS (
    SELECT number, chunk_id, content_id, sum(frequency) AS frequency, max(length) AS length
    FROM posting
    WHERE content_id IN (
            SELECT content_id FROM search_documents WHERE vector_store_id = ANY(%(stores)s)
        )
        AND (%(contents)s::bigint[] IS NULL OR content_id = ANY(%(contents)s::bigint[]))
    GROUP BY number, chunk_id, content_id
), weighed AS (
    SELECT *, count(*) OVER (PARTITION BY number) AS having_it, avg(length) OVER () AS usual
    FROM found
), every AS (
    SELECT greatest(count(*), 1) AS chunks FROM search_chunks
)
SELECT chunk_id, content_id, sum(
    ln(1 + (greatest(chunks - having_it, 0) + 0.5::float8) / (having_it + 0.5::float8))
    * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / usual))
) AS rank
FROM weighed, every GROUP BY chunk_id, content_id ORDER BY rank DESC, chunk_id LIMIT %(limit)s
"""
"""BM25 with k1 1.2 and b 0.75. All terms of a word count as one: a stem is not rare because few texts
are in its language. Single terms and prefixes are looked up apart: of a range PostgreSQL expects thousands
of terms, and the logarithm is one of floats, because that of a numeric takes twenty times as long."""

SHARES = """
SELECT chunk_id, count(DISTINCT number)::float
FROM unnest(%(numbers)s::int[], %(terms)s::text[], %(last)s::text[]) AS asked (number, term, last)
JOIN search_postings AS posting
    ON posting.term >= asked.term COLLATE "C" AND posting.term <= asked.last COLLATE "C"
WHERE chunk_id = ANY(%(chunks)s) GROUP BY chunk_id
"""
"""How many of the words each chunk has."""
