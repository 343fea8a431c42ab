"""Opening a database: migrations, and databases that cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage.sql import SqlStorage
from jupyter_assistants.storage.tables import HEAD, metadata


def path_of(url: str) -> Path:
    return Path(str(make_url(url).database))


def schema_of(path: Path) -> set[str]:
    """Return the columns of the tables, and the statements that would make the indexes again."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        found = {
            " ".join(sql.replace('"', "").split())
            for kind, _, sql in rows
            if kind == "index" and sql
        }
        for kind, name, sql in rows:
            if kind == "table" and name not in ("alembic_version", "sqlite_sequence"):
                columns = database.execute(f"PRAGMA table_info({name})").fetchall()
                found |= {f"{name} {column[1:]} {'AUTOINCREMENT' in sql}" for column in columns}
    return found


def test_the_migrations_make_the_tables_that_the_code_uses(
    url: str, files_dir: Path, tmp_path: Path
) -> None:
    SqlStorage(url, files_dir).close()
    engine = create_engine(f"sqlite:///{tmp_path}/made.sqlite")
    metadata.create_all(engine)
    engine.dispose()
    assert schema_of(path_of(url)) == schema_of(tmp_path / "made.sqlite")


def test_the_version_in_the_code_is_that_of_the_newest_migration() -> None:
    config = Config()
    folder = Path(sys.modules[SqlStorage.__module__].__file__ or "").parent / "migrations"
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_an_up_to_date_database_needs_no_alembic(url: str, files_dir: Path) -> None:
    SqlStorage(url, files_dir).close()
    code = (
        "import sys; from pathlib import Path; from jupyter_assistants.storage.sql import SqlStorage;"
        f"SqlStorage({url!r}, Path({str(files_dir)!r})).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_opening_an_up_to_date_database_is_quick(url: str, files_dir: Path) -> None:
    SqlStorage(url, files_dir).close()
    seconds = []
    for _ in range(5):
        began = time.process_time()
        storage = SqlStorage(url, files_dir)
        seconds.append(time.process_time() - began)
        storage.close()
    assert min(seconds) < 0.05


def test_opening_waits_for_a_writer_before_it_changes_the_journal(
    url: str, files_dir: Path
) -> None:
    SqlStorage(url, files_dir, journal_mode="delete").close()
    writer = sqlite3.connect(path_of(url), isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.2, writer.execute, ["COMMIT"])
    end.start()
    SqlStorage(url, files_dir, journal_mode="wal").close()
    end.join()
    writer.close()


def test_a_newer_database_is_refused_with_both_versions(url: str, files_dir: Path) -> None:
    SqlStorage(url, files_dir).close()
    with contextlib.closing(sqlite3.connect(path_of(url))) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(StorageError, match=rf"version 9999 .* up to {HEAD}.*pip install -U"):
        SqlStorage(url, files_dir)


def test_a_file_that_is_no_database_is_refused_with_its_path(url: str, files_dir: Path) -> None:
    path = path_of(url)
    path.parent.mkdir()
    path.write_bytes(b"This is not a database. " * 100)
    with pytest.raises(StorageError, match=rf"{path} cannot be used: .*not a database.*Move"):
        SqlStorage(url, files_dir)
    assert path.read_bytes() == b"This is not a database. " * 100


def test_a_folder_that_cannot_be_made_is_refused_with_its_path(
    tmp_path: Path, files_dir: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=f"Cannot write in {tmp_path}/file/sub: .*writable"):
        SqlStorage(f"sqlite:///{tmp_path}/file/sub/a.sqlite", files_dir)


def test_a_database_that_is_a_folder_is_refused(tmp_path: Path, files_dir: Path) -> None:
    with pytest.raises(StorageError, match="Is a directory"):
        SqlStorage(f"sqlite:///{tmp_path}", files_dir)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("nonsense", "is not a database address"),
        ("sqlite://", "names no file"),
        ("mysql://me@host/name", "mysql databases are not supported"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_the_setting(
    address: str, text: str, files_dir: Path
) -> None:
    with pytest.raises(StorageError, match=rf"{text}.*JupyterAssistantsApp\.database_url"):
        SqlStorage(address, files_dir)


def test_a_server_that_does_not_answer_is_named_without_its_password(files_dir: Path) -> None:
    with pytest.raises(
        StorageError, match=r"me:\*\*\*@127\.0\.0\.1:1/name cannot be used"
    ) as error:
        SqlStorage("postgresql://me:hunter2@127.0.0.1:1/name", files_dir)
    assert "hunter2" not in error.value.message


def test_a_database_that_breaks_while_in_use_is_a_store_error(
    url: str, files_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = SqlStorage(url, files_dir)
    with contextlib.closing(sqlite3.connect(path_of(url))) as database:
        database.execute("DROP TABLE objects")
    with pytest.raises(StorageError, match="its tables are not those of this version") as error:
        storage.get(Thread, "thread_1")
    # The driver's words are for the log only.
    assert "no such table" not in error.value.message
    assert "no such table: objects" in caplog.text
    storage.close()
