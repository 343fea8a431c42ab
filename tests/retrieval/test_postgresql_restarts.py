"""The index in PostgreSQL when the server is restarted, or loses tables."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.service_session import bench
from support.waiting import eventually

from jupyter_assistants.retrieval.base import (
    Block,
    Chunk,
    IndexDamaged,
    IndexedDocument,
    IndexUnavailable,
)
from jupyter_assistants.retrieval.embedders.hashed import HashedEmbedder
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.ingestion import queue
from jupyter_assistants.storage.sql import SqlStorage

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not BINARIES or not os.environ.get("JUPYTER_ASSISTANTS_TEST_POSTGRESQL"),
        reason="needs PostgreSQL",
    ),
]


class Server:
    """A PostgreSQL server that the tests may stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self._run(["initdb", "-D", f"{folder}/data", "-U", "ci", "-A", "trust"])

    @property
    def url(self) -> str:
        return f"postgresql://ci@127.0.0.1:{self._port}/postgres"

    def _run(self, words: Sequence[str]) -> None:
        # PostgreSQL refuses to run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        program = str(BINARIES[-1].parent / words[0])
        done = subprocess.run(
            [*user, program, *words[1:]], cwd="/", stdout=subprocess.DEVNULL, timeout=120
        )
        assert done.returncode == 0, words

    def start(self) -> None:
        where = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off"
        options = f"{where} -c unix_socket_directories={self._folder}"
        data, log = f"{self._folder}/data", f"{self._folder}/log"
        self._run(["pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"])

    def stop(self) -> None:
        self._run(["pg_ctl", "-D", f"{self._folder}/data", "-w", "-m", "immediate", "stop"])

    def restart(self) -> None:
        self.stop()
        self.start()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Server(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def index(server: Server) -> Iterator[HybridIndex]:
    from jupyter_assistants.retrieval.postgresql import PostgresqlRows

    index = HybridIndex(PostgresqlRows(server.url), HashedEmbedder())
    yield index
    index.remove("vs_A")
    index.close()


def document(name: str, *texts: str) -> IndexedDocument:
    chunks = [Chunk(f"{name}{number}", text) for number, text in enumerate(texts)]
    return IndexedDocument("vs_A", name, f"{name}.txt", [Block(text) for text in texts], chunks)


def files(index: HybridIndex, query: str) -> list[str]:
    return [hit.file_id for hit in index.search([query], ["vs_A"], limit=10)]


def test_the_first_write_and_the_first_read_after_a_restart_succeed(
    server: Server, index: HybridIndex
) -> None:
    index.add(document("one", "ducks"))
    assert files(index, "ducks") == ["one"]
    server.restart()
    index.add(document("two", "ducks"))
    server.restart()
    assert sorted(files(index, "ducks")) == ["one", "two"]
    server.restart()
    index.embed(most=10)
    size = index.bytes_of("vs_A")
    server.restart()
    assert index.bytes_of("vs_A") == size and index.state("vs_A").embedded == 2


def test_a_transaction_that_is_cut_off_is_done_once_more_as_a_whole(
    server: Server, index: HybridIndex
) -> None:
    import psycopg

    rows = index._rows
    tried: list[int] = []

    def change(database: psycopg.Connection) -> int:
        tried.append(len(tried))
        database.execute("INSERT INTO search_models (name, dimension) VALUES ('x', 1)")
        if len(tried) == 1:
            server.restart()
        database.execute("INSERT INTO search_models (name, dimension) VALUES ('y', 1)")
        return len(tried)

    assert rows._write(change) == 2  # type: ignore[attr-defined]
    assert {"x", "y"} <= set(rows.models())


def test_while_the_server_is_away_the_error_says_so_and_goes_with_it(
    server: Server, index: HybridIndex
) -> None:
    index.add(document("one", "ducks"))
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(IndexUnavailable, match="cannot be used"):
                index.search(["ducks"], ["vs_A"], limit=1)
    finally:
        server.start()
    assert files(index, "ducks") == ["one"]


@pytest.mark.parametrize("table", ["search_documents", "search_chunks", "search_state"])
def test_missing_tables_are_made_anew(server: Server, index: HybridIndex, table: str) -> None:
    import psycopg

    index.add(document("one", "ducks"))
    before = index.generation()
    with psycopg.connect(server.url, autocommit=True) as database:
        database.execute(f"DROP TABLE {table} CASCADE")
    with pytest.raises(IndexDamaged, match="was damaged"):
        index.search(["ducks"], ["vs_A"], limit=1)
    assert files(index, "ducks") == [] and not index.generation().follows(before)
    index.add(document("one", "ducks"))
    assert files(index, "ducks") == ["one"]


def test_a_changed_text_is_damage(server: Server, index: HybridIndex) -> None:
    import psycopg

    index.add(document("one", "Zanzibar has ducks"))
    assert index.find_damage() == ""
    with psycopg.connect(server.url, autocommit=True) as database:
        database.execute("UPDATE search_chunks SET text = 'Zanzibar has drakes'")
    assert "has changed" in index.find_damage()
    assert index.documents() == []


async def test_files_attached_while_the_server_restarts_and_lost_tables_are_searchable_in_the_end(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(queue, "SWEEP_SECONDS", 0.1)
    import psycopg

    storage = SqlStorage(server.url, tmp_path / "files")
    async with bench(tmp_path, storage=storage, database_url=server.url) as b:
        first = await b.upload("a.txt", b"Zanzibar has ducks.")
        made = await b.ask("POST", "/vector_stores", file_ids=[first.id])

        async def count() -> int:
            shown = await b.ask("GET", f"/vector_stores/{made.id}")
            assert shown.file_counts.failed == 0
            return int(shown.file_counts.completed)

        async def completed(number: int) -> None:
            async def reached() -> bool:
                return await count() == number

            await eventually(reached)

        await completed(1)
        server.restart()
        second = await b.upload("b.txt", b"Iceland has ducks.")
        await b.ask("POST", f"/vector_stores/{made.id}/files", file_id=second.id)
        await completed(2)
        with psycopg.connect(server.url, autocommit=True) as database:
            database.execute("TRUNCATE search_documents, search_contents CASCADE")

        async def found() -> int:
            try:
                path = f"/vector_stores/{made.id}/search"
                return len((await b.ask("POST", path, query="ducks")).data)
            except IndexUnavailable:
                return 0

        assert await found() == 0

        async def both() -> bool:
            return await found() == 2

        await eventually(both)
