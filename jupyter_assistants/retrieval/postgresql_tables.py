"""The tables of the search index in PostgreSQL, and its longer statements."""

from __future__ import annotations

PREPARE = """
CREATE TABLE IF NOT EXISTS search_texts (
    id BIGSERIAL PRIMARY KEY, key TEXT NOT NULL UNIQUE, blocks TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS search_contents (
    id BIGSERIAL PRIMARY KEY, key TEXT NOT NULL UNIQUE, text_id BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS search_contents_of_text ON search_contents (text_id);
CREATE TABLE IF NOT EXISTS search_documents (
    id BIGSERIAL PRIMARY KEY, vector_store_id TEXT NOT NULL, file_id TEXT NOT NULL,
    filename TEXT NOT NULL, attributes TEXT NOT NULL, content_id BIGINT NOT NULL,
    attempt TEXT NOT NULL DEFAULT '', UNIQUE (vector_store_id, file_id)
);
ALTER TABLE search_documents ADD COLUMN IF NOT EXISTS attempt TEXT NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS search_documents_of_content ON search_documents (content_id);
CREATE TABLE IF NOT EXISTS search_chunks (
    id BIGSERIAL PRIMARY KEY,
    content_id BIGINT NOT NULL REFERENCES search_contents ON DELETE CASCADE,
    chunk TEXT NOT NULL, head TEXT NOT NULL, text TEXT NOT NULL,
    length REAL NOT NULL DEFAULT 0, model_id BIGINT
);
CREATE INDEX IF NOT EXISTS search_chunks_of_content ON search_chunks (content_id);
CREATE INDEX IF NOT EXISTS search_chunks_by_model ON search_chunks (model_id);
CREATE TABLE IF NOT EXISTS search_postings (
    term TEXT NOT NULL,
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
    identity TEXT NOT NULL DEFAULT gen_random_uuid()::text
);
ALTER TABLE search_state
    ADD COLUMN IF NOT EXISTS identity TEXT NOT NULL DEFAULT gen_random_uuid()::text;
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

DROP = f"DROP TABLE IF EXISTS {', '.join(TABLES)}"

VACUUM = (
    "VACUUM search_texts, search_contents, search_documents, search_chunks, search_postings, "
    "search_vectors"
)

DESCRIBE = """
WITH names AS (
    SELECT string_agg(DISTINCT regexp_replace(filename, '[^[:alnum:]]+', ' ', 'g'), ' ') AS names
    FROM search_documents WHERE content_id = %(content)s
), words AS (
    SELECT search_chunks.id AS chunk_id, lexeme, 2 * cardinality(positions) AS frequency
    FROM search_chunks, names,
        LATERAL unnest(to_tsvector('english', coalesce(names, '') || ' ' || head))
    WHERE content_id = %(content)s
    UNION ALL
    SELECT id, lexeme, cardinality(positions)
    FROM search_chunks, LATERAL unnest(to_tsvector('english', text))
    WHERE content_id = %(content)s
), counted AS (
    SELECT chunk_id, lexeme, sum(frequency) AS frequency FROM words GROUP BY 1, 2
)
INSERT INTO search_postings (term, chunk_id, content_id, frequency, length)
SELECT lexeme, chunk_id, %(content)s, frequency, sum(frequency) OVER (PARTITION BY chunk_id)
FROM counted
"""
"""Counts the words of a content's chunks; those of names and headings twice."""

KEYWORD = """
WITH found AS (
    SELECT term, chunk_id, content_id, frequency, length,
        count(*) OVER (PARTITION BY term) AS having_it, avg(length) OVER () AS usual
    FROM search_postings
    WHERE term IN (SELECT lexeme FROM unnest(to_tsvector('english', %(words)s)))
        AND content_id IN (
            SELECT content_id FROM search_documents WHERE vector_store_id = ANY(%(stores)s)
        )
        AND (%(contents)s::bigint[] IS NULL OR content_id = ANY(%(contents)s::bigint[]))
), every AS (
    SELECT greatest(count(*), 1) AS chunks FROM search_chunks
)
SELECT chunk_id, content_id, sum(
    ln(1 + (greatest(chunks - having_it, 0) + 0.5) / (having_it + 0.5))
    * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length / usual))
) AS rank
FROM found, every GROUP BY chunk_id, content_id ORDER BY rank DESC, chunk_id LIMIT %(limit)s
"""
"""BM25 with k1 1.2 and b 0.75."""

SHARES = """
WITH asked AS (
    SELECT number, lexeme FROM unnest(%(words)s::text[]) WITH ORDINALITY AS each (word, number),
        LATERAL unnest(to_tsvector('english', word))
)
SELECT chunk_id, count(DISTINCT number)::float / (SELECT count(DISTINCT number) FROM asked)
FROM search_postings JOIN asked ON term = lexeme
WHERE chunk_id = ANY(%(chunks)s) GROUP BY chunk_id
"""
