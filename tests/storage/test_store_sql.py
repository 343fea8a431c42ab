"""What only a database has: indexes, other processes, and sudden ends."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url
from support.paths import TESTS
from support.store_samples import entry, file, message, one_of_each_kind, run

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.sql import SqlStorage

pytestmark = pytest.mark.slow


def path_of(url: str) -> str:
    return str(make_url(url).database)


def start(task: str, url: str, files_dir: Path, name: str = "-") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.store_worker", task, url, str(files_dir), name],
        cwd=TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def at_once(task: str, url: str, files_dir: Path, number: int = 3) -> list[list[str]]:
    """Return what each of so many processes printed; they begin together and end well."""
    workers = [start(task, url, files_dir, f"run_{index}") for index in range(number)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outputs = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * number, outputs
    return [output.split() for output, _ in outputs]


def test_of_many_processes_that_claim_at_once_exactly_one_wins(
    shared_url: str, files_dir: Path
) -> None:
    won = at_once("claim", shared_url, files_dir)
    assert sorted(chain.from_iterable(won)) == sorted(f"thread_{number}" for number in range(50))


def test_something_is_new_exactly_once_over_many_processes(
    shared_url: str, files_dir: Path
) -> None:
    new = at_once("once", shared_url, files_dir)
    assert sorted(chain.from_iterable(new)) == sorted(f"key_{number}" for number in range(50))


def test_of_many_processes_that_change_an_object_at_once_exactly_one_does(
    shared_url: str, files_dir: Path
) -> None:
    storage = SqlStorage(shared_url, files_dir)
    storage.save(*(entry(f"file-{number}") for number in range(50)), owner="me")
    storage.close()
    changed = at_once("replace", shared_url, files_dir)
    assert sorted(chain.from_iterable(changed)) == sorted(f"file-{number}" for number in range(50))


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_processes_that_write_at_once_wait_for_each_other(
    url: str, files_dir: Path, journal_mode: str
) -> None:
    # Made here in this mode; the workers ask for WAL and have to take turns to get there.
    SqlStorage(url, files_dir, journal_mode=journal_mode).close()
    at_once("write", url, files_dir)
    storage = SqlStorage(url, files_dir)
    found = storage.list(Message, parent="thread_1", limit=1000).data
    assert len({each.id for each in found}) == 3 * 200
    storage.close()


def test_processes_that_open_a_new_database_at_once_share_its_making(
    shared_url: str, files_dir: Path
) -> None:
    at_once("open_only", shared_url, files_dir, number=4)
    storage = SqlStorage(shared_url, files_dir)
    storage.save(*one_of_each_kind(), owner="me")
    storage.close()


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(
    url: str, files_dir: Path, journal_mode: str
) -> None:
    SqlStorage(url, files_dir, journal_mode=journal_mode).close()
    worker = start("write_for_ever", url, files_dir)
    assert worker.stdout is not None
    acknowledged = [worker.stdout.readline() for _ in range(200)]
    worker.send_signal(signal.SIGKILL)
    acknowledged += worker.stdout.readlines()
    worker.communicate()
    storage = SqlStorage(url, files_dir)
    kept = {each.id for each in storage.history("thread_1")}
    storage.close()
    lines = [line.split() for line in acknowledged if line.endswith("\n")]
    assert len(lines) >= 200
    assert set(chain.from_iterable(lines)) <= kept
    assert len(kept) % 3 == 0
    with contextlib.closing(sqlite3.connect(path_of(url))) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_was_put_is_there_after_a_restart(shared_url: str, files_dir: Path) -> None:
    storage = SqlStorage(shared_url, files_dir)
    storage.save(*one_of_each_kind(), owner="me")
    storage.acquire("thread_1", "run_1", kind="thread", process="process", seconds=60)
    storage.close()
    storage = SqlStorage(shared_url, files_dir)
    for each in one_of_each_kind():
        if each.kind not in (Message.kind, "thread.item"):
            assert storage.get(type(each), each.storage_id) == each
    assert [lease.subject for lease in storage.leases("thread")] == ["run_1"]
    storage.close()


@contextlib.contextmanager
def plans(url: str) -> Iterator[list[str]]:
    """Collect how SQLite carries out every SELECT and DELETE inside the block."""
    found: list[str] = []
    statements: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2:4])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    with contextlib.closing(sqlite3.connect(path_of(url))) as database:
        for sql, values in statements:
            if sql.split()[0] not in ("SELECT", "DELETE", "WITH"):
                continue
            for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values):
                found.append(row[3])


@pytest.mark.parametrize(
    ("kind", "filters", "index"),
    [
        (Message, {"parent": "thread_1"}, "objects_of_parent"),
        (Message, {"parent": "thread_1", "owner": "me"}, "objects_of_parent"),
        (Message, {"parent": "thread_1", "key": "run_1"}, "objects_of_parent_by_key"),
        (
            Message,
            {"parent": "thread_1", "key": "run_1", "owner": "me"},
            "objects_of_parent_by_key",
        ),
        (Run, {"parent": "thread_1", "status": "queued"}, "objects_of_parent_by_status"),
        (Run, {"owner": "me"}, "objects_of_owner"),
        (File, {"owner": "me", "key": "vision"}, "objects_of_owner_by_key"),
        (Run, {}, "objects_of_kind"),
        (Run, {"status": "queued"}, "objects_of_kind"),
    ],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("cursors", [[], ["after"], ["before"], ["after", "before"]])
def test_a_page_is_one_walk_along_one_index(
    url: str,
    files_dir: Path,
    kind: type[WireObject],
    filters: dict[str, str],
    index: str,
    order: Any,
    cursors: list[str],
) -> None:
    storage = SqlStorage(url, files_dir)
    storage.save(message(id="thread.message"), run("thread.run"), file("file"), owner="me")
    arguments: dict[str, Any] = {**filters, **dict.fromkeys(cursors, kind.kind)}
    with plans(url) as found:
        storage.list(kind, order=order, **arguments)
    storage.close()
    *places, walk = found
    assert len(places) == len(cursors)
    assert all(place.startswith("SEARCH objects USING INDEX") for place in places)
    assert walk.startswith(f"SEARCH objects USING INDEX {index} (")
    assert walk.count("seq") == len(cursors)


def test_the_history_is_a_walk_along_an_index(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    with plans(url) as found:
        storage.history("thread_1", limit=5)
    storage.close()
    walks = [line for line in found if "objects" in line]
    assert len(walks) == 2
    assert all("SEARCH objects USING INDEX objects_of_parent (" in walk for walk in walks)
    assert not any("TEMP B-TREE" in line for line in found)


def test_a_deletion_finds_what_is_below_by_an_index(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    with plans(url) as found:
        storage.delete("thread_1")
    storage.close()
    walks = [line for line in found if "objects" in line]
    assert walks
    assert all(walk.startswith("SEARCH objects USING") for walk in walks)


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_the_journal_mode_is_the_one_asked_for(
    url: str, files_dir: Path, journal_mode: str
) -> None:
    storage = SqlStorage(url, files_dir, journal_mode=journal_mode)
    with contextlib.closing(sqlite3.connect(path_of(url))) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == (journal_mode,)
    storage.close()


def test_a_journal_mode_that_risks_the_data_is_refused(url: str, files_dir: Path) -> None:
    with pytest.raises(StorageError, match="The journal mode 'off' does not keep data safe"):
        SqlStorage(url, files_dir, journal_mode="off")


def test_the_database_is_for_its_owner_alone(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    storage.save(run(), owner="me")
    path = Path(path_of(url))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert modes == dict.fromkeys([path.name, f"{path.name}-wal", f"{path.name}-shm"], 0o600)
    storage.close()
