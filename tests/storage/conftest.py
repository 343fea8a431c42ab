"""The kinds of storage that the contract runs over."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.sql import SqlStorage

POSTGRESQL = os.environ.get("JUPYTER_ASSISTANTS_TEST_POSTGRESQL")
SHARED = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]


@contextlib.contextmanager
def empty_database(backend: str, folder: Path) -> Iterator[str]:
    """Return the address of a database of its own for one test."""
    if backend == "sqlite":
        yield f"sqlite:///{folder}/database/assistants.sqlite"
        return
    schema = f"test_{uuid.uuid4().hex}"
    server = make_url(str(POSTGRESQL)).set(drivername="postgresql+psycopg")
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    own = server.update_query_dict({"options": f"-csearch_path={schema}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty SQLite database."""
    with empty_database("sqlite", tmp_path) as url:
        yield url


@pytest.fixture(params=SHARED)
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database that several processes can open, of each kind."""
    with empty_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def files_dir(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture(params=["memory", *SHARED])
def storage(request: pytest.FixtureRequest, tmp_path: Path, files_dir: Path) -> Iterator[Storage]:
    """Yield each kind of storage in turn."""
    with contextlib.ExitStack() as stack:
        made: Storage
        if request.param == "memory":
            made = SqlStorage.in_memory()
        else:
            made = SqlStorage(
                stack.enter_context(empty_database(request.param, tmp_path)), files_dir
            )
        stack.callback(made.close)
        yield made
