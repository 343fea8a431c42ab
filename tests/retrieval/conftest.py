"""The places where an index may be kept, each with everything that an index does."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.sqlite import IN_MEMORY, SqliteRows

POSTGRESQL = os.environ.get("JUPYTER_ASSISTANTS_TEST_POSTGRESQL")
BACKENDS = ["file", "memory", *(["postgresql"] if POSTGRESQL else [])]


@pytest.fixture(params=BACKENDS)
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rows]:
    """Return each kind of rows, empty."""
    if request.param != "postgresql":
        path = tmp_path / "new" / "search.db" if request.param == "file" else IN_MEMORY
        made = SqliteRows(path)
        yield made
        made.close()
        return
    import psycopg

    from jupyter_assistants.retrieval.postgresql import PostgresqlRows

    schema = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(str(POSTGRESQL), autocommit=True) as server:
        server.execute(f"CREATE SCHEMA {schema}")
        # The options of a connection string: this test's tables are in a schema of their own.
        joint = "&" if "?" in str(POSTGRESQL) else "?"
        shared = PostgresqlRows(f"{POSTGRESQL}{joint}options={quote(f'-csearch_path={schema}')}")
        yield shared
        shared.close()
        server.execute(f"DROP SCHEMA {schema} CASCADE")
